"""What verification keeps in the database: how sources are set, what they answered, what a check said."""

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from illdesk import hosts
from illdesk.models import Institution, OutsideHost
from requests_app.models import Check, Citation, ILLRequest, SourceAnswer, SourceSetting
from requests_app.verification import own_script, records
from requests_app.verification.sources import SOURCES, Settings, Source
from requests_app.verification.web import Web


@dataclass(frozen=True)
class Set:
    """A source that is switched on, with what the library set for it. `kept`: its own memory (a token)."""

    source: Source
    settings: Settings
    kept: dict[str, Any]


def switched_on(*, institution: Institution | None = None) -> list[Set]:
    """In the order in which sources are registered. Two queries."""
    rows = {row.code: row for row in SourceSetting.objects.filter(on=True, code__in=list(SOURCES))}
    if not rows:
        return []
    institution = institution or Institution.objects.filter(pk=1).first() or Institution()
    return [
        Set(one, settings_of(rows[code], institution), _kept(rows[code]))
        for code, one in SOURCES.items() if code in rows
    ]


def settings_of(row: SourceSetting, institution: Institution) -> Settings:
    return Settings(
        url=row.url, key=row.key, secret=row.secret, options=row.options, contact=institution.email,
        # Where no other is entered, our own symbol is taken to be OCLC's too, as lenders.names does.
        symbol=institution.oclc_symbol or institution.symbol, country=institution.country,
        registry_id=institution.registry_id,
    )


def agent(institution_email: str) -> str:
    """Who asks, with a way to reach us, as many operators want it."""
    return f"ILLDesk/1 (mailto:{institution_email})" if institution_email else "ILLDesk/1"


def _kept(row: SourceSetting) -> dict[str, Any]:
    try:
        kept = json.loads(row.kept or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def down_now(now: datetime) -> dict[str, str]:
    """Hosts that are not to be asked now, each with the sentence why. One query."""
    closed = Q(failures__gte=hosts.DOWN_AFTER, next_probe__gt=now) | Q(not_before__gt=now)
    return {
        row.host: _("%(host)s asks us to wait until %(time)s.") % {"host": row.host, "time": _clock(row.not_before)}
        if row.not_before and row.not_before > now
        else _("%(host)s does not answer at the moment; it is asked again later.") % {"host": row.host}
        for row in OutsideHost.objects.filter(closed)
    }


def _clock(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%H:%M")


def wait_for_turn(one: Source, *, most: float) -> float | None:
    """Seconds until this source may be asked, by its operator's pause between two calls of all our processes;
    None when that is longer than `most`. Taking a turn counts at once."""
    if not one.gap:
        return 0.0
    gap = timedelta(seconds=one.gap)
    for _attempt in range(5):
        now = timezone.now()
        row = SourceSetting.objects.filter(code=one.code).values_list("pk", "free_at").first()
        if row is None:
            return 0.0
        pk, free_at = row
        turn = max(now, free_at) if free_at else now
        wait = (turn - now).total_seconds()
        if wait > most:
            return None
        if SourceSetting.objects.filter(pk=pk, free_at=free_at).update(free_at=turn + gap):
            return wait
        time.sleep(0.005)
    return None


def question(one: Source, settings: Settings, wanted: records.Record) -> str:
    """What is asked of whom, as one number: other settings are another question, and so is another language, since
    the sentences of an answer are kept as they were said."""
    language = translation.get_language() or ""
    asked = [one.code, settings.url, sorted(settings.options.items()), records.record_to(wanted), language]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def answers(questions: Iterable[str], *, now: datetime) -> dict[str, records.Answer]:
    """Those that are still good, by question. One query."""
    rows = SourceAnswer.objects.filter(question__in=list(questions), until__gt=now)
    return {row.question: records.from_json(row.data) for row in rows}


def keep_answer(one: Source, asked: str, answer: records.Answer, *, now: datetime) -> None:
    days = one.days if answer else one.days_nothing
    if days <= 0 or answer.incomplete:
        return
    values = {"data": records.to_json(answer), "at": now, "until": now + timedelta(days=days)}
    try:
        with transaction.atomic():
            SourceAnswer.objects.update_or_create(source=one.code, question=asked, defaults=values)
    except IntegrityError:  # another process asked the same at this moment; its answer is as good
        return


def remember(web: Web, one: Source, kept_before: dict[str, Any], *, now: datetime) -> None:
    """How the servers fared that this source called, and what it wants kept."""
    for host, why in web.fared.items():
        if why:
            hosts.failed(host, why, now=now)
        else:
            hosts.worked(host, now=now)
    for host, seconds in web.not_before.items():
        OutsideHost.objects.get_or_create(host=host)
        OutsideHost.objects.filter(host=host).update(not_before=now + timedelta(seconds=seconds))
    if web.kept != kept_before:
        row = SourceSetting.objects.filter(code=one.code).first()
        if row is not None:
            row.kept = json.dumps(web.kept)
            row.save(update_fields=["kept"])


def forget_old_answers(*, now: datetime, limit: int = 5000) -> int:
    pks = list(SourceAnswer.objects.filter(until__lte=now).values_list("pk", flat=True)[:limit])
    gone, _kinds = SourceAnswer.objects.filter(pk__in=pks).delete()
    return gone


# What a citation calls its numbers, and what verification does, are the same names (records.CITED).


def wanted_of(citation: Citation) -> records.Record:
    """A stored citation as it stands, ready to be asked for."""
    from requests_app.verification.wanted import normal_record

    values: dict[str, Any] = {name: str(getattr(citation, name) or "").strip() for name in records.CITED}
    return normal_record(records.Record(kind=citation.kind, **values))


def in_own_script(ill: ILLRequest) -> dict[str, str]:
    """Titles and names of the citation in the work's own script, as a catalogue gave them beside the romanized ones:
    a library there looks for those. One query; {} where nothing was verified."""
    newest = Check.objects.filter(ill=ill).order_by("-pk").first()
    if newest is None or newest.outcome not in (Check.VERIFIED, Check.PROBABLE) or not newest.found:
        return {}
    record = records.record_from(newest.found[0]["record"])
    return {
        name: form for name in own_script.FIELDS
        if (form := own_script.original(record, name)) and form != getattr(ill.citation, name)
    }


def due(*, now: datetime, limit: int):
    """Requests whose check is due, the longest waiting first."""
    return (
        ILLRequest.objects.filter(check_due__lte=now).order_by("check_due", "pk")
        .select_related("citation", "patron", "partner", "branch")[:limit]
    )


def no_longer_due(*, now: datetime, states: Iterable[str], limit: int = 2000) -> int:
    """Where a request stands elsewhere by now its check is forgotten; else those that came while no source was on
    would be in the way of new ones."""
    passed = ILLRequest.objects.filter(check_due__lte=now).exclude(state__in=list(states)).order_by("check_due")
    return ILLRequest.objects.filter(pk__in=list(passed.values_list("pk", flat=True)[:limit])).update(check_due=None)


def put_off(ill: ILLRequest, until: datetime | None, *, was: datetime | None) -> bool:
    """Only one process checks a request: whoever moves its date on."""
    return bool(ILLRequest.objects.filter(pk=ill.pk, check_due=was).update(check_due=until))


__all__ = [
    "Set", "agent", "answers", "down_now", "due", "forget_old_answers", "in_own_script",
    "keep_answer", "no_longer_due", "put_off", "question",
    "remember", "settings_of", "switched_on", "wait_for_turn", "wanted_of",
]
