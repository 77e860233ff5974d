"""The Checks tab: typed and found side by side, where else it might be, who did not answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from illdesk import difference
from illdesk.models import User
from requests_app import access, checked, duplicates, lifecycle
from requests_app.models import Check, CitationChange, ILLRequest
from requests_app.verification import own_script, records
from requests_app.verification.evidence import HARD, SOFT, WORDS
from requests_app.verification.sources import GIVES, SOURCES
from requests_app.words import FIELD_LABELS, field_label

# Which shape and colour says how a field agrees.
_DIFFERS = {"year_off", "swapped", "digit", "other_script", "different", "unreadable"}
_ONE_SIDE = {"", "only_typed", "only_found"}


@dataclass(frozen=True)
class Row:
    """One field of the citation: typed, as it stands now, and found."""

    name: str
    label: Any
    typed: SafeString | str
    now: str
    found: SafeString | str
    own_script: str  # the found value in the script of the work itself, where it has another one
    source: str
    words: str
    shape: str
    taken: str  # whose value stands in the request now; '' when it is as typed
    can_take: bool


@dataclass(frozen=True)
class Place:
    """One line of "where else it might be"."""

    label: Any
    words: list[dict[str, Any]]
    failed: list[str] = field(default_factory=list)


def context_for(ill: ILLRequest, user: User, *, candidate: int) -> dict[str, Any]:
    """All that the tab shows this person. Seven queries at most."""
    works = access.works_kind(user, ill.kind)
    known = checked.of_one(ill)
    newest = Check.objects.filter(ill=ill).select_related("by").order_by("-pk").first()
    found = newest.found if newest else []
    candidate = candidate if 0 <= candidate < len(found) else 0
    changes = list(CitationChange.objects.filter(ill=ill, undone=None).select_related("by").order_by("-pk")[:5])
    open_steps = {step.action for step in lifecycle.steps_for(ill)} if works else set()
    rows = _rows(ill, found[candidate]) if found else []
    asked = [_asked(one) for one in newest.asked] if newest else []
    return {
        "check": newest,
        "outcome": _outcome(newest),
        "sentence": _sentence(newest, rows, len(found)),
        "candidate": candidate,
        "against": _against(found[candidate]) if found else [],
        "rows": rows,
        "can_take": "take_over" in open_steps,
        "takes": sum(row.can_take for row in rows),
        "candidates": [_candidate(one, index) for index, one in enumerate(found)],
        "places": _places(newest, known) if newest else [],
        "links": [row for row in (newest.links if newest else []) if web_address(row.get("url", ""))],
        "notes": [row["note"] for row in (newest.links if newest else []) if row.get("note")],
        "asked": asked,
        "silent": [one for one in asked if one["state"] in ("failed", "late")],
        "changes": [_change(row) for row in changes] if "put_back" in open_steps else [],
        "same": duplicates.of(ill, kinds=access.kinds_seen(user)),
        "check_url": reverse("act", args=[ill.number, "check"]) if "check" in open_steps else "",
        "owned": any(row.get("ours") for row in known.held) and "to_documents" in open_steps,
        "online": bool(known.access) and "give_link" in open_steps,
    }


_SHAPES = {"verified": "ended_ok", "probable": "decision", "ambiguous": "decision", "not_found": "trouble"}


def _outcome(newest: Check | None) -> dict[str, Any]:
    code = newest.outcome if newest else ""
    return {"label": dict(Check.OUTCOMES)[code], "shape": _SHAPES.get(code, "")}


def _sentence(newest: Check | None, rows: list[Row], candidates: int) -> str:
    if newest is None:
        return _("No source has been asked about this request.")
    if not newest.outcome:
        return _("No source answered. It is asked again later by itself.") if newest.asked else _(
            "No source is switched on that knows such things.")
    if newest.outcome == Check.NOT_FOUND:
        return _("Who answered does not know it as it is typed.")
    if newest.outcome == Check.AMBIGUOUS:
        return _("%(n)d fit, and they are not the same: a person has to choose.") % {"n": candidates}
    differ = [str(row.label) for row in rows if row.shape == "decision"]
    if not differ:
        return _("Everything that was typed agrees.")
    return _("What differs: %(fields)s.") % {"fields": ", ".join(differ)}


def source_label(code: str) -> str:
    one = SOURCES.get(code)
    return str(one.label) if one else code


def _rows(ill: ILLRequest, found: dict[str, Any]) -> list[Row]:
    record, origins = found["record"], found.get("origins", {})
    whole = records.record_from(record)
    compared = {one["name"]: one for one in found.get("fields", [])}
    is_part = bool(ill.citation.part_title or record.get("part_title"))
    rows = []
    for name in FIELD_LABELS:
        now, value = getattr(ill.citation, name), str(record.get(name, ""))
        if not now and not value:
            continue
        typed = str(ill.citation.typed.get(name, "") or "") or ("" if name in ill.citation.origins else now)
        one = compared.get(name) or compared.get(_COMPARED_AS.get(name, ""), {})
        agreement = one.get("agreement", "")
        left, right = _sides(typed, value, agreement)
        words = WORDS[agreement] if agreement in WORDS and agreement not in _ONE_SIDE else (
            _("new") if value and not typed else "")
        rows.append(Row(
            name=name, label=field_label(name, is_part=is_part), typed=left, now=now if now != typed else "",
            found=right,
            own_script=own_script.original(whole, name) if name in own_script.FIELDS else "",
            source=source_label(origins.get(name) or record.get("source", "")) if value else "",
            words=str(words) if value else _("not given"), shape=_shape(agreement) if value and typed else "",
            taken=source_label(ill.citation.origins[name]) if name in ill.citation.origins else "",
            can_take=bool(value) and value != now,
        ))
    return rows


def web_address(url: str) -> str:
    """An address that a page may lead to; what a source sends may be anything, so '' for all else."""
    return url if url.lower().startswith(("https://", "http://")) else ""


# Matching compares who wrote it, of a part or of the whole.
_COMPARED_AS = {"part_author": "author"}
# Where both are the same in other letters, marking every letter would only shout.
_UNMARKED = {"same", "script", "characters", "abbreviated", "acronym"}


def _sides(typed: str, value: str, agreement: str) -> tuple[SafeString | str, SafeString | str]:
    if not typed or not value or agreement in _UNMARKED:
        return typed, value
    return difference.sides(typed, value)


def _shape(agreement: str) -> str:
    return "decision" if agreement in _DIFFERS else "" if agreement in _ONE_SIDE else "ended_ok"


def _candidate(one: dict[str, Any], index: int) -> dict[str, Any]:
    record = records.record_from(one["record"])
    parts = [
        (record.part_author or record.author, False), (record.title if record.part_title else "", False),
        (record.edition, False), (record.publisher, False),
        (record.volume and _("v. %(n)s") % {"n": record.volume}, True), (record.year, True), (record.pages, True),
        (record.isbn or record.issn, True),
    ]
    return {
        "index": index, "title": record.part_title or record.title, "parts": [part for part in parts if part[0]],
        "score": round(100 * one["score"]), "source": source_label(record.source), "url": web_address(record.url),
        "against": _against(one),
    }


def _against(one: dict[str, Any]) -> list[Any]:
    """Why it is not simply taken for the same, in the reader's language."""
    return [HARD.get(code) or SOFT.get(code) or code for code in one.get("against", [])]


