"""What years of partners' requests leave behind: request, citation, dialogue, event, message, search words."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction

from illdesk import secrets
from illdesk.models import Event, InboxMessage, Institution
from requests_app import lifecycle
from requests_app.bench.rows import stamp, write
from requests_app.exchange.iso18626 import codes, confirm
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import read
from requests_app.exchange.iso18626.xml import write as as_xml
from requests_app.models import Citation, Counter, Dialogue, ILLRequest, Library
from requests_app.search import words_of

OURS = "US-SCRATCH"
_EVERY = timedelta(minutes=4)
_TABLES = (Citation, ILLRequest, Dialogue, Event, InboxMessage)
_SEARCH = "requests_app_search"
_CHUNK = 20_000


def secret_of(sender: int) -> str:
    return f"scratch-secret-of-library-{sender}-" + "x" * 24


def request_of(sender: int, request_id: str, now: datetime) -> bytes:
    """A New request as partners' systems send it: two kilobytes, with address, identifiers and a note."""
    address = m.PhysicalAddress(
        line1="12 College Avenue", locality="Hilltown", postal_code="10027", region="NY", country="US"
    )
    return as_xml(m.Request(
        header=m.Header(
            supplying_agency_id=m.AgencyId("ISIL", OURS),
            requesting_agency_id=m.AgencyId("ISIL", f"US-SENDER{sender}"),
            timestamp=now, requesting_agency_request_id=request_id,
        ),
        bibliographic_info=m.BibliographicInfo(
            title="The Origins of the Interlibrary Loan: a documentary history", author="Gómez, Rosa",
            edition="2nd, revised", bibliographic_item_id=(m.BibliographicItemId("9780141439549", "ISBN"),),
            bibliographic_record_id=(m.BibliographicRecordId("OCLC", "48139725"),),
        ),
        publication_info=m.PublicationInfo(
            publisher="Scratch University Press", publication_type="Book", publication_date="1998",
            place_of_publication="New York",
        ),
        service_info=m.ServiceInfo(
            request_type=codes.RequestType.NEW, request_sub_type=(codes.RequestSubType.PATRON_REQUEST,),
            service_type=codes.ServiceType.LOAN, need_before_date=now + timedelta(days=30),
            note="Please send by courier if at all possible.",
        ),
        requested_delivery_info=(
            m.RequestedDeliveryInfo(sort_order=1, address=m.Address(physical_address=address)),
        ),
        requesting_agency_info=m.RequestingAgencyInfo(
            name=f"Library of sender {sender}", contact_name="Interlibrary Loan",
            address=(m.Address(electronic_address=m.ElectronicAddress("Email", "ill@sender.example")),),
        ),
        patron_info=m.PatronInfo(patron_id="P-20031"),
    ))


def fill(*, stored: int, senders: int, now: str, state: str = "lending.finished") -> int:
    """Store so many messages of so many libraries, with the request that each became; returns how many."""
    moment = datetime.fromisoformat(now)
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:  # only the rows made here may be lost with the power
        cursor.execute("SET synchronous_commit = off" if postgresql else "PRAGMA synchronous = OFF")
    Institution.objects.create(
        pk=1, name="Scratch University Library", symbol="SCR", agency_value=OURS, email="ill@scratch.example"
    )
    Library.objects.bulk_create(
        Library(
            pk=pk, name=f"Library of sender {pk}", symbol=f"SENDER{pk}", agency_value=f"US-SENDER{pk}",
            secret_expected=secrets.hashed(secret_of(pk)), secret_sent=secret_of(pk),
            endpoint="http://127.0.0.1:9/iso18626",
        )
        for pk in range(1, senders + 1)
    )
    Counter.objects.create(prefix=lifecycle.PREFIXES[lifecycle.LENDING], year=moment.year, last=stored)
    set_aside = _take_search_indexes() if postgresql else []
    for model, rows in _rows(stored, senders, moment, state).items():
        write(model, rows)
    _write_search(stored)
    with connection.cursor() as cursor:
        for statement in set_aside:
            cursor.execute(statement)
        if postgresql:
            for model in _TABLES:  # what was copied in came with its own numbers
                table = model._meta.db_table
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), %s)", [stored + 1])
            cursor.execute("SET synchronous_commit = on")
            cursor.execute("VACUUM ANALYZE")
            if _may_checkpoint():
                cursor.execute("CHECKPOINT")
        else:
            cursor.execute("ANALYZE")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return InboxMessage.objects.count()


