"""How requests begin: a patron asks, or a library does. Stored before anything else is asked of anyone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import events, registry, rows
from illdesk.actors import Actor
from illdesk.calendars import NeverOpen
from illdesk.errors import NotAllowed
from illdesk.models import Branch
from illdesk.models.calendar import days_of
from requests_app import letters, lifecycle, search
from requests_app.copyright import clearance, declarations
from requests_app.models import Citation, Counter, Dialogue, ILLRequest, Library, LoanPolicy, Patron

# How a request came that staff entered for a patron.
CAME: dict[str, str | Promise] = {
    "phone": gettext_lazy("by telephone"), "counter": gettext_lazy("at the counter"),
    "mail": gettext_lazy("by letter or e-mail"), "paper": gettext_lazy("on a paper form"),
}


def next_number(kind: str, *, today: date) -> str:
    """'B-2026-00412': prefix of the kind at birth, year, yearly number; call inside a transaction."""
    prefix = lifecycle.PREFIXES[kind]
    following = _next_of_sequence if connection.vendor == "postgresql" else _next_of_row
    return f"{prefix}-{today.year}-{following(prefix, today.year):05d}"


def _next_of_row(prefix: str, year: int) -> int:
    """SQLite has one writer at a time: the row is locked no longer than everything else."""
    mine = Counter.objects.filter(prefix=prefix, year=year)
    if not mine.update(last=F("last") + 1):
        Counter.objects.bulk_create([Counter(prefix=prefix, year=year)], ignore_conflicts=True)
        mine.update(last=F("last") + 1)
    return mine.get().last


def _next_of_sequence(prefix: str, year: int) -> int:
    """A counted row would stay locked until the commit is on the disk, and all requests would queue up at it.

    A sequence is not locked. It does not begin anew each year: the year's row keeps what it stood at (`base`).
    """
    sequence = Counter.SEQUENCES[prefix]
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT nextval(%s) - base FROM requests_app_counter "
                "WHERE prefix = %s AND year = %s AND base IS NOT NULL",
                [sequence, prefix, year],
            )
            if found := cursor.fetchone():
                return found[0]
            # The year's first. Who meets another's first here waits for its commit and takes its base.
            Counter.objects.bulk_create([Counter(prefix=prefix, year=year)], ignore_conflicts=True)
            cursor.execute(
                "UPDATE requests_app_counter SET base = nextval(%s) - last "
                "WHERE prefix = %s AND year = %s AND base IS NULL",
                [sequence, prefix, year],
            )


def ask(
    *,
    patron: Patron,
    citation: dict,
    typed: dict,
    actor: Actor,
    now: datetime,
    need_by: date | None = None,
    branch: Branch | None = None,
    note: str = "",
    form_key: str | None = None,
    service: str = lifecycle.LOAN,
    warning_version: str = "",
    warning_shown: str = "",
    signed: declarations.Signed | None = None,
    came: str = "",
) -> ILLRequest:
    """A patron's request. The same form sent twice (`form_key`) is one request.

    `citation`: fields of Citation; `typed`: what was entered, as it was entered. `warning_shown`: how the patron saw
    the warning (a code of `copyright.notices.SHOWN`). `signed`: the declaration; where the rules ask for one and it is
    missing, the request is stored and waits. `came`: how it came to staff who entered it (a code of `CAME`).
    Raises NotAllowed when something blocks the patron.
    """
    if form_key and (known := ILLRequest.objects.filter(form_key=form_key, patron=patron).first()):
        return known
    blocks = [sentence for ask_block in registry.PATRON_BLOCKS for sentence in ask_block(patron)]
    if blocks:
        raise NotAllowed(" ".join(blocks))
    missing = service == lifecycle.COPY and signed is None and clearance.rules_on(
        timezone.localtime(now).date()).declaration_needed
    try:
        with transaction.atomic():
            ill = _store(
                lifecycle.BORROWING, "borrowing.submitted", citation=citation, typed=typed, now=now,
                patron=patron, need_by=need_by, asker_note=note, form_key=form_key, service=service,
                branch=None if service == lifecycle.COPY else branch or patron.pickup,
                warning_version=warning_version, warning_shown=warning_shown, check_due=now,
                declaration_due=now if missing else None,
            )
            search.index(ill)
            data = {"to": ill.state, "v": 0, "kind": ill.citation.kind}
            data |= {name: said for name, said in (("warning", warning_shown), ("came", came)) if said}
            if signed is not None:
                data["declaration"] = declarations.accept(ill, signed, actor=actor, now=now).pk
            events.record("request.ask", subject=ill.subject, actor=actor, now=now, data=data)
            letters.to_patron(ill, "asked", now=now)
            return ill
    except IntegrityError:
        if form_key and (known := ILLRequest.objects.filter(form_key=form_key, patron=patron).first()):
            return known
        raise


def arrive(
    *,
    library: Library,
    request_id: str,
    citation: dict,
    typed: dict,
    actor: Actor,
    now: datetime,
    heard: datetime | None,
    service: str,
    need_by: date | None = None,
    note: str = "",
    call_number: str = "",
    compliance: str = "",
    max_cost: Decimal | None = None,
    currency: str = "USD",
    agency: tuple[str, str] = ("", ""),
    answer_days: int | None = None,
) -> ILLRequest:
    """Another library's request; call inside the inbox's transaction. `answer_days`: the policy's, where they
    are at hand. `agency`: type and value of the symbol it used, where that is not its main one."""
    days = answer_days or LoanPolicy.current().answer_days
    ill = _store(
        lifecycle.LENDING, "lending.received", citation=citation, typed=typed, now=now, partner=library,
        need_by=need_by, asker_note=note, service=service, call_number=call_number[:200],
        compliance=compliance, max_cost=max_cost, currency=currency,
        respond_by=_answer_by(library, now, days),
    )
    dialogue = Dialogue(
        ill=ill, library=library, role=Dialogue.SUPPLIER, request_id=request_id, opened=now, heard=heard,
        agency_type=agency[0], agency_value=agency[1],
    )
    events.record("request.arrive", subject=ill.subject, actor=actor, now=now,
                  data={"to": ill.state, "v": 0, "library": library.pk},
                  along=[*search.indexing(ill), rows.insertion(dialogue)])
    return ill


def _answer_by(library: Library, now: datetime, days: int) -> datetime:
    """Until when we answer: by the calendar of the library that asks, as its channel counts."""
    try:
        return days_of(library.calendar).deadline(now, days)
    except NeverOpen:
        return now + timedelta(days=days)


def _store(kind: str, state: str, *, citation: dict, typed: dict, now: datetime, **fields) -> ILLRequest:
    row = Citation(typed=typed, **_fitting(citation))
    rows.insert(row)
    ill = ILLRequest(
        number=next_number(kind, today=timezone.localtime(now).date()),
        kind=kind, state=state, created=now, changed=now, citation=row, **fields,
    )
    rows.insert(ill)
    return ill


def _fitting(citation: dict) -> dict:
    """Other systems send longer values than our columns hold; `typed` and the stored XML keep them whole."""
    limits = _limits()
    fitting = {}
    for name, value in citation.items():
        limit = limits.get(name)
        if isinstance(value, str):
            value = value.replace("\x00", "")
            if limit:
                value = value[:limit]
        fitting[name] = value
    return fitting


@cache
def _limits() -> dict[str, int | None]:
    return {field.name: field.max_length for field in Citation._meta.get_fields() if hasattr(field, "max_length")}


def duplicate_of(patron: Patron, *, title: str, today: date) -> ILLRequest | None:
    """An open request of the same patron for the same title: shown, never refused."""
    return (
        ILLRequest.objects.filter(
            Q(citation__part_title__iexact=title.strip())
            | Q(citation__part_title="", citation__title__iexact=title.strip()),
            patron=patron, state__in=lifecycle.open_states(),
        )
        .order_by("-id")
        .first()
    )


def ensure_patron(user) -> Patron:
    """The patron record of somebody who signs in and may ask."""
    patron = Patron.objects.filter(user=user).select_related("pickup").first()
    if patron is None:
        if not user.may("ask"):
            raise NotAllowed(_("Your account cannot ask for items yet. Write to the department."))
        patron, _created = Patron.objects.get_or_create(
            user=user,
            defaults={
                "card": f"user-{user.pk}", "first_name": user.first_name, "last_name": user.last_name or user.username,
                "email": user.email, "language": user.language or "en",
            },
        )
    return patron
