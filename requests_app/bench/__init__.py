from illdesk.bench import register
from requests_app.bench import copyright, holdings, messages, perform, queue, verification

register(queue.BENCH)
register(messages.BENCH)
register(perform.BENCH)
register(holdings.BENCH)
register(verification.BENCH)
register(copyright.BENCH)