def _rows(stored: int, senders: int, now: datetime, state: str) -> dict:
    sample = request_of(1, "REQUEST-ID", now)
    message = read(sample).message
    assert isinstance(message, m.Request)
    body = sample.decode().replace("\n", " ")
    answer = as_xml(confirm.ok(message, now=now)).decode().replace("\n", " ")

    def each() -> Iterator[tuple[int, int, str]]:
        for pk in range(1, stored + 1):
            yield pk, pk % senders + 1, stamp(now - _EVERY * (stored - pk + 1))

    return {
        Citation: (
            {"id": pk, "title": f"The Origins of the Interlibrary Loan, volume {pk}", "author": "Gómez, Rosa",
             "isbn": f"978{pk:010d}", "publisher": "Scratch University Press", "year": "1998", "typed": "{}"}
            for pk, _sender, _at in each()
        ),
        ILLRequest: (
            {"id": pk, "number": f"L-{at[:4]}-X{pk:08d}", "kind": lifecycle.LENDING, "state": state,
             "created": at, "changed": at, "citation_id": pk, "partner_id": sender, "respond_by": at}
            for pk, sender, at in each()
        ),
        Dialogue: (
            {"id": pk, "ill_id": pk, "library_id": sender, "role": Dialogue.SUPPLIER, "request_id": f"S{sender}-{pk}",
             "opened": at, "heard": at}
            for pk, sender, at in each()
        ),
        Event: (
            {"id": pk, "name": "request.arrive", "subject_kind": "request", "subject_id": pk,
             "actor_kind": "partner", "data": '{"to": "lending.received", "v": 0, "library": 1}', "at": at}
            for pk, _sender, at in each()
        ),
        InboxMessage: (
            {"id": pk, "channel": "iso18626", "key": f"iso18626:{sender}:{pk:064x}", "partner": f"SENDER{sender}",
             "what": "Request", "body": body.replace("REQUEST-ID", f"S{sender}-{pk}"), "answer": answer,
             "outcome": "state:lending.received", "subject_kind": "request", "subject_id": pk, "arrived": at}
            for pk, sender, at in each()
        ),
    }


def _write_search(stored: int) -> None:
    words = " ".join(words_of("The Origins of the Interlibrary Loan Gómez, Rosa Library of sender SENDER"))
    with connection.cursor() as cursor:
        for first in range(1, stored + 1, _CHUNK):
            pks = range(first, min(first + _CHUNK, stored + 1))
            rows = [(pk, f"{words} volume {pk} 978{pk:010d}") for pk in pks]
            if connection.vendor == "postgresql":
                lines = "\n".join(f"{pk}\t{text}" for pk, text in rows)
                cursor.copy_expert(f"COPY {_SEARCH} (ill_id, text) FROM STDIN", io.StringIO(lines))
            else:
                with transaction.atomic():
                    cursor.executemany(f"INSERT INTO {_SEARCH} (rowid, text) VALUES (%s, %s)", rows)  # noqa: S608


def _take_search_indexes() -> list[str]:
    """Drop the two GIN indexes, which are made in a tenth of the time at the end; how to make them again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexdef LIKE '%% gin %%'",
                       [_SEARCH])
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _may_checkpoint() -> bool:
    """Only a superuser may; for others the server's own checkpoint falls into what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        return cursor.fetchone()[0]


def counted() -> dict[str, int]:
    """How many there are of everything that one request leaves behind."""
    rows = {model.__name__: model.objects.count() for model in _TABLES}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {_SEARCH}")  # noqa: S608
        rows["search"] = cursor.fetchone()[0]
    rows["handled"] = InboxMessage.objects.filter(state=InboxMessage.HANDLED).count()
    rows["numbers"] = ILLRequest.objects.values("number").distinct().count()
    return rows
