"""Several calls to other people's servers at once, with one end for all of them."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeVar

from django.utils import translation

from illdesk import outside
from illdesk.errors import AdapterError

T = TypeVar("T")


def answers(calls: Sequence[Callable[[], T]], *, seconds: float) -> Iterator[T | AdapterError]:
    """What each returned, or the AdapterError it raised, in the order of `calls`; what else it raises is raised here.

    After `seconds` in all nobody is waited for any longer, whatever holds a call up: to look up a name may take
    longer than any time limit of its own. Each call runs in a thread, so it must not touch the database.
    """
    until = time.monotonic() + seconds
    language = translation.get_language() or "en"
    waiting: list[Future[T]] = []
    for call in calls:
        waiting.append(Future())
        threading.Thread(target=_run, args=(call, waiting[-1], language), daemon=True).start()
    for one in waiting:
        try:
            yield one.result(timeout=max(until - time.monotonic(), 0))
        except AdapterError as failure:
            yield failure
        except TimeoutError:
            yield outside.too_late(seconds)


def _run(call: Callable[[], T], future: Future[T], language: str) -> None:
    try:
        with translation.override(language):
            future.set_result(call())
    except BaseException as failure:
        future.set_exception(failure)
