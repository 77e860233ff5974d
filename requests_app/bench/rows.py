"""A department's years in a minute: requests with citations, patrons and libraries, written in bulk.

Events and messages are left out: no queue reads them.
"""

import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

from django.contrib.auth.models import Group
from django.db import connection, models, transaction

from illdesk.models import Branch, Institution, User
from requests_app import lifecycle
from requests_app.demo.works import works
from requests_app.models import Citation, ILLRequest, Library, Patron

# Of 100 open requests so many stand there; states that are not named get one each.
_SHARE = {
    "borrowing.submitted": 2, "borrowing.in_review": 5, "borrowing.sent": 14, "borrowing.shipped": 5,
    "borrowing.received": 2, "borrowing.on_hold_shelf": 4, "borrowing.checked_out": 26,
    "borrowing.return_shipped": 4, "borrowing.delivered": 7,
    "lending.received": 4, "lending.searching": 2, "lending.shipped": 15,
    "documents.delivered": 3,
}
_ENDED = {
    "borrowing.finished": 54, "borrowing.cancelled": 7, "lending.finished": 25, "lending.unfilled": 5,
    "documents.finished": 8, "documents.cancelled": 1,
}
# Always copies; of the rest, loans.
_COPIES = {"borrowing.copyright_review", "borrowing.delivered", "documents.scanning", "documents.delivered"}
# One new request every four minutes, day and night: a million are seven and a half years.
_EVERY = timedelta(minutes=4)
_LONGEST = timedelta(days=45)
_CHUNK = 20_000
PATRONS, LIBRARIES = 5_000, 80


def fill(*, requests: int, open_requests: int, now: str) -> dict[str, int]:
    """Store so many requests, of which so many are open; returns how many stand in each state."""
    moment = datetime.fromisoformat(now)
    dice = Random(requests)  # noqa: S311 - the same rows each time
    with connection.cursor() as cursor:  # a scratch database need not survive a power failure
        cursor.execute(
            "SET synchronous_commit = off" if connection.vendor == "postgresql" else "PRAGMA synchronous = OFF"
        )
        if connection.vendor == "postgresql":
            for model in (ILLRequest, Citation):
                cursor.execute(f"ALTER TABLE {model._meta.db_table} SET (autovacuum_enabled = off)")
    _people()
    states = _states(requests, open_requests, dice)
    write(Citation, _citations(requests))
    write(ILLRequest, _requests(states, moment, dice))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            tables = ", ".join(model._meta.db_table for model in (ILLRequest, Citation, Patron, Library, User))
            # As the tables stand when autovacuum has caught up: rows whose commit is not on disk yet, and
            # rows that a running analyze may still look at, would not be marked as visible to all.
            cursor.execute("SET synchronous_commit = on")
            cursor.execute(f"VACUUM {tables}")
            cursor.execute(f"VACUUM ANALYZE {tables}")
        else:
            cursor.execute("ANALYZE")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {state: states.count(state) for state in lifecycle.open_states()}


def staff(kind: str) -> User:
    user, created = User.objects.get_or_create(username=f"{kind} clerk", defaults={"first_name": "A", "last_name": "Z"})
    if created:
        user.groups.set(Group.objects.filter(name=f"{kind} staff"))
    return user


def _people() -> None:
    Institution.objects.create(pk=1, name="Scratch University Library", symbol="SCR", email="ill@scratch.example")
    Branch.objects.create(pk=1, code="main", name="Main desk")
    Library.objects.bulk_create(
        Library(pk=pk, name=f"Library {pk}", symbol=f"LIB{pk}", agency_value=f"US-LIB{pk}")
        for pk in range(1, LIBRARIES + 1)
    )
    Patron.objects.bulk_create(
        (
            Patron(pk=pk, card=f"{pk:014d}", first_name="Rosa", last_name=f"Gómez {pk}", email=f"p{pk}@scratch.example")
            for pk in range(1, PATRONS + 1)
        ),
        batch_size=500,
    )


