"""Killed for real: whatever dies in the middle of money, afterwards all of it happened or nothing.

A process of its own enters random charges, payments, waivers, reversals, and invoices, payments and credit notes of
libraries in two currencies. It is killed by SIGKILL again and again: at a moment of the clock, or before one of its
statements. What is then in the database is looked at from here.
"""

import contextlib
import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Sum

from billing.charges.models import Charge, ChargeMove, ChargePayment
from billing.invoices import queries
from billing.invoices.models import Invoice, InvoiceLine
from billing.invoices.payment_models import Allocation, Payment
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.ledger.models import Entry, FiscalYear
from billing.models import Booked
from billing.numbers.models import Series
from illdesk.models import Event, OutboxMessage
from requests_app.models import Patron
from tests import factories as f
from tests.billing.charges import cast as patrons
from tests.billing.invoices import cast as libraries

ROOT = Path(__file__).resolve().parents[2]
# Of so many rounds every fourth is killed by the clock. A payment takes about forty statements; the first round takes
# many, so that there is something to pay, to waive and to take back.
ROUNDS, FIRST, STATEMENTS, SECONDS = 12, 600, (20, 250), (0.02, 0.4)


class Mother:
    """The process that forks those who are killed; see tests/billing/killed.py."""

    def __init__(self, who: dict):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.billing.killed"], cwd=ROOT, env=_env(), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._order(who)
        assert self._hear() == ["ready"]

    def round(self, order: dict, *, after: float) -> tuple[int, int]:
        """Has a child forked and killed, or wait for its own end; how many steps it began, and how it ended."""
        self._order(order)
        began, steps, child = time.monotonic(), 0, 0
        while True:
            for_now = after - (time.monotonic() - began) if order["dies_at"] is None else 30
            with contextlib.suppress(queue.Empty):
                what, number = self._hear(max(for_now, 0.001))
                if what == "child":
                    child = int(number)
                elif what == "step":
                    steps = int(number) + 1
                    began = began if steps > 1 else time.monotonic()  # its loading does not count
                else:
                    return steps, int(number)
            if order["dies_at"] is None and steps and child and time.monotonic() - began >= after:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                child = 0

    def _order(self, order: dict) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(line)

    def _hear(self, wait: float = 60) -> list[str]:
        return self.said.get(timeout=wait).split()

    def end(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def _env() -> dict[str, str]:
    """For a process that stands on the database of this test."""
    known = connection.settings_dict
    env = dict(os.environ) | {"ILLDESK_MODE": "test"}
    if connection.vendor == "sqlite":
        return env | {"DATABASE_URL": f"sqlite:///{known['NAME']}", "TEST_DATABASE_URL": ""}
    who = known["USER"] + (f":{known['PASSWORD']}" if known["PASSWORD"] else "")
    return env | {"TEST_DATABASE_URL": f"postgres://{who}@{known['HOST']}:{known['PORT']}/{known['NAME']}"}


@pytest.fixture
def scene() -> dict:
    f.institution()
    who = {"staff": [f.user("coordinator").pk, f.user("coordinator").pk],
           "patrons": [f.patron().pk, f.patron().pk],
           "libraries": [f.library().pk, f.library("OAK", name="Oak Public Library").pk]}
    libraries.rate(worth="1.0853")
    libraries.rate(worth="1.1177", on=libraries.TODAY)
    patrons.policy(waive_above=Decimal(500))
    return who


@pytest.fixture
def mother(scene) -> Iterator[tuple[Mother, random.Random]]:
    seed = random.randrange(10**9)
    print("seed", seed)  # shown when it fails
    one = Mother(scene | {"seed": seed})
    yield one, random.Random(seed)
    one.end()


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(120)
def test_whatever_is_killed_all_of_it_happened_or_nothing(mother, scene):
    one, dice = mother
    again, begun = None, 0
    for place in range(ROUNDS):
        statements = dice.randint(*STATEMENTS) + (0 if place else FIRST)
        order = {"round": place, "again": again, "dies_at": None if place % 4 == 3 else statements}
        steps, ended = one.round(order, after=dice.uniform(*SECONDS))
        assert ended == -signal.SIGKILL, f"round {place} was not killed, it ended with {ended}"
        again, begun = [place, steps - 1] if steps else again, begun + steps
        _settled()
        _all_or_nothing(scene)
    assert begun > ROUNDS and Entry.objects.exists()


def _settled() -> None:
    """PostgreSQL sees only now that nobody is there any more, and may be ending the last commit."""
    until = time.monotonic() + 10
    while connection.vendor == "postgresql" and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                           "AND pid <> pg_backend_pid() AND state <> 'idle'")
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.01)


def _all_or_nothing(scene: dict) -> None:
    trial = books.trial()
    assert sum(row.debited for row in trial) == sum(row.credited for row in trial)
    for year in FiscalYear.objects.all():
        assert list(year.entries.order_by("number").values_list("number", flat=True)) == list(range(1, year.last + 1))
    _numbers()
    for patron in Patron.objects.filter(pk__in=scene["patrons"]):
        patrons.check(patron)
    _charges()
    _libraries(scene["libraries"])


