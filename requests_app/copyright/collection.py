"""Notes to collection development: a title that is asked for beyond the limit is proposed once a year and kind.

Nothing of a patron stands in a note: only the title, numbers of requests and what its royalties came to.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from illdesk import events, money, notices, rows
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, Stale
from illdesk.notices import LetterKind, Wording
from requests_app.copyright import royalties
from requests_app.models import CollectionNote, CopyrightTitle, CopyrightUse, OverLimitSettings

LETTER = "collection"
notices.register(LetterKind(LETTER, gettext_lazy("To collection development"), (
    "text", "library", "phone", "hours", "base_url",
), {
    "en": Wording("A title that interlibrary loan is asked for",
                  "Dear colleagues,\n\n{text}\n\n{library}, Interlibrary Loan\n{phone}\n"),
    "es": Wording("Un título que se pide al préstamo interbibliotecario",
                  "Estimados colegas:\n\n{text}\n\n{library}, Préstamo interbibliotecario\n{phone}\n"),
}))


def kind_for(title: CopyrightTitle) -> str:
    return CollectionNote.SUBSCRIPTION if title.kind == CopyrightTitle.PERIODICAL else CollectionNote.PURCHASE


def propose(
    title: CopyrightTitle, year: int, number: str, *, kind: str = "", actor: Actor, now: datetime
) -> CollectionNote:
    """Once a title, year and kind; a further request only adds its number. Call inside a transaction."""
    kind = kind or kind_for(title)
    row = CollectionNote(title=title, year=year, kind=kind, numbers=[number], made=now, by=actor.user)
    if rows.insert(row, unless_there=True):
        events.record("collection.proposed", subject=("collection_note", row.pk), actor=actor, now=now,
                      data={"title": title.pk, "year": year, "kind": kind})
        return row
    for _attempt in range(20):
        found = CollectionNote.objects.get(title=title, year=year, kind=kind)
        if number in found.numbers:
            return found
        mine = CollectionNote.objects.filter(pk=found.pk, version=found.version)
        if mine.update(numbers=[*found.numbers, number], version=found.version + 1):
            found.refresh_from_db()
            return found
    raise Stale(_("Others change the note to collection development at this moment. Try again."))


def of(title: CopyrightTitle | None, year: int) -> list[CollectionNote]:
    return list(CollectionNote.objects.filter(title=title, year=year).order_by("pk")) if title else []


def text_of(row: CollectionNote) -> str:
    """As somebody wrote it, else as it is proposed, with what its royalties came to until now."""
    if row.text:
        return row.text
    numbers = [one.key.partition(":")[2] for one in row.title.numbers.all() if one.kind != "title"]
    count = len(row.numbers)
    said = (ngettext(
        "In %(year)s “%(title)s”%(numbers)s was asked for beyond the copyright limit: %(count)s request (%(which)s).",
        "In %(year)s “%(title)s”%(numbers)s was asked for beyond the copyright limit: %(count)s requests (%(which)s).",
        count,
    ) if _is_full(row) else ngettext(
        "In %(year)s copies of “%(title)s”%(numbers)s were asked for: %(count)s request (%(which)s).",
        "In %(year)s copies of “%(title)s”%(numbers)s were asked for: %(count)s requests (%(which)s).",
        count,
    )) % {
        "year": row.year, "title": row.title.name, "numbers": f" ({', '.join(numbers)})" if numbers else "",
        "count": count, "which": ", ".join(row.numbers[:40]),
    }
    cost = royalties.cost_of_title(str(row.title_id), row.year)
    paid = _("Royalties for it come to %(amounts)s so far.") % {
        "amounts": ", ".join(money.shown(total, currency) for currency, total in cost)} if cost else _(
        "No royalty was agreed for it yet.")
    wish = _("Would a subscription be worth while?") if row.kind == CollectionNote.SUBSCRIPTION else _(
        "Would buying it be worth while?")
    return f"{said} {paid} {wish}"


def _is_full(row: CollectionNote) -> bool:
    """Were all places of the title and year taken? A purchase is also proposed where counting is not the matter."""
    placed = CopyrightUse.objects.filter(
        title=row.title_id, year=row.year, state__in=CopyrightUse.COUNTED, place__isnull=False)
    taken = placed.aggregate(n=Count("pk"), limit=Max("limit"))
    return bool(taken["limit"]) and taken["n"] >= taken["limit"]


def write(row: CollectionNote, text: str, *, seen: int, actor: Actor, now: datetime) -> None:
    """Keep the text as somebody wrote it, while it is only proposed."""
    if not text.strip():
        raise BadAnswer(_("The note has no text. Write it, or dismiss the note."), field="text")
    with transaction.atomic():
        mine = CollectionNote.objects.filter(pk=row.pk, version=seen, state=CollectionNote.PROPOSED)
        if not mine.update(text=text.strip(), version=seen + 1):
            raise Stale(_("This note was changed or sent by a colleague meanwhile. Your text is kept below."))
        events.record("collection.written", subject=("collection_note", row.pk), actor=actor, now=now)


def send(row: CollectionNote, text: str, *, actor: Actor, now: datetime) -> bool:
    """By mail to collection development, once; False when it is sent or dismissed already."""
    to = OverLimitSettings.current().collection_email
    if not to:
        raise BadAnswer(_("No address of collection development is known. Enter it under Settings, Royalty prices."))
    if not text.strip():
        raise BadAnswer(_("The note has no text. Write it, or dismiss the note."), field="text")
    with transaction.atomic():
        mine = CollectionNote.objects.filter(pk=row.pk, state=CollectionNote.PROPOSED)
        if not mine.update(state=CollectionNote.SENT, text=text.strip(), decided=now, by=actor.user):
            return False
        notices.letter(LETTER, to=to, language="en", values={"text": text.strip()}, key=f"collection:{row.pk}", now=now)
        events.record("collection.sent", subject=("collection_note", row.pk), actor=actor, now=now)
    return True


def dismiss(row: CollectionNote, reason: str, *, actor: Actor, now: datetime) -> bool:
    if not reason.strip():
        raise BadAnswer(_("Say why: the note is not proposed again this year."), field="reason")
    with transaction.atomic():
        mine = CollectionNote.objects.filter(pk=row.pk, state=CollectionNote.PROPOSED)
        if not mine.update(state=CollectionNote.DISMISSED, reason=reason.strip()[:300], decided=now, by=actor.user):
            return False
        events.record("collection.dismissed", subject=("collection_note", row.pk), actor=actor, now=now)
    return True


def listed(state: str, *, before: int = 0, most: int = 50) -> list[CollectionNote]:
    found = CollectionNote.objects.filter(state=state).select_related("title", "by").prefetch_related("title__numbers")
    return list((found.filter(pk__lt=before) if before else found).order_by("-pk")[:most])

