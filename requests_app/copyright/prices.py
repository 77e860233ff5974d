"""What a copy's royalty costs as far as it is known: the price list that counts, and the newest answer of the rights
service. And the import of price lists, which count when a person says yes."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import events, money
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.copyright import asking
from requests_app.copyright.per_request import pages_of
from requests_app.copyright.rights import Wanted
from requests_app.copyright.titles import Wanted as Counted
from requests_app.models import Citation, PriceList, RightsQuote, Royalty, RoyaltyPrice
from requests_app.verification.kbart_values import normal_identifier

MOST_ROWS, MOST_BYTES, SHOWN_PROBLEMS = 100_000, 10 * 1024 * 1024, 500


@dataclass(frozen=True)
class Price:
    """`source`: a code of Royalty.SOURCES; `on`: the day it is of. `licence`: of ours that covers it."""

    amount: Decimal | None
    currency: str
    source: str
    on: date
    licence: str = ""
    terms: str = ""

    @property
    def source_words(self) -> str:
        return str(dict(Royalty.SOURCES)[self.source])


def wanted_of(counted: Counted, citation: Citation) -> Wanted:
    return Wanted(counted.keys, counted.name, citation.year, pages_of(citation.pages))


def known(counted: Counted, citation: Citation, *, number: str, today: date) -> tuple[Price | None, RightsQuote | None]:
    """The price as it stands now: the service's answer while it is valid, else the list's. And the newest answer.
    Two queries."""
    quote = asking.newest(number)
    if quote is not None and _holds(quote, today):
        day = timezone.localtime(quote.at).date()
        return Price(quote.price, quote.currency, Royalty.SERVICE, day, quote.licence, quote.terms), quote
    return listed(counted.keys, citation, today=today), quote


def _holds(quote: RightsQuote, today: date) -> bool:
    """Without a day of its own, an answer is good for the day on which it came."""
    if not quote.worked or (quote.price is None and not quote.licence):
        return False
    return (quote.valid_until or timezone.localtime(quote.at).date()) >= today


def listed(keys: Iterable[str], citation: Citation, *, today: date) -> Price | None:
    rows = RoyaltyPrice.objects.filter(list__state=PriceList.COUNTS, key__in=list(keys)).select_related("list")
    fits = [row for row in rows if row.year in (None, today.year)]
    # A price of this year before one of any year, and the dearer of two: never too little is put aside.
    best = max(fits, key=lambda row: (row.year is not None, _total(row, citation) or 0), default=None)
    if best is None or (total := _total(best, citation)) is None:
        return None
    decided = best.list.decided or best.list.made
    return Price(total, best.currency, Royalty.LIST, timezone.localtime(decided).date())


def _total(row: RoyaltyPrice, citation: Citation) -> Decimal | None:
    pages = pages_of(citation.pages)
    if row.per_page is not None and not pages:
        return row.per_copy
    return (row.per_copy or Decimal(0)) + (row.per_page or Decimal(0)) * pages if row.per_page else row.per_copy


# --- importing a list ----------------------------------------------------------------------------------------

COLUMNS = ("standard_number", "title", "per_copy", "per_page", "currency", "year")
_NAMES = {
    "standardnumber": "standard_number", "issn": "standard_number", "isbn": "standard_number",
    "issnisbn": "standard_number", "isbnissn": "standard_number", "title": "title", "publicationtitle": "title",
    "percopy": "per_copy", "copy": "per_copy", "price": "per_copy", "pricepercopy": "per_copy", "royalty": "per_copy",
    "feepercopy": "per_copy", "perpage": "per_page", "page": "per_page", "priceperpage": "per_page",
    "feeperpage": "per_page", "currency": "currency", "year": "year",
}
PROBLEMS = {
    "number": gettext_lazy("No ISSN or ISBN, or one with a wrong check digit"),
    "price": gettext_lazy("No price per copy or per page"),
    "amount": gettext_lazy("Not an amount of money"),
    "currency": gettext_lazy("Not a currency of three letters"),
    "year": gettext_lazy("Not a year"),
    "twice": gettext_lazy("Stands in the file already; the first counts"),
}


def read_rows(data: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Lines of a CSV or XLSX file. Raises BadAnswer for a file that is neither."""
    if len(data) > MOST_BYTES:
        raise BadAnswer(_("The file has more than 10 MB. Nothing was kept."), field="file")
    if data[:4] == b"PK\x03\x04":
        yield from _xlsx(data)
        return
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadAnswer(_("%(name)s is not readable text. Save it as CSV (UTF-8) or XLSX.") % {"name": name},
                        field="file")
    if "\x00" in text:
        raise BadAnswer(_("%(name)s is neither CSV nor XLSX. Nothing was kept.") % {"name": name}, field="file")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1)
    except csv.Error as failure:
        raise BadAnswer(_("The file cannot be read as CSV: %(why)s") % {"why": failure}, field="file") from failure


