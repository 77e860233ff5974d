"""Agreements: the list, one with its versions, publishing a version, and what real requests would cost by them."""

from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import side
from billing.agreements import actions, queries
from billing.agreements.forms import AgreementForm, TermRows, TrialForm, VersionForm
from billing.agreements.models import Agreement, Term
from illdesk import actors
from illdesk.errors import BadAnswer, DeskError
from illdesk.http import needs

_ROW = ("direction", "service", "network", "patron_status", "flat", "per_page", "from_page", "rush", "international",
        "minimum", "maximum", "currency", "pay_way", "reciprocal", "threshold")


@needs("see_invoices")
@require_safe
def agreements(request):
    side.set_side(request, "agreements")
    today = timezone.localdate()
    rows = []
    for row in queries.listed():
        versions = list(row.versions.all())
        now = next((one for one in versions if one.begins <= today), None)
        coming = next((one for one in reversed(versions) if one.begins > today), None)
        rows.append({"row": row, "now": now, "coming": coming, "terms": len(now.terms.all()) if now else 0})
    return render(request, "billing/agreements/list.html", {"rows": rows})


@needs("see_invoices")
@require_safe
def agreement(request, pk: int):
    row = get_object_or_404(Agreement.objects.select_related("library", "group"), pk=pk)
    versions = list(row.versions.select_related("made_by").prefetch_related("terms"))
    today = timezone.localdate()
    now = next((one for one in versions if one.begins <= today), None)
    side.set_side(request, "agreements")
    return render(request, "billing/agreements/agreement.html", {"row": row, "versions": versions, "now": now})


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int = 0):
    row = get_object_or_404(Agreement, pk=pk) if pk else Agreement()
    form = AgreementForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save(form.save(commit=False), actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("The agreement is stored."))
            return redirect("agreement" if pk else "agreement_publish", saved.pk)
    side.set_side(request, "agreements")
    back = reverse("agreement", args=[pk]) if pk else reverse("agreements")
    context = {"form": form, "heading": row.name if pk else _("Add an agreement"), "back_url": back,
               "back_label": row.name if pk else _("Fee agreements")}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request, pk: int):
    row = get_object_or_404(Agreement, pk=pk)
    newest = row.versions.prefetch_related("terms").order_by("-number").first()
    based_on = newest.number if newest else 0
    if request.method == "POST":
        form, terms = VersionForm(request.POST), TermRows(request.POST)
    else:
        form = VersionForm(initial={"begins": timezone.localdate(), "based_on": based_on})
        known = [{name: getattr(term, name) for name in _ROW} | {"use": True} for term in
                 (newest.terms.all() if newest else ())]
        terms = TermRows(initial=known)
    problem = ""
    if request.method == "POST" and _valid(form, terms):
        chosen = [{name: one.cleaned_data[name] for name in _ROW} for one in terms if one.counts]
        try:
            actions.publish(row, begins=form.cleaned_data["begins"], why=form.cleaned_data["why"], terms=chosen,
                            based_on=form.cleaned_data["based_on"], earlier=form.cleaned_data["earlier"],
                            actor=actors.staff(request.user), now=timezone.now())
        except actions.Earlier as question:
            form.ask("earlier", str(question))
        except DeskError as refusal:
            problem = str(refusal)
            form.now_says("based_on", str(based_on))
        else:
            messages.success(request, _("The version is stored; it counts from its day on."))
            return redirect("agreement", row.pk)
    side.set_side(request, "agreements")
    context = {"row": row, "form": form, "terms": terms, "problem": problem, "number": based_on + 1}
    return render(request, "billing/agreements/publish.html", context, status=422 if request.method == "POST" else 200)


def _valid(form, terms) -> bool:
    """Rows that do not count may hold anything."""
    wrong = [one for one in terms if one.counts and not one.is_valid()]
    return form.is_valid() and terms.management_form.is_valid() and not wrong


@needs("see_invoices")
@require_safe
def trial(request):
    """What real requests would cost by the agreements of a day."""
    given = request.GET if "day" in request.GET else None
    today = timezone.localdate()
    form = TrialForm(given, initial={"day": today})
    asked: dict[str, Any] = {"q": "", "day": today, "rush": False}
    if given is not None and form.is_valid():
        asked = form.cleaned_data
    agreed = queries.Agreed()
    rows = []
    for ill in queries.requests_like(asked["q"]):
        found = queries.explain(ill, day=asked["day"], rush=asked["rush"], agreed=agreed)
        rows.append({"ill": ill, "found": found, "way": dict(Term.PAY_WAYS).get(found.pay_way, "")})
    side.set_side(request, "agreements")
    status = 422 if given is not None and not form.is_valid() else 200
    return render(request, "billing/agreements/trial.html", {"form": form, "rows": rows, "day": asked["day"]},
                  status=status)
