"""Amounts within sentences, letters and papers. Pure."""

from decimal import Decimal


def figures(amount: Decimal) -> str:
    """'1,214.00', '−4.00': as people read it. The minus is the one that pages have (the filter `amount`); files for
    programs write a hyphen."""
    return f"{amount + 0:,.2f}".replace("-", "\N{MINUS SIGN}")  # of "-0.00" no sign is left
