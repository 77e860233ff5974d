"""Charges as lists, and one patron's account. Patrons' names stand here: only who works charges sees these pages."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import side
from billing.charges import payments, queries, shown_before, statements
from billing.charges.forms import BackForm, NothingForm, PayForm
from billing.charges.models import Charge, ChargePayment, Waiver
from billing.charges.payments import Paid
from illdesk import actors, exports
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.http import needs
from illdesk.money import shown as shown_money
from requests_app.copyright.listed import in_chunks
from requests_app.models import LoanPolicy, Patron

A_PAGE = 50
TABS = (
    ("open", gettext_lazy("Open")), ("provisional", gettext_lazy("Provisional")),
    ("asked", gettext_lazy("Lender asked")), ("appealed", gettext_lazy("Appealed")),
    ("handed", gettext_lazy("Handed over")), ("held", gettext_lazy("Searched for")),
    ("settled", gettext_lazy("Settled")), ("cancelled", gettext_lazy("Cancelled")), ("all", gettext_lazy("All")),
)
AGES = ((0, gettext_lazy("Any age")), (30, gettext_lazy("30 days or more")), (60, gettext_lazy("60 days or more")),
        (90, gettext_lazy("90 days or more")))


@needs("see_charges")
@require_safe
def charges(request):
    found, chosen = _chosen(request)
    side.set_side(request, "charges")
    waivers = list(Waiver.objects.filter(state=Waiver.PROPOSED).select_related("charge__patron", "proposed_by")[:20])
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = chosen | {
        "page": page, "rows": [shown(one) for one in queries.standing(page)], "tabs": TABS, "ages": AGES,
        "waivers": waivers, "kinds": Charge.KINDS, "currency": LoanPolicy.current().currency,
    }
    return render(request, "billing/charges/list.html", context)


@needs("see_charges")
@require_safe
def export(request, form: str):
    found, chosen = _chosen(request)
    head = [_("Number"), _("Charged on"), _("Card"), _("Patron"), _("Request"), _("For"), _("State"), _("Currency"),
            _("Amount"), _("Paid"), _("Waived"), _("Open"), _("Handed over"), _("Charged by")]
    currency = LoanPolicy.current().currency
    rows = (
        (row.number, row.day, row.patron.card, row.patron.name, row.ill.number if row.ill else "",
         str(row.get_kind_display()), shown(one)["state"]["label"], currency, row.amount, row.paid, row.waived,
         row.open, row.handed, row.made_by.short_name if row.made_by else "")
        for chunk in in_chunks(found, 500) for one in queries.standing(chunk) for row in [one.row]
    )
    return exports.file(form, f"charges-{chosen['state']}", head, rows)


def _chosen(request):
    state = request.GET.get("state", "open")
    state = state if state in queries.STATES else "open"
    wanted = " ".join(request.GET.get("q", "").split())[:100]
    older = next((days for days, _words in AGES if str(days) == request.GET.get("older")), 0)
    kind = request.GET.get("kind", "")
    kind = kind if kind in dict(Charge.KINDS) else ""
    found = queries.listed(state, wanted=wanted, older=older, kind=kind, now=timezone.now())
    return found, {"state": state, "wanted": wanted, "older": older, "kind": kind}


def shown(one: queries.Standing) -> dict:
    """A charge with its state in shape and words."""
    row = one.row
    if row.state == Charge.UNDONE:
        label, family = row.get_state_display(), "ended_not"
    elif one.appealed:
        label, family = _("Appealed"), "decision"
    elif row.state == Charge.ASKED:
        label, family = row.get_state_display(), "others"
    elif one.searching and row.open:
        label, family = _("Searched for"), "ours"
    elif not row.open:
        label, family = _("Settled"), "ended_ok"
    elif row.state == Charge.PROVISIONAL:
        late = row.provisional_until is not None and row.provisional_until < timezone.localdate()
        label, family = row.get_state_display(), "decision" if late else "others"
    elif row.handed:
        label, family = _("Handed over"), "moving"
    else:
        label, family = _("Open"), "patron"
    return {"row": row, "state": {"label": str(label), "family": family}}


# --- one patron ----------------------------------------------------------------------------------------------


@needs("see_charges")
@require_safe
def patron(request, pk: int):
    row = get_object_or_404(Patron.objects.select_related("user"), pk=pk)
    side.set_side(request, "charges")
    context = {
        "patron": row, "sums": queries.sums(pk), "currency": LoanPolicy.current().currency,
        "rows": [shown(one) for one in queries.standing(queries.of_patron(pk)[:200])],
        "payments": row.payments.select_related("by").order_by("-pk")[:100],
        "lines": queries.statement(pk)[-100:], "form": NothingForm(),
    }
    return render(request, "billing/charges/patron.html", context)


@needs("see_charges")
@require_safe
def statement(request, pk: int):
    row = get_object_or_404(Patron, pk=pk)
    return pdf_response(statements.statement(row, now=timezone.now()), f"statement-{row.pk}.pdf")


def pdf_response(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@needs("work_charges")
@require_POST
def mail_statement(request, pk: int):
    row, form = get_object_or_404(Patron, pk=pk), NothingForm(request.POST)
    key = form.given_key if form.is_valid() else f"{pk}:{timezone.now():%Y-%m-%dT%H:%M}"
    try:
        statements.mail(row, key=key, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("The statement is on its way to %(name)s.") % {"name": row.name})
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("charges_patron", pk)


@needs("work_charges")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request, pk: int):
    row = get_object_or_404(Patron, pk=pk)
    owed = list(queries.of_patron(pk).filter(open__gt=0).order_by("made", "pk"))
    sums = queries.sums(pk)
    form = PayForm(request.POST or None, rows=owed, initial={"amount": sums.to_pay or None})
    before, now = None, timezone.now()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        do = partial(payments.pay, form.given_key, pk,
                     Paid(given["amount"], given["way"], given["day"], given["reference"]),
                     charges=[int(one) for one in given.get("charges", [])], actor=actors.staff(request.user), now=now)
        try:
            if not shown_before.asked(request):
                return _paid(request, do())
            before = shown_before.of(do, row, now=now)
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = form_context(request, form, row, _("Enter a payment"), _("Enter the payment"), sub=_open_words(sums))
    return shown_before.page(request, "billing/charges/form_letter.html", context, patron=row, before=before)


def _paid(request, done: ChargePayment) -> HttpResponse:
    messages.success(request, _("The payment is entered, receipt %(number)s.") % {"number": done.number})
    over = done.moves.filter(what="overpaid").first()
    if over is not None:
        messages.info(request, _("%(sum)s of it became credit of the patron.") % {
            "sum": shown_money(over.amount, LoanPolicy.current().currency)})
    return redirect("charges_patron", done.patron_id)


@needs("work_charges")
@require_http_methods(["GET", "HEAD", "POST"])
def pay_back(request, pk: int):
    row, sums = get_object_or_404(Patron, pk=pk), queries.sums(pk)
    form = BackForm(request.POST or None, initial={"amount": sums.credit or None, "day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            payments.pay_back(form.given_key, pk, Paid(given["amount"], given["way"], given["day"], given["reference"]),
                              actor=actors.staff(request.user), now=timezone.now())
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("It is entered as paid back."))
            return redirect("charges_patron", pk)
    return _form(request, form, row, _("Pay credit back"), _("Enter what was paid back"),
                 sub=_("Credit %(credit)s") % {"credit": sums.credit})


@needs("work_charges")
@require_POST
def use_credit(request, pk: int):
    row, form = get_object_or_404(Patron, pk=pk), NothingForm(request.POST)
    try:
        if form.is_valid():
            payments.use_credit(form.given_key, row.pk, actor=actors.staff(request.user), now=timezone.now())
            messages.success(request, _("Open charges are paid from the credit."))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("charges_patron", pk)


@needs("see_charges")
@require_safe
def receipt(request, code: str):
    row = get_object_or_404(ChargePayment.objects.select_related("patron"), number=code)
    return pdf_response(statements.receipt(row, now=timezone.now()), f"{row.number}.pdf")


@needs("work_charges")
@require_http_methods(["GET", "HEAD", "POST"])
def undo_payment(request, code: str):
    row = get_object_or_404(ChargePayment.objects.select_related("patron"), number=code)
    form = NothingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            payments.undo(row, actor=actors.staff(request.user), now=timezone.now())
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The payment is taken back: its entries are reversed."))
            return redirect("charges_patron", row.patron_id)
    return _form(request, form, row.patron, _("Take a payment back"),
                 _("Take %(number)s back") % {"number": row.number},
                 sub=_("For what was entered by mistake, or a check that bounced. Each entry gets its opposite."))


def form_context(request, form, row: Patron, heading: str, save: str, *, sub: str = "") -> dict:
    side.set_side(request, "charges")
    return {"form": form, "heading": heading, "sub": " · ".join(part for part in (row.name, sub) if part),
            "back_url": reverse("charges_patron", args=[row.pk]), "back_label": row.name, "save": save}


def _form(request, form, row: Patron, heading: str, save: str, *, sub: str = ""):
    context = form_context(request, form, row, heading, save, sub=sub)
    return render(request, "illdesk/form_back.html", context, status=422 if request.method == "POST" else 200)


def _open_words(sums: queries.Sums) -> str:
    parts = [_("Open %(open)s") % {"open": sums.open}]
    if sums.credit:
        parts.append(_("Credit %(credit)s") % {"credit": sums.credit})
    return " · ".join([*parts, _("To pay now %(sum)s") % {"sum": sums.to_pay}])
