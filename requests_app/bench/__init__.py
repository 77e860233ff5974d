from illdesk.bench import register
from requests_app.bench import messages, queue

register(queue.BENCH)
register(messages.BENCH)
