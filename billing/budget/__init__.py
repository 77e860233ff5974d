"""Funds, the budget of each for a fiscal year, and what is committed and spent of it."""
