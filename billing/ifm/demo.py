"""A month of fee management with lines of every kind, for a first look."""

from datetime import datetime


def load(now: datetime) -> None:
    """Once: what is there stays."""
