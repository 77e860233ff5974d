"""What a library and we wrote to each other: by day, newest first, with the XML unfolded on demand."""

from itertools import groupby

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from illdesk import actors, outbox
from illdesk.errors import AdapterError
from illdesk.http import needs
from illdesk.models import InboxMessage, OutboxMessage
from illdesk.pages import status
from requests_app import access, lifecycle
from requests_app.exchange.iso18626 import shown
from requests_app.models import ILLRequest, Library
from requests_app.views import detail

A_PAGE = 50
_BOXES = {"out": OutboxMessage, "in": InboxMessage}
_OUT_TROUBLE = (
    Q(state__in=[OutboxMessage.PARKED, OutboxMessage.UNCERTAIN, OutboxMessage.DROPPED])
    | Q(state=OutboxMessage.WAITING, attempts__gt=0)
)
_IN_TROUBLE = Q(state__in=[InboxMessage.PARKED, InboxMessage.REFUSED])


def context(request, library: Library) -> dict:
    """One page by key: `before` is 'out.in', the last keys seen in each box."""
    way, number = request.GET.get("way", ""), request.GET.get("number", "").strip()[:40]
    trouble = bool(request.GET.get("trouble"))
    out_key, in_key = _keys(request.GET.get("before", ""))
    boxes = {
        "out": OutboxMessage.objects.filter(partner=library.symbol).defer("payload", "answer"),
        "in": InboxMessage.objects.filter(partner=library.symbol).defer("body", "answer"),
    }
    if way in boxes:
        boxes = {way: boxes[way]}
    if number:
        ill = ILLRequest.objects.filter(
            number__iexact=number, kind__in=access.kinds_seen(request.user)
        ).first() if "\x00" not in number else None
        boxes = {
            name: rows.filter(subject_kind="request", subject_id=ill.pk if ill else 0) for name, rows in boxes.items()
        }
    if trouble:
        boxes = {name: rows.filter(_OUT_TROUBLE if name == "out" else _IN_TROUBLE) for name, rows in boxes.items()}
    keys = {"out": out_key, "in": in_key}
    found = {
        name: list((rows.filter(pk__lt=keys[name]) if keys[name] else rows).order_by("-pk")[: A_PAGE + 1])
        for name, rows in boxes.items()
    }
    rows, more = _newest(found)
    for row in rows:
        keys["out" if isinstance(row, OutboxMessage) else "in"] = row.pk
    return {
        "days": [
            (day, list(of_day)) for day, of_day in
            groupby(_told(rows, request.user), key=lambda row: timezone.localtime(row["at"]).date())
        ],
        "older": f"{keys['out']}.{keys['in']}" if more else "", "way": way, "number": number, "trouble": trouble,
        "filtered": bool(way or number or trouble), "first": not (out_key or in_key),
    }


def _keys(before: str) -> tuple[int, int]:
    out, _sep, arrived = before.partition(".")
    good = all(part.isdecimal() and len(part) < 19 for part in (out, arrived))
    return (int(out), int(arrived)) if good else (0, 0)


def _at(row):
    return row.created if isinstance(row, OutboxMessage) else row.arrived


def _newest(found: dict[str, list]) -> tuple[list, bool]:
    """The newest of both boxes' heads, each box in its own order; and whether older ones are left."""
    streams = [list(rows) for rows in found.values()]
    rows: list = []
    while len(rows) < A_PAGE and any(streams):
        stream = max((one for one in streams if one), key=lambda one: _at(one[0]))
        rows.append(stream.pop(0))
    return sorted(rows, key=_at, reverse=True), any(streams)


