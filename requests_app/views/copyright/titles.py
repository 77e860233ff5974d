"""Titles and what is counted for them: the list of a year, one title, and what people say of its names."""

from collections.abc import Iterator
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, exports
from illdesk.errors import DeskError, NotAllowed
from illdesk.http import needs
from requests_app.copyright import clearance, corrections, listed, listing, titles, words
from requests_app.forms.titles import LinkForm
from requests_app.models import CopyrightTitle, CopyrightUse, TitleLink
from requests_app.views.copyright import side

A_PAGE = 50


def year_of(request) -> int:
    text = request.GET.get("year", "")
    return int(text) if text.isascii() and text.isdigit() and 1900 < int(text[:5]) < 2200 else timezone.localdate().year


def _asked(request) -> dict:
    kind = request.GET.get("kind", "")
    return {
        "year": year_of(request), "text": request.GET.get("q", "").strip()[:200],
        "kind": kind if kind in dict(CopyrightTitle.KINDS) else "",
    }


@needs("see_copyright")
@require_safe
def titles_of_year(request):
    asked = _asked(request)
    page = Paginator(listing.of_year(**asked), A_PAGE).get_page(request.GET.get("page"))
    numbers = listing.numbers_of(page.object_list)
    limit = _limit(asked["year"])
    side.set_side(request, "copyright_titles")
    this_year = timezone.localdate().year
    context = asked | {
        "page": page, "rows": [(row, numbers.get(row.pk, []), _left(row, limit)) for row in page],
        "years": sorted({this_year, asked["year"], *listing.years()}, reverse=True), "kinds": CopyrightTitle.KINDS,
        "forms": ("csv", "xlsx"),
    }
    return render(request, "requests_app/copyright/titles.html", context)


def _left(row, limit: int) -> int:
    return max(0, limit - row.used - row.pending)


def _limit(year: int) -> int:
    """By today's rules; of a year that is over by those with which it ended."""
    return clearance.rules_on(min(timezone.localdate(), date(year, 12, 31))).limit


@needs("see_copyright")
@require_safe
def export(request, form: str):
    asked = _asked(request)
    limit = _limit(asked["year"])
    head = [_("Title"), _("Kind"), _("Numbers"), _("Year"), _("Used"), _("Pending"), _("Left"), _("Over"),
            _("Not counted")]
    return exports.file(form, f"titles-{asked['year']}", head, _rows(asked, limit))


def _rows(asked: dict, limit: int) -> Iterator[tuple]:
    """All of them, read while they are sent."""
    for chunk in listed.in_chunks(listing.of_year(**asked)):
        numbers = listing.numbers_of(chunk)
        for row in chunk:
            yield (row.name, row.get_kind_display(), "; ".join(numbers.get(row.pk, [])), asked["year"], row.used,
                   row.pending, _left(row, limit), row.over, row.outside)


# --- one title ------------------------------------------------------------------------------------------------------


def fetch(pk: int) -> CopyrightTitle:
    return get_object_or_404(CopyrightTitle.objects.select_related("merged_into"), pk=pk)


@needs("see_copyright")
@require_safe
def title(request, pk: int):
    return _page(request, fetch(pk))


def _page(request, row: CopyrightTitle, form: LinkForm | None = None, *, status: int = 200):
    years = listing.years(row)
    year = year_of(request) if "year" in request.GET or not years else years[0]
    uses = listing.uses(row, year)
    merged = list(row.merged.order_by("pk")[:50])
    limit = _limit(year)
    stray = listing.strayed(row, uses)
    shown = [_shown(use, stray) for use in uses]
    segments = listing.segments(uses, limit)
    side.set_side(request, "copyright_titles")
    context = {
        "title": row, "numbers": listing.numbers_of([row]).get(row.pk, []), "survivor": titles.survivor(row),
        "year": year, "years": years, "merged": merged, "segments": segments, "limit": limit,
        "used": sum(one.state == CopyrightUse.USED for one in segments),
        "pending": sum(one.state == CopyrightUse.HELD for one in segments),
        "left": sum(one.state == "free" for one in segments),
        "over": sum(use.over and use.state != CopyrightUse.FREED for use in uses),
        "live": [one for one in shown if one["use"].state != CopyrightUse.FREED],
        "freed": [one for one in shown if one["use"].state == CopyrightUse.FREED], "strays": len(stray),
        "links": list(row.links.exclude(kind=TitleLink.APART).select_related("by").order_by("pk")),
        "same": listing.same_names(row) if row.merged_into_id is None else [],
        "form": form or LinkForm(title=row), "history": _history(row, [one.pk for one in merged]),
        "may_work": request.user.may("work_copyright"), "sees_requests": request.user.may("see_borrowing"),
    }
    return render(request, "requests_app/copyright/title.html", context, status=status)


