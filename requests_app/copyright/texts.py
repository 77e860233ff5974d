"""The library's own texts on copyright, by version: declarations, notices, legends. A new wording is a new row.

What the house proposes for another country was not checked against its law (C20): it is used, and shown to
administrators as a proposal until one of them confirms it or the library's own text takes its place.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, Stale
from requests_app.copyright import clearance, notices, wordings
from requests_app.copyright.rules import Rules
from requests_app.models import CopyrightText, TextCheck

_PROPOSED = {CopyrightText.DECLARATION: wordings.DECLARATIONS, CopyrightText.LEGEND: wordings.LEGENDS}
# What the law of the land prescribes word for word, or nearly so: the library puts nothing in its place.
LOCKED = {(CopyrightText.LEGEND, "us-contu")}


def proposed(kind: str, rules: str, language: str = "en") -> CopyrightText | None:
    """The house's own text, not stored; None where it has none."""
    by_rules = _PROPOSED.get(kind, {})
    texts = by_rules.get(rules) or by_rules.get("other", {})
    language = language if language in texts else "en"
    if language not in texts:
        return None
    return CopyrightText(kind=kind, rules=rules, language=language, version=0, text=texts[language], locked=True,
                         valid_from=date(2026, 11, 1))


@dataclass(frozen=True)
class OnForm:
    """What stands on a form for a copy: the warning (United States), the library's own notice, the declaration."""

    rules: Rules
    warning: notices.Notice | None
    notice: CopyrightText | None
    declaration: CopyrightText | None

    @property
    def version(self) -> str:
        """Which warning the reader saw, as it is stored with the request."""
        return self.warning.version if self.warning else self.notice.label if self.notice else ""


def on_form(day: date) -> OnForm:
    """In the reader's language; three queries."""
    language = (translation.get_language() or "en")[:2]
    rules = clearance.rules_on(day)
    texts = _in_force(rules.code, day, language)
    return OnForm(
        rules, warning(language) if rules.country == "US" else None, texts.get(CopyrightText.NOTICE),
        texts.get(CopyrightText.DECLARATION) if rules.declaration_needed else None,
    )


def warning(language: str = "en") -> notices.Notice:
    """The warning in the wording that an administrator found in the official text."""
    found = checked("warning", notices.VERSION)
    return notices.warning(found.wording if found else notices.SPECIFIC, language=language)


def legend(day: date) -> str:
    """What is put on a copy on which no notice was found, under the rules of the day."""
    code = clearance.rules_on(day).code
    found = _in_force(code, day, "en").get(CopyrightText.LEGEND)
    return found.text if found else notices.LEGEND


def on_cover(day: date) -> tuple[str, tuple[str, ...]]:
    """Heading and paragraphs for the cover of a copy: the warning, or another country's notice or legend."""
    rules = clearance.rules_on(day)
    if rules.country == "US":
        shown = warning()
        return shown.title, shown.paragraphs
    found = _in_force(rules.code, day, "en")
    text = found.get(CopyrightText.NOTICE) or found[CopyrightText.LEGEND]
    return "", tuple(text.text.splitlines())


def _in_force(rules: str, day: date, language: str) -> dict[str, CopyrightText]:
    """Kind → text: the newest own one of the language, else of English, else what the house proposes."""
    found: dict[str, CopyrightText] = {}
    for kind, _label in CopyrightText.KINDS:
        if (own := proposed(kind, rules, language)) is not None:
            found[kind] = own
    rows = CopyrightText.objects.filter(rules=rules, locked=False, valid_from__lte=day, language__in={"en", language})
    for row in sorted(rows, key=lambda row: (row.language == language, row.valid_from, row.version)):
        if (row.kind, rules) not in LOCKED:
            found[row.kind] = row
    return found