def _told(rows: list, user) -> list[dict]:
    """Each with its request; of kinds the reader may not see, the word alone."""
    ids = {row.subject_id for row in rows if row.subject_kind == "request"}
    seen = ILLRequest.objects.filter(pk__in=ids, kind__in=access.kinds_seen(user))
    ills = seen.select_related("citation").in_bulk()
    may = user.may("manage_libraries")
    told = detail.conversation(rows, whole=False)
    for row in told:
        stored = row["row"]
        row["ill"] = ills.get(stored.subject_id) if stored.subject_kind == "request" else None
        row["box"] = "out" if row["out"] else "in"
        row["readable"] = _readable(user, stored, row["ill"])
        row["can"] = _can(stored) if may else ()
    return told


def _readable(user, row, ill: ILLRequest | None) -> bool:
    """What is about no request may be about any: it is shown to who sees them all."""
    if ill is not None:
        return True
    every = {lifecycle.BORROWING, lifecycle.LENDING} <= set(access.kinds_seen(user))
    return row.subject_id is None and every and (isinstance(row, InboxMessage) or row.channel != "mail")


def _can(row) -> tuple[str, ...]:
    if isinstance(row, InboxMessage):
        return ("again", "drop") if row.state == InboxMessage.PARKED else ()
    if row.state == OutboxMessage.WAITING:
        return ("again", "park", "drop")
    return ("again", "drop") if row.state in (OutboxMessage.PARKED, OutboxMessage.UNCERTAIN) else ()


def _stored(symbol: str, box: str, pk: int):
    library = get_object_or_404(Library, symbol=symbol)
    if box not in _BOXES:
        raise Http404
    return library, get_object_or_404(_BOXES[box], pk=pk, partner=library.symbol)


@needs("see_libraries")
@require_safe
def xml(request, symbol: str, box: str, pk: int):
    """The message and its confirmation as people read them: a piece for htmx, or a page of its own."""
    library, row = _stored(symbol, box, pk)
    ill = ILLRequest.objects.filter(pk=row.subject_id or 0, kind__in=access.kinds_seen(request.user)).first()
    if row.subject_kind != "request":
        ill = None
    if not _readable(request.user, row, ill):
        raise Http404
    text = row.payload.get("xml") or row.payload.get("body") or "" if box == "out" else row.body
    lines = shown.lines(text)
    context = {
        "library": library, "box": box, "pk": pk, "lines": lines, "answer": shown.lines(row.answer),
        "strange": any(line.strange for line in lines), "error": getattr(row, "last_error", ""),
        "back_url": reverse("library", args=[symbol]) + "?tab=conversation",
        "may_repeat": box == "out" and row.state == OutboxMessage.SENT and row.channel == "iso18626"
        and request.user.may("manage_libraries"),
    }
    if request.headers.get("HX-Request"):
        return render(request, "requests_app/libraries/_xml.html", context)
    from requests_app.views.libraries import side

    side(request)
    return render(request, "requests_app/libraries/xml.html", context)


@needs("manage_libraries")
@require_POST
def step(request, symbol: str, box: str, pk: int, what: str):
    """Send again, park, set aside; repeat what has left."""
    _library, row = _stored(symbol, box, pk)
    now, actor = timezone.now(), actors.staff(request.user)
    if (box, what) == ("out", "repeat"):
        _repeat(request, row, actor, now)
    elif (box, what) in status.STEPS:
        with transaction.atomic():
            sentence = status.STEPS[box, what](pk, actor=actor, now=now)
        messages.info(request, sentence)
    else:
        raise Http404
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = reverse("library", args=[symbol]) + "?tab=conversation"
    return redirect(back)


def _repeat(request, row: OutboxMessage, actor, now) -> None:
    try:
        answer = outbox.repeat(row, actor=actor, now=now)
    except AdapterError as failure:
        messages.error(request, _("Sent again, but: %(why)s") % {"why": failure})
        return
    said = shown.status_of(answer)
    if said == shown.status_of(row.answer):
        messages.success(request, _("Sent again. The other system answered as before: %(said)s.") % {"said": said})
    else:
        messages.warning(
            request, _("Sent again. The other system now answered: %(said)s. Nothing changed here.") % {"said": said}
        )
