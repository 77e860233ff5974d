"""Invoices of the demo's libraries, for a first look."""

from datetime import datetime


def load(now: datetime) -> None:
    """Once: what is there stays."""
