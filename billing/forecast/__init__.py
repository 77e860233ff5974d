"""The fiscal year against its budget: what was spent, what is open, and what it will probably come to."""
