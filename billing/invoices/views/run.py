"""What is billed: a run of a period with its preview, an item by hand, the rules."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from billing import history, side
from billing.invoices import actions, billable, queries, rules
from billing.invoices.forms import ExtraForm, PolicyForm, RunForm
from billing.invoices.models import Invoice, InvoicePolicy, InvoiceRun
from billing.invoices.views.common import form_page
from illdesk import actors
from illdesk.errors import BadAnswer, DeskError
from illdesk.http import needs
from requests_app.models import LoanPolicy


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def run(request):
    """The preview of a period; sent, its drafts are made."""
    today = timezone.localdate()
    last = today.replace(day=1) - timedelta(days=1)
    given = request.POST if request.method == "POST" else request.GET if "begins" in request.GET else None
    form = RunForm(given, initial={"begins": last.replace(day=1), "ends": last})
    asked = form.cleaned_data if given is not None and form.is_valid() else None
    if request.method == "POST" and asked:
        try:
            made = actions.run(asked["begins"], asked["ends"], actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            count = made.invoices.filter(state=Invoice.DRAFT).count()
            messages.success(request, ngettext("%(n)s draft waits to be verified.", "%(n)s drafts wait to be verified.",
                                               count) % {"n": count})
            return redirect("invoices")
    begins, ends = (asked["begins"], asked["ends"]) if asked else (last.replace(day=1), last)
    fits = begins <= ends and (ends - begins).days <= 400
    planned = billable.plan(begins, ends) if fits else []
    side.set_side(request, "invoices")
    context = {
        "form": form, "begins": begins, "ends": ends, "sums": billable.summed(planned),
        "free": [one for one in planned if one.outcome == billable.FREE],
        "elsewhere": [one for one in planned if one.outcome == billable.ELSEWHERE],
        "unknown": [one for one in planned if one.outcome == billable.UNKNOWN],
        "runs": InvoiceRun.objects.select_related("made_by")[:12],
    }
    return render(request, "billing/invoices/run.html", context,
                  status=422 if given is not None and form.errors else 200)


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def extra(request):
    """A lost or damaged item, or something else; below it what can be billed as lost by the rules."""
    policy, today = InvoicePolicy.current(), timezone.localdate()
    given = {name: request.GET[name] for name in ("kind", "request", "library") if request.GET.get(name)}
    form = ExtraForm(request.POST or None, initial={"kind": "lost", "amount": policy.lost_amount} | given)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        ill, library = asked["request"], asked["library"]
        assert ill is not None or library is not None
        try:
            made = actions.add_line(
                ill.partner if ill else library, kind=asked["kind"], ill=ill, amount=asked["amount"], why=asked["why"],
                key=str(asked["key"]), actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            field = "request" if field == "ill" else field
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("It stands on a draft; somebody verifies it, and a second person approves it."))
            return redirect("invoice", made.invoice_id)
    side.set_side(request, "invoices")
    context = {"form": form, "losses": [{"ill": ill, "late": (today - ill.due_lender).days if ill.due_lender else 0}
                                        for ill in queries.losses(today, policy.lost_after)], "policy": policy,
               "currency": LoanPolicy.current().currency}
    return render(request, "billing/invoices/extra.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request):
    form = PolicyForm(request.POST or None, instance=InvoicePolicy.current())
    if request.method == "POST" and form.is_valid():
        rules.store(form.save(commit=False), actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("The rules are stored; they count from now on."))
        return redirect("invoices")
    return form_page(request, form, heading=_("Rules of invoices"), back=reverse("invoices"), label=_("Our invoices"),
                     template="billing/rules.html", history=history.of(rules.SUBJECT[0], InvoicePolicy))
