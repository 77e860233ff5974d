"""The work queues: one state, one flag, or one's own work; as the address and the person's memory arrange them."""

from itertools import islice

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from illdesk import exports
from illdesk.http import signed_in_only
from requests_app import access, bulk, lifecycle, search
from requests_app.lists import memory, queues
from requests_app.lists.queues import Queue
from requests_app.models import ILLRequest
from requests_app.registered import request_counts
from requests_app.views.arrangement import Arrangement
from requests_app.views.detail import staff_context
from requests_app.views.rows import row_of
from requests_app.views.side import set_side

FOUND = 50


@signed_in_only
def kind_home(request, kind: str):
    """To the first queue that holds work of ours, else the first."""
    _check(request, kind)
    counts = request_counts(request)
    codes = lifecycle.open_states(kind)
    if not codes:
        raise Http404
    ours = [code for code in codes if lifecycle.STATES[code].family in ("ours", "decision")]
    first = next((code for code in ours if counts.get(code)), codes[0])
    return redirect("queue", kind, lifecycle.STATES[first].slug)


@signed_in_only
def queue(request, kind: str, slug: str):
    shown = _queue(request, kind, slug)
    set_side(request, kind, current=shown.current)
    count = _count(request)
    if request.headers.get("X-Requested-With") == "poll":
        return _poll(request, count)
    opened = request.GET.get("open")
    if shown.wide and opened:
        return redirect(access.staff_request(request.user, opened))
    arrangement = Arrangement(shown, request.GET)
    if elsewhere := _elsewhere(request, arrangement):
        return redirect(elsewhere)
    now = timezone.now()
    page = arrangement.page(request.user, now)
    state = shown.state
    context = {
        "kind": kind,
        "state": state,
        "heading": shown.label,
        "look_for": state.look_for if state else _LOOK_FOR.get(slug, ""),
        "count": count,
        "found": arrangement.count(request.user, now) if arrangement.wanted else count,
        "rows": [row_of(ill, request.user, arrangement.columns, now=now) for ill in page.rows],
        "arrangement": arrangement,
        "sort_words": "" if arrangement.sort[0] else _sort_words(shown),
        "steps_for_many": steps_for_many(request.user, page.rows),
        "after": page.after,
        "first": page.first,
        "here": request.get_full_path(),
        "now": now,
        "paper": _PAPER.get(shown.current),
        "menu": request.GET.get("menu", ""),
        "can_verify": bool(page.rows) and kind != lifecycle.LENDING and access.works_kind(request.user, kind),
    }
    if opened:
        context |= _opened(request, opened)
    page_name = "wide_queue" if shown.wide else "queue"
    return render(request, f"requests_app/staff/{page_name}.html", context)


@signed_in_only
def export(request, kind: str, slug: str, form: str):
    """The list as shown, all its pages, for a spreadsheet."""
    arrangement = Arrangement(_queue(request, kind, slug), request.GET)
    today = timezone.localdate()
    columns = [column for column in arrangement.columns if column.name != "next"]
    rows = (
        [column.value(ill, today) for column in columns] for ill in arrangement.all(request.user, timezone.now())
    )
    write = exports.csv if form == "csv" else exports.xlsx
    return write(f"{kind}-{slug}-{today.isoformat()}", [str(column.label) for column in columns], rows)


@signed_in_only
@require_POST
def verify_all(request, kind: str, slug: str):
    """All that the list shows, over all its pages, verified as a job; at most bulk.MOST at once. While one is under
    way for this list, a further click leads to it."""
    shown = _queue(request, kind, slug)
    if not access.works_kind(request.user, kind):
        raise PermissionDenied
    arrangement = Arrangement(shown, request.GET)
    back = f"{reverse('queue', args=[kind, slug])}?{arrangement.query}"
    if running := bulk.under_way(request.user, "check", back=back):
        return redirect("job", running.pk)
    rows = [bulk.Ticked(ill, ill.version) for ill in islice(arrangement.all(request.user, timezone.now()), bulk.MOST)]
    sorted_out = bulk.sort_out(request.user, "check", rows)
    if not sorted_out.can:
        messages.warning(request, _("Nothing in this list can be verified now."))
        return redirect(back)
    job = bulk.start(
        request.user, "check", sorted_out.can, {}, now=timezone.now(), left_out=sorted_out.cannot, back=back,
        once=True,
    )
    return redirect("job", job.pk)


