"""Batches: approved invoices handed to Library Planning and Budget together, paid there or sent back."""
