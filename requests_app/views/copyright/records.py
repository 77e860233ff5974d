"""Keeping and deleting: how long, what is held, what would go; a person starts it, a job does it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from illdesk import actors
from illdesk.errors import NotAllowed
from illdesk.http import needs
from requests_app.copyright import deletions, holds, records, report, words
from requests_app.forms.copyright_records import HoldForm, KeepForm
from requests_app.models import LegalHold, RecordDeletion, RecordPolicy
from requests_app.views.copyright import side
from requests_app.views.copyright import years as calendar_years

_SHOWN = 30


@needs("manage_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def records_page(request):
    row = RecordPolicy.objects.filter(pk=1).first() or RecordPolicy(pk=1)
    form = KeepForm(request.POST or None, instance=row)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            changed = records.keep(
                form.cleaned_data["keep_years"], actor=actors.staff(request.user), now=timezone.now()
            )
            messages.success(request, _("Stored. It holds for every year from now on.") if changed
                             else _("Nothing was different; nothing was stored."))
            return redirect("copyright_records")
        status = 422
    years, today = records.kept_years(), timezone.localdate()
    may_go = set(records.deletable_years(today))
    lifted = LegalHold.objects.exclude(lifted=None).select_related("title", "by", "lifted_by").order_by("-lifted")
    context = {
        "form": form, "keep_years": years,
        "years": [{"year": year, "through": records.kept_through(year, years), "may_go": year in may_go,
                   "over": records.deletable(year, today, years)} for year in report.years()],
        "holds": holds.active(), "lifted": lifted[:_SHOWN],
        "deletions": RecordDeletion.objects.select_related("by").order_by("-pk")[:_SHOWN],
    }
    side.set_side(request, "copyright_records")
    return render(request, "requests_app/copyright/records.html", context, status=status)


@needs("manage_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def one_year(request, year: int):
    """A dry run first; a POST begins to delete."""
    calendar_years.real(year)
    status = 200
    refusal = ""
    if request.method == "POST":
        try:
            return redirect("job", deletions.start(year, by=request.user, now=timezone.now()).pk)
        except NotAllowed as early:
            refusal, status = str(early), 409
    years = records.kept_years()
    found = records.plan(year)
    context = {
        "year": year, "plan": found,
        "nothing": not (found.rows or found.decisions or found.held
                        or RecordDeletion.objects.filter(year=year).exists()),
        "refusal": refusal, "through": records.kept_through(year, years),
        "over": records.deletable(year, timezone.localdate(), years),
        "unfinished": RecordDeletion.objects.filter(year=year, ended=None).first(),
        "grounds": [(words.GROUNDS.get(code, code), count) for code, count in sorted(found.totals.outside.items())],
    }
    side.set_side(request, "copyright_records")
    return render(request, "requests_app/copyright/records_year.html", context, status=status)


@needs("manage_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def new_hold(request):
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        holds.place(form.save(commit=False), actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("The hold is in force: nothing it covers is deleted until it is lifted."))
        return redirect("copyright_records")
    context = {"form": form, "heading": _("Place a legal hold"), "back_url": reverse("copyright_records"),
               "back_label": _("Keeping and deleting")}
    side.set_side(request, "copyright_records")
    return render(request, "requests_app/libraries/part.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_copyright")
@require_POST
def lift_hold(request, pk: int):
    get_object_or_404(LegalHold, pk=pk)
    try:
        holds.lift(pk, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("The hold is lifted. Nothing is deleted by that: somebody starts it."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("copyright_records")
