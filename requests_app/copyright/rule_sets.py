"""The rules by version: what is in force, what is planned, a new version, and what it would change. The past stays."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed, Stale
from requests_app import lifecycle
from requests_app.copyright import clearance, decision, waits
from requests_app.copyright.rules import DEFAULT, PRESETS, Rules, of
from requests_app.models import CopyrightUse, ILLRequest, RuleSet

TRIED = 50


@dataclass(frozen=True)
class Version:
    """`row`: None for the rules that are built in. `state`: "now", "planned", "past" or "withdrawn"."""

    rules: Rules
    row: RuleSet | None
    state: str


def rules_of(row: RuleSet) -> Rules:
    return of(row.settings, code=row.code, version=row.version, name=row.name, country=row.country)


def by_label() -> dict[str, Rules]:
    """Every version of rules by its label, the built-in one too."""
    rows = RuleSet.objects.order_by("valid_from", "pk")
    return {DEFAULT.label: DEFAULT} | {one.label: one for one in map(rules_of, rows)}


def newest() -> int:
    """Key of the newest version there is; 0 before the first."""
    return RuleSet.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def versions(today: date, *, most: int = 100) -> list[Version]:
    """Newest first; last the built-in ones, with which every library begins."""
    rows = list(RuleSet.objects.select_related("by").order_by("-pk")[:most])
    valid = [row for row in rows if row.on and row.valid_from <= today]
    current = max(valid, key=lambda row: (row.valid_from, row.pk), default=None)
    found = [Version(rules_of(row), row, _state(row, current, today)) for row in rows]
    return [*found, Version(DEFAULT, None, "past" if current else "now")]


def _state(row: RuleSet, current: RuleSet | None, today: date) -> str:
    if not row.on:
        return "withdrawn"
    if row == current:
        return "now"
    return "planned" if row.valid_from > today else "past"


def save(draft: Rules, *, valid_from: date, seen: int, actor: Actor, now: datetime) -> RuleSet:
    """A new version. `seen`: `newest()` as it was when the person began; raises Stale when somebody stored one since.

    BadAnswer where the day lies in the past: what was decided stays as it was decided; and where uses are counted and
    one code would say both that a copy is counted and that it is not (C8)."""
    if valid_from < timezone.localtime(now).date():
        raise BadAnswer(_("The past is not changed: choose today or a later day."), field="valid_from")
    if draft.counts and draft.inside == draft.outside:
        raise BadAnswer(_("These rules have one code for copies that are counted and for those that are not. Nothing "
                          "can be counted by them: choose the set of the United States, or leave counting off."),
                        field="counts")
    preset = PRESETS.get(draft.code, DEFAULT)
    kept = ("code", "version", "name", "country")
    settings = {
        name: value for name, value in asdict(draft).items() if name not in kept and getattr(preset, name) != value
    }
    try:
        with transaction.atomic():
            if newest() != seen:
                raise Stale(_faster())
            last = RuleSet.objects.filter(code=draft.code).aggregate(last=Max("version"))["last"]
            # The built-in rules are version 1 of their set.
            version = (last or PRESETS[draft.code].version) + 1 if last or draft.code == DEFAULT.code else 1
            row = RuleSet.objects.create(
                code=draft.code, version=version, name=preset.name, country=preset.country, valid_from=valid_from,
                settings=settings, follows=seen, made=now, by=actor.user,
            )
            events.record(
                "copyright_rules.changed", subject=("copyright_rules", row.pk), actor=actor, now=now,
                data={"rules": f"{row.code}/{row.version}", "valid_from": valid_from.isoformat(), "settings": settings},
            )
            # Of a limit that begins later the clock tells, on its day.
            waits.changed_all(now=now)
            return row
    except IntegrityError as taken:  # both saw the same newest one: `follows` is one row's alone
        raise Stale(_faster()) from taken


def differs(draft: Rules, valid_from: date) -> bool:
    """From what holds on that day anyway."""
    present = clearance.rules_on(valid_from)
    return draft != replace(present, version=draft.version, name=draft.name, country=draft.country)


def _faster() -> str:
    return _("A colleague stored a version of the rules meanwhile. Yours is kept below; look at both.")


def withdraw(pk: int, *, actor: Actor, now: datetime) -> None:
    """A planned version that has not begun is not to begin. One that has stays as it was."""
    today = timezone.localtime(now).date()
    with transaction.atomic():
        if not RuleSet.objects.filter(pk=pk, on=True, valid_from__gt=today).update(on=False):
            raise NotAllowed(_("Only a version that has not begun can be withdrawn. Store a new one instead."))
        events.record("copyright_rules.withdrawn", subject=("copyright_rules", pk), actor=actor, now=now)


# --- what a draft would change -----------------------------------------------------------------------------------

_WAITING = [f"borrowing.{name}" for name in ("submitted", "in_review", "copyright_review", "ready_to_send", "unfilled")]


@dataclass(frozen=True)
class Tried:
    """One request, as it is decided now and as it would be. `sent`: it has left already; nothing would change for
    it."""

    ill: ILLRequest
    before: decision.Decision
    after: decision.Decision
    sent: bool

    @property
    def differs(self) -> bool:
        return (self.before.verdict, self.before.code) != (self.after.verdict, self.after.code)


def dry_run(draft: Rules, *, now: datetime, most: int = TRIED) -> list[Tried]:
    """Copy requests that wait, and those that were sent last, looked at by the rules in force and by the draft.
    Nothing is written."""
    today = timezone.localtime(now).date()
    present = clearance.rules_on(today)
    rows = ILLRequest.objects.filter(service=lifecycle.COPY).select_related("citation")
    waiting = list(rows.filter(state__in=_WAITING).order_by("-pk")[:most])
    lately = CopyrightUse.objects.exclude(state=CopyrightUse.FREED).exclude(ill=None).order_by("-pk")
    sent = list(rows.filter(pk__in=list(lately.values_list("ill_id", flat=True)[:most])).order_by("-pk"))
    return [
        *(_tried(ill, present, draft, now, sent=False) for ill in waiting),
        *(_tried(ill, present, draft, now, sent=True) for ill in sent if ill not in waiting),
    ]


def _tried(ill: ILLRequest, present: Rules, draft: Rules, now: datetime, *, sent: bool) -> Tried:
    before, after = (clearance.look(ill, now=now, by=rules) for rules in (present, draft))
    made = after.decision
    place = after.facts.counted.own_place
    if draft.counts and place is not None and place > draft.limit and made.leaning == decision.WITHIN:
        made = decision.Decision(decision.OVER, decision.OVER, "", "", made.year, made.lines, made.doubts)
    return Tried(ill, before.decision, made, sent)


def beyond(draft: Rules, year: int) -> list[tuple[str, int]]:
    """Titles of which more is counted in the year than the draft allows, with how many; fullest first. They keep
    their places; nothing more can be counted for them in that year."""
    if not draft.counts:
        return []
    counted = CopyrightUse.objects.filter(year=year, state__in=CopyrightUse.COUNTED, over=False)
    full = counted.values("title__name").annotate(n=Count("pk")).filter(n__gt=draft.limit).order_by("-n", "title__name")
    return [(row["title__name"], row["n"]) for row in full[:20]]