def _states(requests: int, open_requests: int, dice: Random) -> list[str]:
    """The state of each request, oldest first. Most open ones are new; a few are stuck from any year."""
    open_codes = lifecycle.open_states()
    ended, shares = list(_ENDED), list(_ENDED.values())
    states = dice.choices(ended, shares, k=requests)
    window = min(requests, int(open_requests * 1.2))
    stuck = min(requests - window, open_requests // 20)
    places = dice.sample(range(requests - window, requests), open_requests - stuck)
    places += dice.sample(range(requests - window), stuck)
    chosen = dice.choices(open_codes, [_SHARE.get(code, 1) for code in open_codes], k=open_requests)
    for place, state in zip(places, chosen, strict=True):
        states[place] = state
    return states


def _citations(count: int) -> Iterator[dict]:
    shelf, elsewhere = works()
    cited = [work.citation | {"typed": "{}"} for work in [*shelf, *elsewhere]]
    for pk in range(1, count + 1):
        row = cited[pk % len(cited)]
        yield row | {"id": pk, "title": f"{row['title'][:150]}, {pk}"}


def _requests(states: list[str], now: datetime, dice: Random) -> Iterator[dict]:
    total, lending, documents = len(states), lifecycle.LENDING, lifecycle.DOCUMENTS
    for place, state in enumerate(states):
        pk = place + 1
        created = now - _EVERY * (total - place)
        ended = lifecycle.STATES[state].ended
        changed = created + dice.random() * min(now - created, _LONGEST if ended else now - created)
        kind = state.partition(".")[0]
        row = {
            "id": pk, "number": f"{lifecycle.PREFIXES[kind]}-{created.year}-{pk:07d}", "kind": kind,
            "state": state, "created": stamp(created), "changed": stamp(changed), "citation_id": pk,
            "branch_id": 1, "version": 4, "attention": None, "referred": None, "respond_by": None,
            "barcode": f"3{pk:013d}" if pk % 3 else "", "need_by": None,
            "service": lifecycle.COPY if state in _COPIES else lifecycle.LOAN,
        }
        if not ended and pk % 20 == 0:
            row["attention"], row["attention_why"] = row["changed"], "patron_wrote"
        if not ended and pk % 50 == 1:
            row["referred"] = row["changed"]
        if kind != lending:
            row["patron_id"] = dice.randrange(PATRONS) + 1
        if kind != documents and state not in ("borrowing.submitted", "borrowing.in_review"):
            row["partner_id"] = dice.randrange(LIBRARIES) + 1
        if kind == lending:
            row["respond_by"] = stamp(created + timedelta(days=4))
        yield row


def stamp(moment: datetime) -> str:
    """As both databases store or read it."""
    zone = "+00" if connection.vendor == "postgresql" else ""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}{zone}"


def write(model: type[models.Model], rows: Iterable[dict]) -> None:
    """COPY, or executemany: the ORM would take an hour for a million."""
    fields = [field for field in model._meta.concrete_fields if field.column]
    defaults = {
        field.column: None if field.null or field.primary_key
        else json.dumps(field.get_default()) if isinstance(field, models.JSONField)  # COPY takes words
        else field.get_db_prep_save(field.get_default(), connection)
        for field in fields
    }
    columns, table = ", ".join(f'"{column}"' for column in defaults), model._meta.db_table
    values = (tuple((defaults | row).values()) for row in rows)
    while chunk := list(islice(values, _CHUNK)):
        # Without it SQLite commits each row by itself.
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                lines = ("\t".join("\\N" if value is None else str(value) for value in row) for row in chunk)
                cursor.copy_expert(f'COPY "{table}" ({columns}) FROM STDIN', io.StringIO("\n".join(lines)))
            else:
                marks = ", ".join(["%s"] * len(defaults))
                cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', chunk)  # noqa: S608
