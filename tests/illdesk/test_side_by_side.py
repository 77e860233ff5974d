"""Several calls at once: in their order, none longer than all, each in the reader's language."""

import threading
import time

import pytest
from django.utils import translation

from illdesk import outside, side_by_side
from illdesk.errors import AdapterError

pytestmark = pytest.mark.nodb


def test_answers_come_in_the_order_of_the_calls_and_at_once():
    began = time.monotonic()
    calls = [lambda wait=wait: time.sleep(wait) or wait for wait in (0.6, 0.4, 0.2)]
    assert list(side_by_side.answers(calls, seconds=5)) == [0.6, 0.4, 0.2]
    assert time.monotonic() - began < 1.15
    assert list(side_by_side.answers([], seconds=5)) == []


def test_who_hangs_is_too_late_and_the_others_are_heard():
    over = threading.Event()
    began = time.monotonic()
    late, early = side_by_side.answers([lambda: over.wait(20), lambda: "here"], seconds=0.3)
    assert time.monotonic() - began < 5 and early == "here"
    assert isinstance(late, AdapterError) and "No answer within 0.3 seconds" in str(late)
    over.set()


def test_a_failure_is_said_in_the_readers_language():
    def fails():
        raise outside.too_late(7)

    with translation.override("es"):
        (failure,) = side_by_side.answers([fails], seconds=5)
        assert isinstance(failure, AdapterError) and str(failure) == str(outside.too_late(7))
    assert str(failure) != "No answer within 7 seconds."
    with pytest.raises(ZeroDivisionError):
        list(side_by_side.answers([lambda: 1 / 0], seconds=5))
