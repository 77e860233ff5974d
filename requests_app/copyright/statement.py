"""The payee's statement beside our list: what agrees, what differs, what is missing, too much or there twice.

Rows are known by our number, else by standard number and date of use. Each difference waits for a person's word.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import events, money
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale
from requests_app.copyright import payment, prices
from requests_app.models import Royalty, RoyaltyList, StatementLine
from requests_app.verification.kbart_values import normal_identifier

_NAMES = {
    "ournumber": "number", "number": "number", "reference": "number", "customerreference": "number",
    "requestnumber": "number", "standardnumber": "standard_number", "issn": "standard_number",
    "isbn": "standard_number", "dateofuse": "day", "date": "day", "usedate": "day", "amount": "amount",
    "royalty": "amount", "charged": "amount", "total": "amount", "fee": "amount", "currency": "currency",
}
_SIGNS = {"€": "EUR", "£": "GBP"}  # "$" is of several countries: as ours
PAY, OURS, BACK, NOTED = "pay", "ours", "back", "noted"
# What a person may say of each difference, the usual first.
NEXT: dict[str, tuple[tuple[str, object], ...]] = {
    StatementLine.MATCHED: ((PAY, gettext_lazy("Mark as paid")),),
    StatementLine.DIFFERS: ((PAY, gettext_lazy("Pay what they charge")), (OURS, gettext_lazy("Pay what was agreed"))),
    StatementLine.MISSING: ((BACK, gettext_lazy("Owe it in the next list")), (NOTED, gettext_lazy("Leave it here"))),
    StatementLine.EXTRA: ((NOTED, gettext_lazy("Asked about it; not paid")),),
    StatementLine.DUPLICATE: ((NOTED, gettext_lazy("Asked about it; paid once")),),
}
# What was kept when it is said.
_KEPT: dict[tuple[str, str], object] = {
    (BACK, StatementLine.MISSING): gettext_lazy("%(number)s is owed again, for the next list."),
    (NOTED, StatementLine.MISSING): gettext_lazy("%(number)s is left in this list."),
    (NOTED, StatementLine.EXTRA): gettext_lazy("It is kept that you asked about it; it is not paid."),
    (NOTED, StatementLine.DIFFERS): gettext_lazy("It is kept that you asked about it; it is not paid."),
    (NOTED, StatementLine.DUPLICATE): gettext_lazy("It is kept that you asked about it; %(number)s is paid once."),
}
# What they charge in another currency is no amount of ours.
_OTHER_CURRENCY = (NEXT[StatementLine.DIFFERS][1], NEXT[StatementLine.EXTRA][0])


@dataclass(frozen=True)
class Said:
    """A row of the statement. `currency`: '' where it names none; then it is ours."""

    row: int
    number: str
    standard_number: str
    day: date | None
    amount: Decimal
    currency: str = ""

    @property
    def words(self) -> str:
        parts = (self.number, self.standard_number, self.day.isoformat() if self.day else "")
        return " ".join(part for part in parts if part)[:120]


def read(data: bytes, name: str) -> list[Said]:
    """Raises BadAnswer, with the line, for a file that cannot be understood; then nothing is kept."""
    rows = prices.read_rows(data, name)
    try:
        head = prices.head_of(next(rows)[1], _NAMES)
    except StopIteration:
        raise BadAnswer(_("This file is empty. Nothing was kept."), field="file") from None
    if "amount" not in head or not {"number", "standard_number"} & set(head):
        raise BadAnswer(_("The first line must name the columns: our number (or standard number and date of use) "
                          "and amount."), field="file")
    return list(_said(rows, head))


def _said(rows, head: dict[str, int]) -> Iterator[Said]:
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        given = {column: row[place].strip() if place < len(row) else "" for column, place in head.items()}
        try:
            amount = money.amount_of(given["amount"])
        except ValueError:
            raise BadAnswer(_("Line %(line)s: “%(text)s” is not an amount. Nothing was kept.") % {
                "line": line, "text": given["amount"][:40]}, field="file") from None
        yield Said(line, given.get("number", "").strip("'").upper()[:20],
                   normal_identifier(given.get("standard_number", "")), _day(given.get("day", "")), amount,
                   _currency(given, line))


def _currency(given: dict[str, str], line: int) -> str:
    """From its own column, else from the amount ("EUR 38.00")."""
    said = given.get("currency", "").upper()
    if said in ("", "$"):
        found = re.search(r"[A-Z]{3}|[€£]", given["amount"].upper())
        said = found[0] if found else ""
    said = _SIGNS.get(said, said)
    if said and not re.fullmatch("[A-Z]{3}", said):
        raise BadAnswer(_("Line %(line)s: “%(text)s” is not a currency of three letters. Nothing was kept.") % {
            "line": line, "text": said[:40]}, field="file")
    return said


def _day(text: str) -> date | None:
    if found := re.match(r"(\d{4})-(\d\d)-(\d\d)", text):
        year, month, day = (int(part) for part in found.groups())
    elif found := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})$", text):  # as spreadsheets in the United States write it
        month, day, year = (int(part) for part in found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def compare(ours: list[Royalty], said: list[Said]) -> list[tuple[str, Royalty | None, Said | None]]:
    """(outcome, our line, their row). Pure."""
    by_number = {line.number: line for line in ours}
    found: list[tuple[str, Royalty | None, Said | None]] = []
    met: set[int] = set()
    for one in said:
        line = by_number.get(one.number) if one.number else _by_use(ours, one, met)
        if line is None:
            found.append((StatementLine.EXTRA, None, one))
        elif line.pk in met:
            found.append((StatementLine.DUPLICATE, line, one))
        else:
            met.add(line.pk)
            found.append((StatementLine.MATCHED if _agrees(line, one) else StatementLine.DIFFERS, line, one))
    found += [(StatementLine.MISSING, line, None) for line in ours if line.pk not in met]
    return found


def _agrees(line: Royalty, one: Said) -> bool:
    return one.amount == line.price and one.currency in ("", line.currency)


def _by_use(ours: list[Royalty], one: Said, met: set[int]) -> Royalty | None:
    """Of several of one title and day, one that was not spoken of yet; by the same amount first."""
    fits = [line for line in ours if line.standard_number and line.standard_number == one.standard_number
            and one.day is not None and line.used_on == one.day]
    fits.sort(key=lambda line: (line.pk in met, not _agrees(line, one), line.pk))
    return fits[0] if fits else None


def load(row: RoyaltyList, data: bytes, name: str, *, seen: int, actor: Actor, now: datetime) -> dict[str, int]:
    """The statement takes the place of a former one, except of what a person has spoken on. Outcome → how many."""
    if row.apart is not None:
        raise BadAnswer(_("%(list)s is taken apart: no statement speaks of it.") % {"list": row.number}, field="file")
    said = read(data, name)
    with transaction.atomic():
        if not RoyaltyList.objects.filter(pk=row.pk, version=seen).update(version=seen + 1):
            raise Stale(_("A statement was loaded for this list meanwhile. Look at it; yours was not kept."))
        spoken = row.statement.filter(settled__isnull=False)
        done = set(spoken.filter(word__in=(PAY, OURS, BACK)).values_list("royalty", flat=True))
        # Left where it was missing: said again only when they charge it after all.
        left = set(spoken.filter(word=NOTED, outcome=StatementLine.MISSING).values_list("royalty", flat=True))
        row.statement.filter(settled=None).delete()
        made = [
            StatementLine(
                list=row, royalty=line, row=one.row if one else None, said=one.words if one else "",
                ours=line.price if line else None, amount=one.amount if one else None,
                currency=one.currency if one else "", outcome=outcome)
            for outcome, line, one in compare(list(payment.lines(row)), said)
            if line is None or outcome == StatementLine.DUPLICATE
            or line.pk not in (done | left if outcome == StatementLine.MISSING else done)
        ]
        StatementLine.objects.bulk_create(made)
        counts: dict[str, int] = {}
        for one in made:
            counts[one.outcome] = counts.get(one.outcome, 0) + 1
        events.record("royalties.statement", subject=("royalty_list", row.pk), actor=actor, now=now, data=counts)
    return counts


def next_of(line: StatementLine):
    """What a person may still say of this one; of `NEXT`. What is paid is neither paid again nor owed again."""
    paid = line.royalty.paid if line.royalty is not None and is_paid(line) else None
    if paid is None:
        return _words_of(line)
    if line.outcome == StatementLine.MATCHED:  # with what was agreed; what was paid may be put right
        return () if paid == line.amount else NEXT[StatementLine.DIFFERS][:1]
    return tuple(one for one in _words_of(line) if one[0] != BACK)


def is_paid(line: StatementLine) -> bool:
    return line.royalty is not None and line.royalty.state == Royalty.PAID


def may_be_said(line: StatementLine, what: str) -> bool:
    """Of a line of its kind, paid or not."""
    return what in dict(_words_of(line))


def _words_of(line: StatementLine):
    ours = line.royalty.currency if line.royalty is not None else ""
    if line.outcome == StatementLine.DIFFERS and line.currency not in ("", ours):
        return _OTHER_CURRENCY
    return NEXT[line.outcome]


def settle(
    line: StatementLine, what: str, *, paid_on: date, reference: str, actor: Actor, now: datetime
) -> bool:
    """A person's word on one line; False when it was spoken already."""
    if what not in dict(_words_of(line)):
        raise NotAllowed(_("This cannot be said of such a line."))
    if line.settled is None and what not in dict(next_of(line)):
        raise NotAllowed(_("It is paid already. Nothing was changed."))
    payment.refuse_day(line.list, paid_on, now=now)
    with transaction.atomic():
        mine = StatementLine.objects.filter(pk=line.pk, settled=None)
        if not mine.update(settled=now, settled_by=actor.user, word=what):
            return False
        royalty = line.royalty
        if royalty is not None and what in (PAY, OURS):
            amount = line.amount if what == PAY and line.amount is not None else royalty.price
            payment.pay_line(royalty, amount, paid_on=paid_on, reference=reference, actor=actor, now=now)
            RoyaltyList.objects.filter(pk=line.list_id, paid_on=None).update(paid_on=paid_on)
        if royalty is not None and what == BACK:
            back = Royalty.objects.filter(pk=royalty.pk, state=Royalty.LISTED)
            if not back.update(state=Royalty.OWED, list=None):
                raise NotAllowed(_("It is paid already. Nothing was changed."))
        events.record("royalties.reconciled", subject=("royalty_list", line.list_id), actor=actor, now=now,
                      data={"line": line.pk, "outcome": line.outcome, "what": what})
    return True


