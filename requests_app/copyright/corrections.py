"""What a person puts right in the ledger: titles merged, uses moved, those beyond the limit settled, names of one
journal linked. Each is one transaction with its event, which holds numbers and codes only."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Event
from requests_app.copyright import clearance, collection_joins, ledger, royalties, titles, words
from requests_app.models import CopyrightNumber, CopyrightTitle, CopyrightUse, TitleLink
from requests_app.verification.kbart_values import title_key

SUBJECT = "copyright_title"


def merge(keep: CopyrightTitle, gone: CopyrightTitle, *, actor: Actor, now: datetime) -> list[CopyrightUse]:
    """As `ledger.merge`; those that became over are returned."""
    with transaction.atomic():
        over = ledger.merge(keep, gone, by=actor.user, now=now)
        royalties.merged(gone, keep)
        collection_joins.merged(gone, keep, actor=actor, now=now)
        _record("copyright.merged", keep, actor, now, gone=gone.pk, over=[use.pk for use in over])
    return over


def move(
    uses: Sequence[CopyrightUse], to: CopyrightTitle, *, actor: Actor, now: datetime
) -> tuple[int, list[CopyrightUse]]:
    """As `ledger.move`: (how many were moved, those that became over). Raises NotAllowed when none was left to move,
    or the title was merged meanwhile."""
    with transaction.atomic():
        titles_before = {use.title_id for use in uses}
        pks = [use.pk for use in uses]
        # As the ledger does, so that nobody moves them between counting and moving.
        list(CopyrightTitle.objects.select_for_update().filter(pk__in=[*titles_before, to.pk]).order_by("pk"))
        moved = CopyrightUse.objects.filter(pk__in=pks, state__in=ledger.LIVE).exclude(title=to).count()
        over = ledger.move(uses, to, by=actor.user, now=now)
        if CopyrightTitle.objects.filter(pk=to.pk, merged_into__isnull=False).exists():
            raise NotAllowed(_("This title was merged with another meanwhile. Nothing was moved."))
        if not moved:
            raise NotAllowed(_("These requests are counted elsewhere by now. Nothing was moved."))
        new = list(CopyrightUse.objects.filter(instead_of__in=pks, title=to).select_related("instead_of"))
        royalties.followed(new)
        collection_joins.moved(new, to, actor=actor, now=now)
        for pk in sorted(titles_before):
            _record("copyright.moved", pk, actor, now, to=to.pk, uses=pks, over=[use.pk for use in over])
    return moved, over


def settle(
    use: CopyrightUse, ground: str, *, reason: str, actor: Actor, now: datetime, royalty: royalties.Offer | None = None,
    owed: bool = False,
) -> CopyrightUse:
    """A use beyond the limit gets its ground: a key of `words.GROUNDS`. `royalty`: what it costs; `owed`: it is still
    to be paid, by a payment list of ours (else it was paid with the lender's invoice)."""
    if ground not in words.GROUNDS:
        raise BadAnswer(_("Choose the ground from the list."), field="ground")
    if not reason.strip():
        raise BadAnswer(_("Write the reason: you answer for it."), field="reason")
    with transaction.atomic():
        new = ledger.settle_over(
            use, ground, reason=reason.strip(), by=actor.user, now=now, royalty=royalty.price if royalty else None,
            currency=royalty.currency if royalty else "",
        )
        paid: dict[str, Any] = {}
        if royalty is not None:
            paid = {"royalty": str(royalty.price), "currency": royalty.currency}
        if royalty is not None and owed:
            paid["royalty_row"] = royalties.agree_for(new, royalty, actor=actor, now=now).pk
        _record("copyright.settled", new.title_id, actor, now, use=new.pk, former=use.pk, ground=ground, **paid)
    return new


def take_place(use: CopyrightUse, *, actor: Actor, now: datetime) -> CopyrightUse:
    """A use beyond the limit takes a place that became free."""
    with transaction.atomic():
        rules = clearance.rules_on(timezone.localtime(now).date())
        new = ledger.take_place(use, by=actor.user, now=now, rules=rules)
        _record("copyright.place_taken", new.title_id, actor, now, use=new.pk, former=use.pk, place=new.place)
    return new


def link(title: CopyrightTitle, kind: str, key: str, *, actor: Actor, now: datetime) -> TitleLink:
    """`key`: of the other's number. Raises NotAllowed where it is this title's own, or stated already."""
    if CopyrightNumber.objects.filter(title=title, key=key).exists():
        raise NotAllowed(_("This number is the title's own."))
    try:
        with transaction.atomic():
            row = TitleLink.objects.create(title=title, kind=kind, key=key, by=actor.user, made=now)
            _record("copyright.linked", title, actor, now, kind=kind, key=key)
    except IntegrityError as twice:
        raise NotAllowed(_("That is stated already.")) from twice
    return row


def unlink(row: TitleLink, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        if TitleLink.objects.filter(pk=row.pk).delete()[0]:
            _record("copyright.unlinked", row.title_id, actor, now, kind=row.kind, key=row.key)


def apart(title: CopyrightTitle, other: CopyrightTitle, *, actor: Actor, now: datetime) -> None:
    """Two titles of one name that somebody looked at: they are proposed no more."""
    first, second = sorted((title, other), key=lambda row: row.pk)
    link(first, TitleLink.APART, f"own:{second.pk}", actor=actor, now=now)


def title_by_number(key: str, *, kind: str, name: str, now: datetime) -> CopyrightTitle:
    """The title that this number leads to; else a new one of this name. Call inside a transaction."""
    found = CopyrightNumber.objects.filter(key=key).select_related("title").first()
    if found is not None:
        return titles.survivor(found.title)
    wanted = titles.Wanted(kind=kind, name=name, name_key=title_key(name), keys=(key,))
    return titles.ensure(wanted, None, now=now)


def history(title: CopyrightTitle, merged: Iterable[int] = ()) -> list[Event]:
    """What people did to it, and to those that were merged into it; newest first."""
    rows = Event.objects.filter(subject_kind=SUBJECT, subject_id__in=[title.pk, *merged])
    return list(rows.select_related("actor").order_by("-pk")[:50])


def _record(name: str, title: CopyrightTitle | int, actor: Actor, now: datetime, **data) -> None:
    pk = title if isinstance(title, int) else title.pk
    events.record(name, subject=(SUBJECT, pk), actor=actor, now=now, data=data)