def _shown(use: CopyrightUse, stray: set[int]) -> dict:
    if use.state == CopyrightUse.FREED:
        why = words.FREED.get(use.freed_why, use.freed_why)
    elif use.over:
        why = _("No ground yet")
    else:
        why = words.GROUNDS.get(use.ground, use.ground) if use.ground else _("Within the guidelines")
    # Of sentences with values in them the decision has the words; those without say it here too.
    more = [str(words.SENTENCES[code]) for code in use.why
            if code in ("undated", "early", "by_name") and code in words.SENTENCES]
    return {"use": use, "why": why, "more": more, "stray": use.pk in stray}


_EVENTS = {
    "copyright.merged": gettext_lazy("Another title was merged into it"),
    "copyright.moved": gettext_lazy("Requests were moved to another title"),
    "copyright.settled": gettext_lazy("A request beyond the limit got its ground"),
    "copyright.place_taken": gettext_lazy("A request beyond the limit took a place that became free"),
    "copyright.linked": gettext_lazy("Another name of it was stated"),
    "copyright.unlinked": gettext_lazy("Another name of it was taken back"),
}


def _history(row: CopyrightTitle, merged: list[int]) -> list[dict]:
    found = corrections.history(row, merged)
    pks = {event.data.get(name) for event in found for name in ("gone", "to") if event.data.get(name)}
    names = dict(CopyrightTitle.objects.filter(pk__in=pks).values_list("pk", "name"))
    return [
        {
            "at": event.at, "who": event.actor.short_name if event.actor else _("The system"),
            "what": _EVENTS.get(event.name, event.name), "over": len(event.data.get("over", [])),
            "title": names.get(event.data.get("gone") or event.data.get("to"), ""),
            "key": listing.shown(event.data["key"]) if event.data.get("key", "").partition(":")[0] != "own"
            and event.data.get("key") else "",
        } for event in found
    ]


@needs("work_copyright")
@require_http_methods(["POST"])
def link(request, pk: int):
    row = fetch(pk)
    form = LinkForm(request.POST, title=row)
    if form.is_valid():
        try:
            corrections.link(row, form.cleaned_data["kind"], form.cleaned_data["number"],
                             actor=actors.staff(request.user), now=timezone.now())
            messages.success(request, _("Stored. Where the rules take a continued title for the same one, both names "
                                        "are counted together from now on."))
            return redirect("copyright_title", pk)
        except DeskError as refusal:
            form.add_error("number", str(refusal))
    return _page(request, row, form, status=422)


@needs("work_copyright")
@require_POST
def unlink(request, pk: int, link: int):
    row = get_object_or_404(TitleLink.objects.exclude(kind=TitleLink.APART), pk=link, title=pk)
    corrections.unlink(row, actor=actors.staff(request.user), now=timezone.now())
    messages.success(request, _("Taken back. What was counted stays where it is."))
    return redirect("copyright_title", pk)


# --- what looks the same ----------------------------------------------------------------------------------------------


@needs("see_copyright")
@require_safe
def same(request):
    groups, after = listing.proposals(after=request.GET.get("after", "")[:200])
    numbers = listing.numbers_of([row for group in groups for row in group])
    side.set_side(request, "copyright_same")
    context = {
        "groups": [[(row, numbers.get(row.pk, [])) for row in group] for group in groups], "after": after,
        "paged": "after" in request.GET, "may_work": request.user.may("work_copyright"),
    }
    return render(request, "requests_app/copyright/same.html", context)




@needs("work_copyright")
@require_POST
def apart(request, pk: int):
    """They are two, a person says; they are proposed no more."""
    row, other = fetch(pk), request.POST.get("with", "")
    if not (other.isascii() and other.isdigit() and len(other) < 18) or int(other) == pk:
        raise NotAllowed(_("Choose the other title first."))
    corrections.apart(row, fetch(int(other)), actor=actors.staff(request.user), now=timezone.now())
    messages.success(request, _("They stay two titles and are proposed no more."))
    return redirect(reverse("copyright_same"))
