"""Approved invoices on their way to the budget office: batches of any kind of payable, paid or sent back by line."""
