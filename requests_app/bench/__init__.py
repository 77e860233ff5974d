from illdesk.bench import register
from requests_app.bench import queue

register(queue.BENCH)
