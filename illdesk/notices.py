"""Letters: wording from templates that a coordinator edits in the browser, sent through the outbox.

A wording is plain text with placeholders in braces. `WORDINGS` holds the house's own (version 0), filled
by each app; a `Letter` row overrides it. Saving checks the placeholders, so that none leaves unresolved.
"""

import difflib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import outbox
from illdesk.errors import BadAnswer
from illdesk.models import Institution, Letter, OutboxMessage, User

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# What somebody meant as one, however it is spelled.
_BRACED = re.compile(r"\{([^{}\n]*)\}")
# Mail subjects are read on lock screens and by whoever looks over a shoulder.
NOT_IN_SUBJECTS = ("title", "text", "reason")


@dataclass(frozen=True)
class Wording:
    """The house's own text of a letter in one language."""

    subject: str
    body: str


@dataclass(frozen=True)
class LetterKind:
    code: str
    label: object
    placeholders: tuple[str, ...]
    wordings: dict[str, Wording]  # language → text


@dataclass(frozen=True)
class Placeholder:
    """What stands for it in the editor: an explanation, and a sample for the preview."""

    words: str | Promise
    sample: str | Promise


KINDS: dict[str, LetterKind] = {}
# Name → explanation, of all letters together; each app explains its own.
PLACEHOLDERS: dict[str, Placeholder] = {
    "library": Placeholder(gettext_lazy("name of our library"), ""),
    "phone": Placeholder(gettext_lazy("our telephone"), ""),
    "hours": Placeholder(gettext_lazy("our opening hours"), ""),
    "base_url": Placeholder(gettext_lazy("address of ILL Desk"), ""),
}


def register(kind: LetterKind) -> None:
    KINDS[kind.code] = kind


def wording(code: str, language: str) -> Letter:
    """The text in use: the newest saved version, else the house's own; English when the language lacks one."""
    kind = KINDS[code]
    if language not in kind.wordings:
        language = "en"
    saved = Letter.objects.filter(code=code, language=language).order_by("-version").first()
    if saved is not None:
        return saved
    own = kind.wordings[language]
    return Letter(code=code, language=language, version=0, subject=own.subject, body=own.body)


def save_wording(
    code: str, language: str, *, subject: str, body: str, by: User, based_on: int, now: datetime
) -> Letter:
    """Publish a new version. Raises BadAnswer for a placeholder nobody fills, or a newer version."""
    _refuse_bad_placeholders(KINDS[code], subject=subject, body=body)
    current = wording(code, language)
    if current.version != based_on:
        raise BadAnswer(
            _("%(who)s published version %(version)s while you were writing. Your text is kept below; publish "
              "again to put it in the place of that version.")
            % {
                "version": current.version,
                "who": current.changed_by.short_name if current.changed_by else _("Somebody"),
            },
            field="body",
        )
    letter, created = Letter.objects.get_or_create(
        code=code,
        language=language,
        version=current.version + 1,
        defaults={"subject": subject, "body": body, "changed": now, "changed_by": by},
    )
    if not created:
        raise BadAnswer(_("Somebody published a version at the same moment. Your text is kept below."), field="body")
    return letter


def _refuse_bad_placeholders(kind: LetterKind, *, subject: str, body: str) -> None:
    for field, text in (("subject", subject), ("body", body)):
        for name in _BRACED.findall(text):
            if name not in kind.placeholders:
                typed = name.strip().lower()
                # What is typed with a word too many ({due_date}) means the shorter one.
                meant = [known for known in kind.placeholders if typed.startswith(f"{known}_")]
                meant = meant or difflib.get_close_matches(typed, kind.placeholders, n=1, cutoff=0.5)
                better = (
                    _("Did you mean {%(name)s}?") % {"name": meant[0]}
                    if meant
                    else _("Those that can be used stand in the list.")
                )
                unknown = _("{%(name)s} is unknown here.") % {"name": name}
                raise BadAnswer(f"{unknown} {better}", field=field)
        if "{" in _BRACED.sub("", text) or "}" in _BRACED.sub("", text):
            raise BadAnswer(_("A brace stands alone. Placeholders look like {number}."), field=field)
    for name in PLACEHOLDER.findall(subject):
        if name in NOT_IN_SUBJECTS:
            raise BadAnswer(
                _("{%(name)s} must not stand in a subject: others may read it on a locked screen.") % {"name": name},
                field="subject",
            )


def versions(code: str, language: str) -> list[Letter]:
    """Every wording there was, newest first; the last is the house's own, version 0."""
    own = KINDS[code].wordings[language]
    saved = Letter.objects.filter(code=code, language=language).select_related("changed_by").order_by("-version")
    return [*saved, Letter(code=code, language=language, version=0, subject=own.subject, body=own.body)]


def samples() -> dict[str, str]:
    """Values for a preview, in the language that is active."""
    return {name: str(known.sample) for name, known in PLACEHOLDERS.items() if known.sample}


def everywhere() -> dict[str, str]:
    """What every letter may name: our library."""
    institution = Institution.objects.filter(pk=1).first()
    return {
        "library": institution.name if institution else "",
        "phone": institution.phone if institution else "",
        "hours": institution.hours if institution else "",
        "base_url": settings.BASE_URL,
    }


def fill(text: str, values: dict[str, str]) -> str:
    """Put the values in; a value that is missing becomes nothing, never a brace on paper."""
    filled = PLACEHOLDER.sub(lambda match: str(values.get(match.group(1), "")), text)
    return re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"


def filled(code: str, language: str, values: dict[str, str]) -> tuple[str, str]:
    """Subject and text, as they leave."""
    with translation.override(language or "en"):
        text, known = wording(code, language or "en"), everywhere() | values
        return " ".join(fill(text.subject, known).split()), fill(text.body, known)


def letter(
    code: str,
    *,
    to: str,
    language: str,
    values: dict[str, str],
    key: str,
    now: datetime,
    subject: tuple[str, int] | None = None,
    added: str = "",
    attachments: Sequence[int] = (),
) -> OutboxMessage | None:
    """Write a letter of this kind into the outbox, once per `key`; None when there is nobody to write to."""
    if not to:
        return None
    heading, body = filled(code, language, values)
    if added.strip():
        body = f"{added.strip()}\n\n{body}"
    return mail(to=to, subject=heading, body=body, what=code, key=key, now=now, about=subject,
                attachments=attachments)


def mail(
    *,
    to: str,
    subject: str,
    body: str,
    what: str,
    now: datetime | None = None,
    key: str = "",
    about: tuple[str, int] | None = None,
    confidential: bool = False,
    attachments: Sequence[int] = (),
) -> OutboxMessage:
    """Put one e-mail into the outbox. Its Message-ID is made from the row's key, so a repeat is recognisable.
    `attachments`: keys of files that go with it."""
    return outbox.put(
        "mail",
        key=key or f"mail:{uuid.uuid4()}",
        recipient=to,
        what=what[:120],
        payload={"subject": subject[:200], "body": body} | ({"files": list(attachments)} if attachments else {}),
        now=now or timezone.now(),
        subject=about,
        confidential=confidential,
    )