def _xlsx(data: bytes) -> Iterator[tuple[int, list[str]]]:
    from requests_app.copyright.workbook import first_sheet

    yield from first_sheet(data)


def head_of(row: list[str], names: dict[str, str]) -> dict[str, int]:
    """Column → its place, by any of its names."""
    found: dict[str, int] = {}
    for place, text in enumerate(row):
        name = names.get(re.sub(r"[^a-z]", "", text.lower()))
        if name:
            found.setdefault(name, place)
    return found


def load(data: bytes, name: str, *, actor: Actor, now: datetime) -> PriceList:
    """Read the file and keep it as a draft with its problems; nothing counts before a person says so."""
    rows = read_rows(data, name)
    try:
        head = head_of(next(rows)[1], _NAMES)
    except StopIteration:
        raise BadAnswer(_("This file is empty. Nothing was kept."), field="file") from None
    if "standard_number" not in head or not {"per_copy", "per_page"} & set(head):
        raise BadAnswer(_("The first line must name the columns: standard_number, title, per_copy, per_page, "
                          "currency, year."), field="file")
    found: list[RoyaltyPrice] = []
    problems: list[list] = []
    seen: set[tuple[str, Any]] = set()
    for line, cells in rows:
        if line > MOST_ROWS:
            raise BadAnswer(_("The file has more than 100,000 lines. Nothing was kept."), field="file")
        if not any(cell.strip() for cell in cells):
            continue
        given = {column: cells[place].strip() if place < len(cells) else "" for column, place in head.items()}
        row, problem = _row(given, line)
        if row is not None and (row.key, row.year) in seen:
            problem = ("twice", row.shown)
        if row is None or problem[0]:
            problems.append([line, problem[0], problem[1][:80]])
            continue
        seen.add((row.key, row.year))
        found.append(row)
    with transaction.atomic():
        made = PriceList.objects.create(
            file_name=name[:200], made=now, by=actor.user, rows=len(found), problems=problems[:SHOWN_PROBLEMS])
        for row in found:
            row.list = made
        RoyaltyPrice.objects.bulk_create(found, batch_size=500)
        events.record("royalty_prices.read", subject=("price_list", made.pk), actor=actor, now=now,
                      data={"rows": len(found), "problems": len(problems)})
    return made


def _row(given: dict[str, str], line: int) -> tuple[RoyaltyPrice | None, tuple[str, str]]:
    number = given.get("standard_number", "")
    normal = normal_identifier(number)
    scheme = {9: "issn", 13: "isbn"}.get(len(normal), "")
    if not scheme:
        return None, ("number", number)
    amounts: dict[str, Decimal | None] = {"per_copy": None, "per_page": None}
    for name in amounts:
        if given.get(name):
            try:
                amounts[name] = money.amount_of(given[name])
            except ValueError:
                return None, ("amount", given[name])
    if amounts["per_copy"] is None and amounts["per_page"] is None:
        return None, ("price", "")
    currency = (given.get("currency") or "USD").upper()
    if not re.fullmatch("[A-Z]{3}", currency):
        return None, ("currency", currency)
    year = given.get("year", "")
    if year and not re.fullmatch(r"(?:19|20)\d\d(?:\.0)?", year):
        return None, ("year", year)
    return RoyaltyPrice(
        key=f"{scheme}:{normal}", title=given.get("title", "")[:300], currency=currency,
        year=int(year[:4]) if year else None, line=line, **amounts,
    ), ("", "")


def confirm(row: PriceList, *, actor: Actor, now: datetime) -> PriceList:
    """From now on this list counts; the former stays to be looked at. A second yes changes nothing."""
    with transaction.atomic():
        if row.state == PriceList.COUNTS:
            return row
        PriceList.objects.filter(state=PriceList.COUNTS).update(state=PriceList.PAST)
        mine = PriceList.objects.filter(pk=row.pk, state=PriceList.DRAFT)
        if not mine.update(state=PriceList.COUNTS, decided=now):
            raise NotAllowed(_("This list was decided on already. Nothing was changed."))
        events.record("royalty_prices.count", subject=("price_list", row.pk), actor=actor, now=now,
                      data={"rows": row.rows})
    row.refresh_from_db()
    return row


def discard(row: PriceList, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        if PriceList.objects.filter(pk=row.pk, state=PriceList.DRAFT).update(state=PriceList.DISCARDED, decided=now):
            RoyaltyPrice.objects.filter(list=row).delete()
            events.record("royalty_prices.discarded", subject=("price_list", row.pk), actor=actor, now=now)
