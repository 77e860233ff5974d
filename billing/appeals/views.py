"""The queue of appeals, soonest first, and one appeal with its decision."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import side
from billing.appeals import actions, queries
from billing.appeals.forms import DecisionForm, PaperForm
from billing.appeals.models import Appeal
from billing.approval import rule
from billing.charges import queries as charges
from billing.charges import shown_before, words
from billing.charges.models import Charge
from illdesk import actors
from illdesk.errors import BadAnswer, DeskError, NotAllowed
from illdesk.http import needs
from illdesk.models import Attachment
from requests_app.models import LoanPolicy


@needs("see_charges")
@require_safe
def appeals(request):
    decided = request.GET.get("show") == "decided"
    page = Paginator(queries.decided() if decided else queries.waiting(), 50).get_page(request.GET.get("page"))
    side.set_side(request, "appeals")
    context = {"page": page, "rows": queries.with_amounts(page), "decided": decided, "today": timezone.localdate(),
               "count": queries.count(),
               "currency": LoanPolicy.current().currency}
    return render(request, "billing/appeals/list.html", context)


@needs("see_charges")
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request, pk: int):
    """Whoever sees it may send the decision; the rule of two persons says who may decide."""
    row = get_object_or_404(Appeal.objects.select_related("charge__patron", "charge__ill", "made_by", "decided_by"),
                            pk=pk)
    now = timezone.now()
    form = DecisionForm(request.POST or None)
    before, status = None, 422
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = partial(actions.decide, row, actions.Decision(given["outcome"], given["words"], given["amount"]),
                     actor=actors.staff(request.user), now=now)
        try:
            if not shown_before.asked(request):
                messages.success(request, _("Decided: %(outcome)s. The patron is written to.") % {
                    "outcome": do().get_state_display()})
                return redirect("appeals")
            before = shown_before.of(do, row.charge.patron, now=now)
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except DeskError as refusal:
            form.add_error(None, str(refusal))
            status = 409
    side.set_side(request, "appeals")
    mine = actions.not_by(row)
    context = {
        "row": row, "charge": row.charge, "form": form, "currency": LoanPolicy.current().currency,
        "files": Attachment.objects.filter(subject_kind="appeal", subject_id=row.pk).order_by("pk"),
        "others": queries.of_charge(row.charge_id).exclude(pk=row.pk), "why": words.reason(row.charge.reason),
        "appealed": charges.charged_at(row.charge, row.made),
        "may_decide": row.state == Appeal.OPEN and rule.may_approve(
            request.user, "decide_appeals", entered_by=mine, day=timezone.localtime(now).date()),
        "who": rule.others_in_words("decide_appeals", mine, day=timezone.localtime(now).date()),
        "late": row.due < timezone.localdate(), "left": row.charge.amount - row.charge.waived,
        "notes": row.charge.notes.select_related("by").order_by("-pk"),
    }
    return shown_before.page(request, "billing/appeals/appeal.html", context, patron=row.charge.patron, before=before,
                             refused=status)


@needs("work_charges")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request, code: str):
    """For a patron who wrote on paper. `code`: number of the charge."""
    charge = get_object_or_404(Charge.objects.select_related("patron", "ill"), number=code)
    form = PaperForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.appeal(charge, given["text"], key=form.given_key, actor=actors.staff(request.user),
                                  now=timezone.now(), files=given["attached"], came=Appeal.PAPER)
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else "attached", str(refusal))
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The appeal is entered. Nothing is asked for while it is open."))
            return redirect(made)
    side.set_side(request, "appeals")
    context = {"form": form, "heading": _("Enter an appeal"), "sub": f"{charge.number} · {charge.patron.name}",
               "back_url": reverse("charge", args=[code]), "back_label": code, "save": _("Enter the appeal"),
               "multipart": True}
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


def may_fetch(user, pk: int) -> bool:
    """Files of an appeal: who sees charges, and the patron whose it is."""
    row = Appeal.objects.select_related("charge__patron").filter(pk=pk).first()
    if row is None:
        return False
    return user.may("see_charges") or (user.is_authenticated and row.charge.patron.user_id == user.pk)


