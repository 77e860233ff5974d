from billing.bench import invoices
from illdesk.bench import register

register(invoices.BENCH)