def kept(text: CopyrightText, *, now: datetime) -> CopyrightText:
    """The row of a text that somebody signs: a proposal of the house is stored as it was signed, once."""
    if text.pk:
        return text
    same = CopyrightText.objects.filter(kind=text.kind, rules=text.rules, language=text.language)
    for _attempt in range(20):
        # In this order: a row that somebody stores after the first look takes the number that is tried below.
        newest = same.order_by("-version").values_list("version", flat=True).first()
        row = same.filter(locked=True, text=text.text).first()
        if row is not None:
            return row
        try:
            with transaction.atomic():
                return CopyrightText.objects.create(
                    kind=text.kind, rules=text.rules, language=text.language, country=text.country, text=text.text,
                    version=0 if newest is None else newest + 1, valid_from=text.valid_from, locked=True, made=now,
                )
        except IntegrityError:  # somebody signed the same one at the same moment, or stored another
            continue
    raise Stale(_("Others store texts just now. Nothing was kept; send it again."))


def add(
    kind: str, rules: str, language: str, text: str, *, valid_from: date, seen: int, actor: Actor, now: datetime
) -> CopyrightText:
    """A new version of the library's own text. `seen`: the newest version that the person knew, -1 for none.

    Raises Stale when somebody was faster; the past is not changed (BadAnswer)."""
    if (kind, rules) in LOCKED:
        raise BadAnswer(_("The law prescribes this text; it cannot be changed."), field="kind")
    if valid_from < timezone.localtime(now).date():
        raise BadAnswer(_("The past is not changed: choose today or a later day."), field="valid_from")
    try:
        with transaction.atomic():
            if newest_version(kind, rules, language) != seen:
                raise Stale(_faster())
            row = CopyrightText.objects.create(
                kind=kind, rules=rules, language=language, text=text, version=max(seen + 1, 1), valid_from=valid_from,
                made=now, by=actor.user,
            )
            events.record(
                "copyright_text.added", subject=("copyright_text", row.pk), actor=actor, now=now,
                data={"kind": kind, "rules": rules, "language": language, "version": row.version},
            )
            return row
    except IntegrityError as taken:
        raise Stale(_faster()) from taken


def _faster() -> str:
    return _("Somebody stored a version of this text meanwhile. Yours is kept below; look at both.")


def newest_version(kind: str, rules: str, language: str) -> int:
    found = CopyrightText.objects.filter(kind=kind, rules=rules, language=language).order_by("-version")
    newest = found.values_list("version", flat=True).first()
    return -1 if newest is None else newest


# --- compared with the official text ---------------------------------------------------------------------------


def checked(what: str, version: str) -> TextCheck | None:
    """Who compared this version last; None: nobody yet."""
    return TextCheck.objects.filter(what=what, version=version).select_related("by").order_by("-pk").first()


def fingerprint(text: CopyrightText) -> str:
    """Of a proposal: when the house words it anew, it is to be confirmed anew."""
    return hashlib.sha256(text.text.encode()).hexdigest()[:12]


def record_check(what: str, version: str, *, actor: Actor, now: datetime, wording: str = "") -> TextCheck:
    """A named person compared it. For the warning, the wording found there is shown from now on."""
    if what == "warning" and wording not in notices.WORDINGS:
        raise BadAnswer(_("Choose what the official text says."), field="wording")
    assert actor.user is not None
    with transaction.atomic():
        row = TextCheck.objects.create(what=what, version=version, wording=wording, made=now, by=actor.user)
        events.record(
            "copyright_text.checked", subject=("copyright_text", row.pk), actor=actor, now=now,
            data={"what": what, "version": version, "wording": wording},
        )
    return row


@dataclass(frozen=True)
class Proposal:
    """A text of the house that is in use, and who confirmed it."""

    text: CopyrightText
    what: str
    version: str
    check: TextCheck | None


def proposals(rules: Rules, day: date) -> list[Proposal]:
    """Of the rules in force, what still is the house's own and not prescribed."""
    found = []
    for kind, text in _in_force(rules.code, day, "en").items():
        if not text.locked or (kind, rules.code) in LOCKED:
            continue
        if kind == CopyrightText.DECLARATION and not rules.declaration_needed:
            continue
        what = f"{kind}:{rules.code}"
        found.append(Proposal(text, what, fingerprint(text), checked(what, fingerprint(text))))
    return found
