from illdesk.bench import register
from requests_app.bench import messages, perform, queue

register(queue.BENCH)
register(messages.BENCH)
register(perform.BENCH)
