"""Placeholder until the pages are there."""


def load(now) -> None:
    return None