def _numbers() -> None:
    """Every number that was drawn stands on what was stored with it."""
    found = {"PC": Charge.objects, "RC": ChargePayment.objects, "IL": Invoice.objects.filter(kind="invoice"),
             "CN": Invoice.objects.filter(kind="credit")}
    for prefix, rows in found.items():
        numbers = sorted(rows.exclude(number=None).values_list("number", flat=True))
        assert numbers == [f"{prefix}-2026-{place:05d}" for place in range(1, len(numbers) + 1)]
        last = Series.objects.filter(prefix=prefix).values_list("last", flat=True).first() or 0
        assert last == len(numbers), f"{prefix}: a number is lost"


def _subjects(name: str) -> list[int]:
    return sorted(Event.objects.filter(name=name).values_list("subject_id", flat=True))


def _written(start: str) -> set[str]:
    return {key.partition(":")[2] for key in OutboxMessage.objects.filter(
        key__startswith=f"{start}:").values_list("key", flat=True)}


def _charges() -> None:
    rows = list(Charge.objects.all())
    assert _subjects("charge.made") == sorted(row.pk for row in rows)
    assert _written("charge_made") == {row.number for row in rows}
    assert {row.pk for row in rows} == set(ChargeMove.objects.filter(what="charged").values_list("charge", flat=True))
    for row in rows:
        assert (row.state == Charge.UNDONE) == OutboxMessage.objects.filter(
            key=f"charge_cancelled:{row.number}").exists(), row
        undone = row.moves.filter(what__in=["charged", "raised", "lowered"], undone_by=None)
        assert undone.exists() != (row.state == Charge.UNDONE), "its entries are reversed with it"
    for payment in ChargePayment.objects.all():
        moved = payment.moves.filter(what__in=["paid", "credit_used", "overpaid"]).aggregate(sum=Sum("amount"))["sum"]
        assert moved == payment.amount, payment
        standing = payment.moves.exclude(what="undone").filter(undone_by=None).exists()
        assert standing == (payment.undone is None), "taken back with all its entries"
    paid = ChargePayment.objects.exclude(way="credit").values_list("number", flat=True)
    receipts = {event.data["receipt"] for event in Event.objects.filter(name="charge.paid")}
    assert set(paid) == receipts == _written("charge_receipt")
    waived = ChargeMove.objects.filter(what="waived")
    assert _written("charge_waived") == {str(move.pk) for move in waived}


def _libraries(keys: list[int]) -> None:
    aged = {row.library.pk: row for row in queries.ageing(libraries.TODAY)}
    items = {pk: sum((row.open_own for row in queries.open_items() if row.library_id == pk), Decimal(0)) for pk in keys}
    rests = {pk: sum((row.rest_own for row in queries.unused() if row.library_id == pk), Decimal(0)) for pk in keys}
    for pk in keys:
        held = books.balance(Where("library", pk))
        assert held == items[pk] - rests[pk] == (aged[pk].open if pk in aged else 0), "ageing is the open items"
    numbered = list(Invoice.objects.exclude(number=None))
    assert _subjects("invoice.approved") == sorted(row.pk for row in numbered)
    assert _subjects("invoice.sent") == sorted(row.pk for row in numbered if row.state == Invoice.SENT)
    assert _written("library_invoice") == {str(row.pk) for row in numbered if row.state == Invoice.SENT}
    for row in numbered:
        lines = InvoiceLine.objects.filter(invoice=row, state=InvoiceLine.VERIFIED)
        assert sum((line.amount for line in lines), Decimal(0)) == row.total and not lines.filter(booked=None).exists()
        assert Booked.objects.filter(invoice_line__in=lines).aggregate(sum=Sum("amount"))["sum"] == row.own
        parts = row.allocations.filter(undone=None).aggregate(amount=Sum("amount"), own=Sum("own"))
        assert (row.settled, row.settled_own) == (parts["amount"] or 0, parts["own"] or 0) and row.open >= 0
    assert not Invoice.objects.filter(number=None).exclude(lines__booked=None).exists(), "a draft is not in the books"
    for payment in Payment.objects.all():
        parts = payment.allocations.filter(undone=None).aggregate(used=Sum("used"), own=Sum("used_own"))
        if payment.undone is None:
            assert (payment.used, payment.used_own) == (parts["used"] or 0, parts["own"] or 0)
        else:
            assert not parts["used"]
            assert not Entry.objects.filter(about_kind="library_payment", about=payment.pk, reverses=None,
                                            reversed_by=None).exists()
    by_hand = Payment.objects.filter(kind="transfer")
    assert _subjects("library.paid") == sorted(row.pk for row in by_hand) and not by_hand.filter(entry=None).exists()
    assert not Allocation.objects.filter(undone=None, payment__undone__isnull=False).exists()