def _queue(request, kind: str, slug: str) -> Queue:
    _check(request, kind)
    shown = queues.named(kind, slug)
    if shown is None:
        raise Http404
    return shown


def _check(request, kind: str) -> None:
    if kind not in lifecycle.KINDS:
        raise Http404
    if not access.sees_kind(request.user, kind):
        raise PermissionDenied


def _elsewhere(request, arrangement: Arrangement) -> str:
    """An arrangement just chosen is remembered and gets its plain address; a bare address, what was remembered."""
    user, shown, given = request.user, arrangement.queue, request.GET
    kept = [f"{name}={value}" for name, value in given.items() if name in ("open", "menu") and value.isascii()]
    if "house" in given:
        memory.forget(user, shown)
        return request.path
    if "keep" in given:
        memory.remember(user, shown, arrangement.query)
        return _joined(request.path, [arrangement.query, *kept])
    if arrangement.is_arranged or "after" in given:
        return ""
    query = memory.remembered(user, shown)
    return _joined(request.path, [query, *kept]) if query else ""


def _joined(path: str, parts: list[str]) -> str:
    query = "&".join(filter(None, parts))
    return f"{path}?{query}" if query else path


def _sort_words(shown: Queue) -> str:
    return _("Most urgent first.") if shown.urgent else _("Longest waiting first.")


_LOOK_FOR = {
    "mine": gettext_lazy("What you took up. It leaves this list when it moves on, or after two hours."),
}
# Which paper is printed from a queue.
_PAPER = {
    **dict.fromkeys((*queues.URGENT, "documents.submitted", "documents.searching"), "slips"),
    **dict.fromkeys(("borrowing.received", "borrowing.on_hold_shelf"), "bands"),
}


def steps_for_many(user, ills: list[ILLRequest]) -> list[dict]:
    """Buttons of the bar under a list: the steps that some of these rows can take together."""
    return [
        {
            "label": bulk.label(step), "then": bulk.sentence(step), "asks": bool(step.form) or bulk.tells(step),
            "url": reverse("bulk", args=[step.action]),
        }
        for step in bulk.offered(user, ills)
    ]


def _count(request) -> int:
    for group in request.side:
        for item in group["items"]:
            if item["current"]:
                return item["count"] or 0
    return 0


def _poll(request, count: int):
    """204 while the count is what the page shows; else a sentence for the band above the list."""
    try:
        shown = int(request.GET.get("version", ""))
    except ValueError:
        return HttpResponse(status=204)
    if shown == count:
        return HttpResponse(status=204)
    text = (
        ngettext("%(n)d new", "%(n)d new", count - shown) % {"n": count - shown}
        if count > shown
        else _("The list changed")
    )
    return JsonResponse({"text": text, "link": _("Show"), "version": shown})


def _opened(request, number: str) -> dict:
    try:
        ill = access.staff_request(request.user, number)
    except Http404:
        return {}
    here = request.get_full_path()
    return staff_context(request, ill) | {"opened": ill, "next": here, "back": here}


@signed_in_only
def find(request):
    """Number, title, name or barcode. One exact hit opens itself; what nobody may see is not found."""
    text = request.GET.get("q", "").strip()[:200]
    kinds = access.kinds_seen(request.user)
    if not kinds:
        raise PermissionDenied
    rows: list[ILLRequest] = []
    if text:
        exact = list(search.exactly(text).filter(kind__in=kinds).select_related(*queues.RELATED).order_by("-pk")[:20])
        if len(exact) == 1:
            return redirect(exact[0])
        found = ILLRequest.objects.filter(pk__in=search.matching(text)[: FOUND * 4], kind__in=kinds)
        rows = exact or list(found.select_related(*queues.RELATED).order_by("-pk")[:FOUND])
    set_side(request, kinds[0])
    request.place = ""
    context = {
        "text": text, "rows": [row_of(ill, request.user) for ill in rows], "limit": FOUND,
        "here": request.get_full_path(), "steps_for_many": steps_for_many(request.user, rows),
    }
    return render(request, "requests_app/staff/search.html", context)