def _asked(one: dict[str, Any]) -> dict[str, Any]:
    return one | {
        "label": source_label(one["code"]), "words_state": _STATES[one["state"]],
        "seconds": one.get("ms", 0) / 1000, "shape": _ASKED_SHAPES[one["state"]],
    }


_STATES = {
    "found": gettext_lazy("knows it, or something like it"), "nothing": gettext_lazy("knows nothing"),
    "failed": gettext_lazy("did not answer"), "late": gettext_lazy("did not answer in time"),
}
_ASKED_SHAPES = {"found": "ended_ok", "nothing": "ended_not", "failed": "trouble", "late": "trouble"}


def _places(newest: Check, known: checked.Known) -> list[Place]:
    silent = {one["code"] for one in newest.asked if one["state"] in ("failed", "late")}

    def failed(kind: str) -> list[str]:
        return [source_label(code) for code in sorted(silent) if kind in GIVES.get(code, ())]

    held = [row for row in known.held if row.get("ours")]
    told = [row for row in held if "ours" in GIVES.get(row.get("source", ""), ())]  # as Checked.ours
    ours = [
        {"text": " · ".join(records.distinct(row.get(name, "") for name in ("name", "location", "call_number"))),
         "note": _on_shelf(row), "url": web_address(row.get("url", "")), "as_of": row.get("as_of")}
        for row in told or held
    ]
    others: dict[Any, list[dict[str, Any]]] = {}
    for row in known.held:
        if not row.get("ours"):
            others.setdefault(row.get("as_of"), []).append(row)
    elsewhere = [_holders(rows, as_of) for as_of, rows in others.items()]
    licensed = [_link(row) for row in known.access if row["way"] == "licensed"]
    free = [_link(row) for row in known.access if row["way"] == "free"]
    return [
        Place(_("Our shelves"), ours, failed("ours")), Place(_("Licensed online"), licensed, failed("licensed")),
        Place(_("Free online"), free, failed("free")), Place(_("Other libraries"), elsewhere, failed("holdings")),
    ]


def _holders(rows: list[dict[str, Any]], as_of: datetime | None) -> dict[str, Any]:
    count = ngettext("%(n)d library", "%(n)d libraries", len(rows)) % {"n": len(rows)}
    names = ", ".join(row.get("symbol") or row["name"] for row in rows[:12])
    return {"text": count, "note": names, "url": "", "as_of": as_of}


def _on_shelf(row: dict[str, Any]) -> str:
    available = row.get("available")
    words = "" if available is None else _("on the shelf") if available else _("not on the shelf")
    return ", ".join(filter(None, (words, row.get("note", ""), row.get("volumes", ""))))


VERSIONS = {
    "published": gettext_lazy("published version"), "accepted": gettext_lazy("accepted manuscript"),
    "submitted": gettext_lazy("submitted manuscript"),
}


def _link(row: dict[str, Any]) -> dict[str, Any]:
    note = [row.get("coverage", ""), str(VERSIONS.get(row.get("version", ""), "")), row.get("licence", ""),
            _("only in part, or to be read there") if row.get("limited") else "", "PDF" if row.get("is_pdf") else ""]
    return {"text": row.get("name") or row["url"], "note": ", ".join(x for x in note if x),
            "url": web_address(row["url"]), "as_of": row.get("as_of")}


def _change(row: CitationChange) -> dict[str, Any]:
    return {
        "row": row, "who": row.by.short_name if row.by else _("The system"),
        "fields": ", ".join(str(FIELD_LABELS.get(name, name)) for name in row.values),
    }
