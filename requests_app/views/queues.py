"""The work queues: one state, or one flag, longest waiting first."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from illdesk.http import signed_in_only
from requests_app import access, lifecycle, queries, search
from requests_app.models import ILLRequest
from requests_app.registered import request_counts
from requests_app.views.detail import flags_of, staff_context, step_buttons
from requests_app.views.side import FLAGS, set_side


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
    _check(request, kind)
    state = lifecycle.state_for(kind, slug)
    if state is None and slug not in FLAGS:
        raise Http404
    current = state.code if state else slug
    set_side(request, kind, current=current)
    count = _count(request, current)
    if request.headers.get("X-Requested-With") == "poll":
        return _poll(request, count)
    # Lending is answered from the list: it takes the whole width, and a request opens alone.
    beside = kind != lifecycle.LENDING
    if not beside and (number := request.GET.get("open")):
        return redirect(access.staff_request(request.user, number))
    page = _page(request, kind, state, slug)
    context = {
        "kind": kind,
        "state": state,
        "heading": state.label if state else FLAGS[slug][1](),
        "look_for": state.look_for if state else "",
        "count": count,
        "rows": [_row(ill, request.user if not beside else None) for ill in page.rows],
        "sort_words": _("Most urgent first.") if current in queries.URGENT else _("Longest waiting first."),
        "counts_left": current in queries.URGENT,
        "date_label": _DATES.get(current, _NEED_BY)[1],
        "after": page.after,
        "first": page.first,
        "here": request.get_full_path(),
        "now": timezone.now(),
        "prints_slips": current in ("lending.received", "lending.searching"),
        "prints_bands": current in ("borrowing.received", "borrowing.on_hold_shelf"),
    }
    if opened := request.GET.get("open"):
        context |= _opened(request, opened)
    page_name = "queue" if beside else "wide_queue"
    return render(request, f"requests_app/staff/{page_name}.html", context)


def _check(request, kind: str) -> None:
    if kind not in lifecycle.KINDS:
        raise Http404
    if not access.sees_kind(request.user, kind):
        from django.core.exceptions import PermissionDenied

        raise PermissionDenied


def _count(request, current: str) -> int:
    for group in request.side:
        for item in group["items"]:
            if item["current"]:
                return item["count"]
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


def _page(request, kind, state, slug) -> queries.Page:
    after = request.GET.get("after", "")
    if state:
        return queries.queue_page(state.code, after=after)
    return queries.page_of(queries.flagged(kind, slug), order=slug, after=after)


# What the date column shows: the day that matters while a request stands there.
_DATES = {
    "lending.received": ("respond_by", gettext_lazy("Answer by")),
    "lending.searching": ("respond_by", gettext_lazy("Answer by")),
    "lending.shipped": ("due_lender", gettext_lazy("Due")),
    "borrowing.shipped": ("due_lender", gettext_lazy("Lender's date")),
    "borrowing.on_hold_shelf": ("hold_until", gettext_lazy("Hold until")),
    "borrowing.checked_out": ("due_patron", gettext_lazy("Due")),
    "borrowing.returned_by_patron": ("due_lender", gettext_lazy("Lender's date")),
    "borrowing.return_shipped": ("due_lender", gettext_lazy("Lender's date")),
}
_NEED_BY = ("need_by", gettext_lazy("Need by"))


def _row(ill: ILLRequest, user=None) -> dict:
    """`user`: whose first step the row offers."""
    today = timezone.localdate()
    row = {
        "ill": ill,
        "title": ill.citation.shown_title[:200],
        "age": (today - timezone.localtime(ill.created).date()).days,
        "who": ill.patron.short_name if ill.kind == lifecycle.BORROWING and ill.patron else (
            ill.partner.symbol if ill.partner else ""
        ),
        "date": getattr(ill, _DATES.get(ill.state, _NEED_BY)[0]),
        "flags": flags_of(ill),
    }
    if user is not None:
        row["left"] = left_to_answer(ill)
        row["flags"] = [flag for flag in row["flags"] if not flag.get("answer")] if row["left"] else row["flags"]
        row["where"] = " · ".join(filter(None, (ill.location, ill.call_number)))
        row["step"] = step_buttons(user, ill)["first"]
    return row


def left_to_answer(ill: ILLRequest) -> dict | None:
    """What is left until the other library must be answered, in words with their family."""
    if not ill.respond_by or ill.answered_at or not ill.is_open:
        return None
    days = (timezone.localtime(ill.respond_by).date() - timezone.localdate()).days
    hours = int((ill.respond_by - timezone.now()).total_seconds() // 3600)
    if ill.respond_by < timezone.now():
        return {"family": "trouble", "text": _("late")}
    if days == 0:
        return {"family": "trouble", "text": _("%(n)d h") % {"n": hours} if hours else _("under 1 h")}
    return {"family": "decision" if days == 1 else "", "text": _("%(n)d d") % {"n": days}}


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
        from django.core.exceptions import PermissionDenied

        raise PermissionDenied
    rows: list[ILLRequest] = []
    if text:
        exact = list(search.exactly(text).filter(kind__in=kinds).order_by("-pk")[:20])
        if len(exact) == 1:
            return redirect(exact[0])
        found = ILLRequest.objects.filter(pk__in=search.matching(text)[: queries.PAGE * 4], kind__in=kinds)
        rows = exact or list(
            found.select_related("citation", "patron", "partner").order_by("-pk")[: queries.PAGE]
        )
    set_side(request, kinds[0])
    request.place = ""
    context = {
        "text": text, "rows": [_row(ill) for ill in rows], "limit": queries.PAGE, "here": request.get_full_path(),
    }
    return render(request, "requests_app/staff/search.html", context)


def queue_url(ill: ILLRequest) -> str:
    return reverse("queue", args=[ill.kind, ill.state_row.slug])
