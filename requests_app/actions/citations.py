"""What verification said, and what people made of it: stored checks, values taken over and put back, links sent."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer, NotAllowed
from requests_app import search
from requests_app.actions import Doing, does
from requests_app.actions.patrons import tell_patron
from requests_app.models import Check, Citation, CitationChange, ILLRequest
from requests_app.verification import records, stored, volumes
from requests_app.verification.sources.reading import is_web

# Who did not answer is asked again: soon, then ever more seldom, then not by itself.
_AGAIN = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=4), timedelta(days=1))
MOST_CANDIDATES, MOST_HELD, MOST_ACCESS = 12, 400, 40


@does("check")
def check(doing: Doing) -> None:
    """`answers`: checked (verification.check.Checked), made before this transaction began; asked_for: the Record of
    the citation as it was then, where somebody may have changed it since."""
    checked = doing.answers.get("checked")
    if checked is None:
        raise BadAnswer(_("Nobody was asked. Nothing was changed."))
    ill = doing.ill
    asked_for = doing.answers.get("asked_for")
    if asked_for is not None and asked_for != stored.wanted_of(Citation.objects.get(pk=ill.citation_id)):
        raise NotAllowed(_("The citation was changed while others were asked about it. Verify again."))
    row = Check.objects.create(
        ill=ill, made=doing.now, by=doing.actor.user, outcome=checked.outcome,
        wanted=records.record_to(checked.wanted),
        asked=[
            {"code": one.code, "state": one.state, "ms": one.ms, "words": one.words[:500], "kept": one.remembered}
            for one in checked.asked
        ],
        found=[as_stored(one) for one in checked.candidates[:MOST_CANDIDATES]], container=_container(checked),
        **_lists(checked),
    )
    if checked.outcome or not ill.outcome:
        ill.outcome = checked.outcome
    ill.check_due = _next_check(doing, checked)
    doing.data |= {"check": row.pk, "outcome": checked.outcome}
    if not ill.attention and ill.kind == "borrowing" and ill.state in _EARLY:
        if any(one.available is not False for one in volumes.standing(checked.ours, _wished(checked))):
            doing.attend("owned")
        elif any(not one.limited for one in checked.access):
            doing.attend("online")
    # The step stands aside (nobody's page grows stale by it), so what it changes is written here.
    ILLRequest.objects.filter(pk=ill.pk).update(outcome=ill.outcome, check_due=ill.check_due)
    if ill.attention == doing.now:
        ILLRequest.objects.filter(pk=ill.pk, attention=None, state__in=_EARLY).update(
            attention=ill.attention, attention_why=ill.attention_why
        )


_EARLY = ("borrowing.submitted", "borrowing.in_review")


def _wished(checked) -> records.Record:
    """With the volume and year that were found where the patron named none."""
    wanted = checked.wanted
    if checked.best is None or checked.outcome not in (Check.VERIFIED, Check.PROBABLE):
        return wanted
    found = checked.best.record
    return wanted.with_(
        kind=wanted.kind or found.kind, volume=wanted.volume or found.volume, year=wanted.year or found.year)


def _next_check(doing: Doing, checked):
    if checked.is_whole and checked.outcome:
        return None
    made = Check.objects.filter(ill=doing.ill).count()
    return doing.now + _AGAIN[made - 1] if 0 < made <= len(_AGAIN) else None


def _lists(checked) -> dict[str, list[dict[str, Any]]]:
    whole = records.to_json(records.Answer(
        held=checked.held[:MOST_HELD], access=checked.access[:MOST_ACCESS], links=checked.links, notes=checked.notes,
    ))
    return {
        "held": whole.get("held", []), "access": whole.get("access", []),
        "links": [*whole.get("links", []), *({"note": note} for note in whole.get("notes", []))],
    }


def _container(checked) -> dict[str, Any]:
    """The names before and after of the journal it is in."""
    return {
        name: values for name in ("continues", "continued_by")
        if (values := list(records.distinct(issn for one in checked.container for issn in getattr(one, name))))
    }


def as_stored(candidate) -> dict[str, Any]:
    """A candidate of matching: its record, where each field came from, and how each agrees with what was wanted."""
    match = candidate.match
    return {
        "record": records.record_to(candidate.record),
        "origins": dict(candidate.origins),
        "score": round(match.score, 4),
        "against": [one.code for one in match.against],
        "fields": [{"name": one.name, "agreement": one.agreement} for one in match.fields],
    }


# What a person may take over from a source: everything a citation has. The kind stays: it decides the form.
TAKEN = records.CITED


@does("take_over")
def take_over(doing: Doing) -> None:
    """`answers`: check (its pk; none: the newest), candidate (its place, from 0), fields (names; empty: all that
    differ)."""
    rows = Check.objects.filter(ill=doing.ill)
    if wanted_check := doing.answers.get("check"):
        rows = rows.filter(pk=wanted_check)
    newest = rows.order_by("-pk").first()
    place = doing.answers.get("candidate") or 0
    if newest is None or not 0 <= place < len(newest.found):
        raise BadAnswer(_("This check is gone. Verify again, then take over."))
    found = newest.found[place]
    wanted = [name for name in doing.answers.get("fields") or TAKEN if name in TAKEN]
    take(doing, found["record"], found.get("origins", {}), wanted)


def take(doing: Doing, record: dict[str, Any], origins: dict[str, str], names) -> CitationChange:
    """Put these fields of a found record into the citation; what was typed stays in `typed`, and all can be undone."""
    citation = doing.ill.citation
    values: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    for name in names:
        after = _fitting(name, str(record.get(name, "")))
        before = getattr(citation, name)
        if not after or after == before:
            continue
        values[name] = [before, after]
        sources[name] = [citation.origins.get(name, ""), origins.get(name) or record.get("source", "")]
        setattr(citation, name, after)
        citation.origins[name] = sources[name][1]
    if not values:
        raise NotAllowed(_("There is nothing to take over: the fields are as they were found."))
    citation.save(update_fields=[*values, "origins"])
    change = CitationChange.objects.create(
        ill=doing.ill, made=doing.now, by=doing.actor.user, values=values, origins=sources
    )
    if any(before for before, _after in values.values()):  # another citation than the one that was checked
        doing.ill.check_due = doing.now
    search.index(doing.ill)
    doing.data |= {"change": change.pk, "fields": list(values)}
    return change


def _fitting(name: str, value: str) -> str:
    limit = getattr(Citation._meta.get_field(name), "max_length", None)
    return value[:limit] if limit else value


@does("put_back")
def put_back(doing: Doing) -> None:
    """`answers`: change (its pk; none: the newest). What somebody changed since then stays as it is now."""
    rows = CitationChange.objects.filter(ill=doing.ill, undone=None)
    if wanted := doing.answers.get("change"):
        rows = rows.filter(pk=wanted)
    change = rows.order_by("-pk").first()
    if change is None:
        raise NotAllowed(_("Nothing was taken over that could be put back."))
    citation = doing.ill.citation
    restored = []
    for name, (before, after) in change.values.items():
        if getattr(citation, name) != after:
            continue
        setattr(citation, name, before)
        source = change.origins.get(name, ["", ""])[0]
        citation.origins.pop(name, None)
        if source:
            citation.origins[name] = source
        restored.append(name)
    if not restored:
        raise NotAllowed(_("These fields were changed again since then; nothing was put back."))
    citation.save(update_fields=[*restored, "origins"])
    doing.ill.check_due = doing.now
    change.undone = doing.now
    change.save(update_fields=["undone"])
    search.index(doing.ill)
    doing.data |= {"change": change.pk, "fields": restored}


@does("give_link")
def give_link(doing: Doing) -> None:
    """It is online for the patron: the request ends with a letter that holds the link. `answers`: url, text."""
    url = (doing.answers.get("url") or "").strip()
    if not is_web(url):
        raise BadAnswer(_("Enter the whole address, beginning with https://."), field="url")
    ill = doing.ill
    ill.reason = doing.data["reason"] = "online"
    ill.rota.filter(state="waiting").update(state="skipped", changed=doing.now)
    ill.rota_left, ill.respond_by, ill.check_due = 0, None, None
    if ill.attention_why in ("online", "owned"):
        ill.attention, ill.attention_why = None, ""
    text = doing.answers.get("text", "").strip()
    doing.note("to_patron", f"{text}\n\n{url}".strip())
    tell_patron(doing, "online", values={"address": url, "text": text})
