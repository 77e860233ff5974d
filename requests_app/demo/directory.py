"""What the demo's directory knows of the partner libraries: symbols, contacts, addresses, policies, groups."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from illdesk import demo
from illdesk.models import Calendar
from requests_app.models import (
    Contact,
    Library,
    LibraryAddress,
    LibraryGroup,
    LibraryPolicy,
    LibrarySymbol,
    Suspension,
)

# symbol | type | value | note
_SYMBOLS = """
KSC|ISIL|US-KSC-LAW|Law library; same desk
NMU|OCLC|XNM|As WorldShare knows it
FVL|ISIL|US-FVL-B|Branch in the old mill
CAR|OCLC|XCR|
"""
# symbol | kind | name | e-mail | telephone | note
_CONTACTS = """
KSC|borrowing|Marguerite Thibodeaux|ill@ksc.example|+1 308 555 0110|
KSC|technical|Ravi Subramaniam|systems@ksc.example||Moves the ILL system
NMU|lending|Desk of the film collection||+1 505 555 0134|Films only by telephone
HOL|head|Prudence Whitcombe|whitcombe@hol.example||
SVC|lending|Sister Agnes Brandl|ill@svc.example|+1 320 555 0190|
OGW|billing|Accounts|invoices@ogw.example||Purchase order number on every invoice
CAR|lending|Interlending Office|ill@car.example|+44 1632 960001|
LIN|lending|Fernleihe|fernleihe@lin.example|+43 732 555 011|
MWA|borrowing|相互貸借担当|ill@mwa.example||
"""
# symbol | purpose | addressee | street | town | region | postal code | country
_ADDRESSES = """
NMU|shipping|North Mesa University, Receiving|79 Canyon Drive, Dock 2|North Mesa|NM|87599|US
NMU|returns|North Mesa University, Circulation|77 Canyon Drive|North Mesa|NM|87599|US
OGW|billing|Ogeechee Wesleyan University, Accounts Payable|2 Bursar Lane|Ogeechee|GA|31399|US
"""
# symbol | books | copies | loan days | renewals | renewal days | due date is | charges | currency | ships by | vouchers
_POLICIES = """
KSC|yes|yes|42|1|28|requester|0|0|USD|courier|no
NMU|yes|yes|28|1|14|requester|0|0|USD|parcel|no
HOL|yes|yes|35|2|21|requester|0|0|USD|courier|no
ARB|yes|yes||||requester||12.00|USD|parcel|no
TWM|yes|yes|21|0||lender|25.00|15.00|USD|parcel|no
CAR|yes|yes|60|1|30|lender|18.00|9.00|GBP|air mail|yes
LIN|yes|yes|28|1|28|lender|14.00|8.00|EUR|air mail|yes
"""
# name | kind | what was agreed | members
_GROUPS = """
Northern Lights Consortium|consortium|Courier twice a week; loans of 42 days.|KSC HOL ARB SVC FVL
Lend without charge|reciprocal|No invoices between us, in either direction.|KSC NMU HOL SVC OGW
"""


def load(now: datetime) -> None:
    libraries = {row.symbol: row for row in Library.objects.all()}
    for symbol, kind, value, note in _rows(_SYMBOLS):
        LibrarySymbol.objects.get_or_create(
            agency_type=kind, agency_value=value, defaults={"library": libraries[symbol], "note": note}
        )
    for symbol, kind, name, email, phone, note in _rows(_CONTACTS):
        Contact.objects.get_or_create(
            library=libraries[symbol], name=name, defaults={"kind": kind, "email": email, "phone": phone, "note": note}
        )
    for symbol, kind, name, line1, town, region, postal_code, country in _rows(_ADDRESSES):
        LibraryAddress.objects.get_or_create(
            library=libraries[symbol], kind=kind,
            defaults={"name": name, "line1": line1, "locality": town, "region": region, "postal_code": postal_code,
                      "country": country},
        )
    for row in _rows(_POLICIES):
        _policy(libraries[row[0]], *row[1:])
    for name, kind, note, members in _rows(_GROUPS):
        group, created = LibraryGroup.objects.get_or_create(name=name, defaults={"kind": kind, "note": note})
        if created:
            group.libraries.set([libraries[symbol] for symbol in [*members.split(), demo.peer().symbol]])
    _suspensions(libraries, timezone.localtime(now).date())
    oclc = Calendar.objects.filter(counting=Calendar.TODAY).first()
    if oclc is not None:
        Library.objects.filter(symbol="NMU", calendar=None).update(
            calendar=oclc, answer_days_loan=4, answer_days_copy=2
        )


def _rows(table: str):
    return (line.split("|") for line in table.strip().splitlines())


def _policy(library, books, copies, days, renewals, renewal_days, due, loan, copy, currency, ships_by, vouchers):
    LibraryPolicy.objects.get_or_create(
        library=library,
        defaults={
            "lends_books": books == "yes", "makes_copies": copies == "yes", "loan_days": int(days) if days else None,
            "renewals": int(renewals) if renewals else None,
            "renewal_days": int(renewal_days) if renewal_days else None, "due_means": due,
            "charge_loan": Decimal(loan) if loan else None, "charge_copy": Decimal(copy) if copy else None,
            "currency": currency, "ships_by": ships_by, "takes_vouchers": vouchers == "yes",
        },
    )


def _suspensions(libraries: dict[str, Library], today) -> None:
    moving, closed = libraries["MWA"], libraries["SVC"]
    if not moving.suspensions.exists():
        Suspension.objects.create(
            library=moving, first=today - timedelta(days=9), last=today + timedelta(days=40),
            reason="The stacks are moved.",
        )
    if not closed.suspensions.exists():
        Suspension.objects.create(
            library=closed, first=today - timedelta(days=300), last=today - timedelta(days=288),
            reason="Closed between Christmas and Epiphany.",
        )