def kept(line: StatementLine, what: str) -> str:
    """For whoever said it: what stands there now."""
    row = Royalty.objects.filter(pk=line.royalty_id or 0).first()
    if row is not None and what in (PAY, OURS):
        return _("%(number)s is marked as paid with %(money)s.") % {
            "number": row.number, "money": money.shown(row.paid, row.currency)}
    return str(_KEPT[what, line.outcome]) % {"number": row.number if row is not None else line.said}


def settle_matched(row: RoyaltyList, *, paid_on: date, reference: str, actor: Actor, now: datetime) -> int:
    """All that agree at once."""
    done = 0
    open_lines = row.statement.filter(
        outcome=StatementLine.MATCHED, settled=None, royalty__state=Royalty.LISTED).select_related("royalty", "list")
    with transaction.atomic():
        for line in open_lines:
            done += settle(line, PAY, paid_on=paid_on, reference=reference, actor=actor, now=now)
    return done


def elsewhere(lines: list[StatementLine]) -> dict[int, Royalty]:
    """Of rows that are not in this list: what else we know by that number. One query."""
    numbers = {line.said.split(" ")[0]: line.pk for line in lines if line.outcome == StatementLine.EXTRA and line.said}
    rows = Royalty.objects.filter(number__in=numbers).select_related("list").order_by("pk")
    return {numbers[row.number]: row for row in rows}
