"""Steps for which other systems are asked before anything is written: action -> function(ill, now=…) -> answers.

"Ask before, tell after, never during": whoever takes such a step calls this while no transaction is open.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from requests_app.models import ILLRequest
from requests_app.verification import verify

ASK_FIRST: dict[str, Callable[..., dict[str, Any]]] = {"check": verify.answers_for}


def answers(ill: ILLRequest, action: str, *, now: datetime, fresh: bool = True) -> dict[str, Any]:
    """`fresh`: not content with what was answered to somebody else lately."""
    return ASK_FIRST[action](ill, now=now, fresh=fresh) if action in ASK_FIRST else {}
