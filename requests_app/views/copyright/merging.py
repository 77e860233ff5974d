"""Merging two titles and moving uses: shown first, as it would become, then done."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from illdesk import actors
from illdesk.errors import NotAllowed
from illdesk.http import needs
from requests_app.copyright import corrections, forecast, listing, titles
from requests_app.forms.titles import MoveForm
from requests_app.models import CopyrightNumber, CopyrightTitle
from requests_app.views.copyright import side
from requests_app.views.copyright.titles import fetch, year_of


@needs("work_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request, pk: int):
    """`with`: the title that is merged into this one."""
    keep = fetch(pk)
    chosen = request.POST.get("with") or request.GET.get("with", "")
    gone = _other(keep, chosen)
    refusal = _refusal(keep, gone) if chosen else ""
    if request.method == "POST" and gone is not None and not refusal:
        try:
            over = corrections.merge(keep, gone, actor=actors.staff(request.user), now=timezone.now())
            done = _("“%(gone)s” is merged into this title; every request is kept.") % {"gone": gone.name}
            _tell(request, done, over)
            return redirect("copyright_title", keep.pk)
        except NotAllowed as told:
            refusal = str(told)
    side.set_side(request, "copyright_titles")
    text = request.GET.get("q", "").strip()[:200]
    context: dict = {"keep": keep, "gone": gone, "refusal": refusal, "text": text}
    if gone is not None and not refusal:
        context |= {"years": _forecast(listing.live(keep), listing.live(gone)), "both": _both(keep, gone)}
    else:
        found = list(listing.of_year(year_of(request), text=text)[:20]) if text else listing.same_names(keep)
        numbers = listing.numbers_of(found)
        context["found"] = [(row, numbers.get(row.pk, [])) for row in found if row.pk != keep.pk]
    status = 200 if request.method != "POST" else 409 if refusal else 422
    return render(request, "requests_app/copyright/merge.html", context, status=status)


def _other(keep: CopyrightTitle, text: str) -> CopyrightTitle | None:
    return fetch(int(text)) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _refusal(keep: CopyrightTitle, gone: CopyrightTitle | None) -> str:
    if gone is None:
        return _("Choose the other title first.")
    if keep.pk == gone.pk or keep.merged_into_id or gone.merged_into_id:
        return _("These titles are one already, or were merged elsewhere. Nothing was changed.")
    if keep.kind != gone.kind:
        return _("A periodical and another work are counted by different rules and are never one title.")
    return ""


def _both(keep: CopyrightTitle, gone: CopyrightTitle) -> list[dict]:
    numbers = listing.numbers_of([keep, gone])
    return [
        {"row": row, "numbers": numbers.get(row.pk, []), "live": len(listing.live(row)), "years": listing.years(row)}
        for row in (keep, gone)
    ]


def _forecast(there, coming) -> list[dict]:
    return [
        {
            "year": year, "stands": stands, "over": sum(one.becomes_over for one in stands),
            "moves": sum(one.moves for one in stands),
        } for year, stands in forecast.years(there, coming).items()
    ]


def _tell(request, done: str, over) -> None:
    messages.success(request, done)
    if over:
        numbers = ", ".join(use.number for use in over)
        messages.warning(request, ngettext(
            "%(n)s request is beyond the limit now and waits for a ground: %(numbers)s.",
            "%(n)s requests are beyond the limit now and wait for a ground: %(numbers)s.", len(over),
        ) % {"n": len(over), "numbers": numbers})


@needs("work_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def move(request, pk: int):
    """Uses that belong to another title: a wrong ISSN was put right, a title was split."""
    title = fetch(pk)
    rows = listing.live(title)
    form = MoveForm(request.POST or None, title=title, rows=rows)
    context: dict = {"title": title, "form": form, "rows": rows}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and (to := _target(form, title)) is not None:
            chosen = [row for row in rows if row.pk in form.cleaned_data["uses"]]
            if "move" in request.POST:
                try:
                    return _moved(request, form, title, chosen)
                except NotAllowed as told:
                    context["refusal"], status = str(told), 409
            else:
                there = listing.live(to) if to.pk else []
                context |= {"to": to, "years": _forecast(there, chosen)}
                status = 200
    side.set_side(request, "copyright_titles")
    context["ticked"] = set(request.POST.getlist("uses")) if form.is_bound else set(request.GET.getlist("use"))
    return render(request, "requests_app/copyright/move.html", context, status=status)


def _target(form: MoveForm, title: CopyrightTitle) -> CopyrightTitle | None:
    """Where they would go; a title that is not stored yet has no key. None: the form says why not."""
    key = form.cleaned_data["number"]
    found = CopyrightNumber.objects.filter(key=key).select_related("title").first()
    if found is not None:
        to = titles.survivor(found.title)
        if to.pk == title.pk:
            form.add_error("number", _("This number is the title's own: they stand there already."))
            return None
        return to
    if not form.cleaned_data["name"]:
        form.add_error("name", _("Nothing was counted for this number yet: enter the name of the title."))
        return None
    return CopyrightTitle(kind=title.kind, name=form.cleaned_data["name"])


def _moved(request, form: MoveForm, title: CopyrightTitle, chosen):
    now = timezone.now()
    with transaction.atomic():
        to = corrections.title_by_number(
            form.cleaned_data["number"], kind=title.kind, name=form.cleaned_data["name"], now=now)
        count, over = corrections.move(chosen, to, actor=actors.staff(request.user), now=now)
    _tell(request, ngettext("%(n)s request is counted for this title now.", "%(n)s requests are counted for this title "
                            "now.", count) % {"n": count}, over)
    return redirect(reverse("copyright_title", args=[to.pk]))
