"""Questions one app asks another without importing it: whoever knows an answer adds a callable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Place:
    """One place of the staff top bar. `more`: stands behind More on wide screens too."""

    label: str
    url: str
    count: int | None = None
    current: bool = False
    more: bool = False


# In the order of the bar; a callable answers None to who may not go there.
PLACES: list[Callable[[HttpRequest], Place | None]] = []
