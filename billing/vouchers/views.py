"""Vouchers: the stock with who holds it and every movement; each thing that is done with them as a form."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import history, side
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.vouchers import actions, forms, stock, undoing
from billing.vouchers.models import (
    VOUCHERS,
    VoucherChange,
    VoucherCount,
    VoucherHolder,
    VoucherMovement,
    VoucherStock,
    VoucherTerms,
)
from illdesk import actors, dates, exports, money
from illdesk.actors import Actor
from illdesk.errors import DeskError
from illdesk.http import needs
from requests_app.models import LoanPolicy

A_PAGE = 50


@needs("see_invoices")
@require_safe
def vouchers(request):
    today = timezone.localdate()
    have = {row.kind: row for row in VoucherStock.objects.all()}
    terms = stock.terms(today)
    before = _number(request.GET.get("before"))
    moved = VoucherMovement.objects.select_related("holder", "library", "ill", "by")
    found = list((moved.filter(pk__lt=before) if before else moved)[: A_PAGE + 1])
    gone = undoing.undone([one.key for one in found])
    side.set_side(request, "vouchers")
    context = {
        "stock": [{"label": label, "count": have[kind].count if kind in have else 0, "worth": terms.worth(kind),
                   "book": have[kind].book if kind in have else 0} for kind, label in VOUCHERS],
        "book": sum(row.book for row in have.values()), "holds": books.balance(Where("vouchers")),
        "currency": LoanPolicy.current().currency, "terms": terms,
        "holders": list(VoucherHolder.objects.select_related("person").prefetch_related("holdings")),
        "changes": list(VoucherChange.objects.filter(state=VoucherChange.NOTED).select_related("library", "ill")),
        "settled": list(VoucherChange.objects.exclude(state=VoucherChange.NOTED).select_related("library", "ill")
                        .order_by("-settled")[:12]),
        "counts": list(VoucherCount.objects.select_related("holder", "by")[:12]), "moved": [
            {"row": one, "undone": one.key in gone, "may": one.key not in gone and undoing.may_be(one),
             "payment": undoing.payment_of(one)}
            for one in found[:A_PAGE]],
        "next": found[A_PAGE - 1].pk if len(found) > A_PAGE else 0, "before": before,
    }
    return render(request, "billing/vouchers/vouchers.html", context)


@needs("see_invoices")
@require_safe
def export(request, form: str):
    head = [_("Day"), _("What"), _("Kind"), _("Quantity"), _("Holder"), _("Library"), _("Request"), _("In the books"),
            _("Note"), _("By")]
    rows = (
        [row.day, str(row.get_what_display()), str(row.get_kind_display()), row.quantity, row.holder.name,
         row.library.symbol if row.library else "", row.ill.number if row.ill else "", row.book, row.note,
         row.by.short_name if row.by else ""]
        for row in VoucherMovement.objects.select_related("holder", "library", "ill", "by").iterator(chunk_size=500)
    )
    return exports.file(form, "vouchers", head, rows)


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request, pk: int):
    row = get_object_or_404(VoucherMovement.objects.select_related("library", "ill", "holder"), pk=pk)
    if (already := undoing.undoing_of(row)) is not None:
        messages.info(request, undoing.said_undone(already))
        return redirect("vouchers")
    form = forms.UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            undoing.undo(row, form.cleaned_data["why"], actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The movement is undone: the opposite one stands beside it."))
            return redirect("vouchers")
    what = ", ".join(f"{one.get_what_display()}: {money.counted(one.quantity)} {one.get_kind_display()}"
                     for one in undoing.together(row))
    return _form(request, form, sub=_("%(what)s. The opposite is entered today, and its entries are reversed.") % {
        "what": what})


# --- what is done --------------------------------------------------------------------------------------------


def _spend(given: Mapping, who: Actor, now: datetime) -> str:
    change = actions.spend(
        given["library"], given["asked"], wholes=given["wholes"], halves=given["halves"], day=given["day"],
        key=str(given["key"]), actor=who, now=now, ill=given["request"], note=given["note"],
        holder=given["holder"].pk if given["holder"] else None)
    if change is None:
        return _("It is entered: the vouchers pay it exactly.")
    return _("It is entered. The lender owes us EUR %(amount)s: credit noted.") % {"amount": change.amount}


def _receive(given: Mapping, who: Actor, now: datetime) -> str:
    actions.receive_for_request(given["request"], wholes=given["wholes"], halves=given["halves"], day=given["day"],
                                key=str(given["key"]), actor=who, now=now,
                                holder=given["holder"].pk if given["holder"] else None)
    return _("It is entered.")


def _trade(step: Callable) -> Callable[[Mapping, Actor, datetime], str]:
    def done(given: Mapping, who: Actor, now: datetime) -> str:
        fee = step(given["wholes"], given["halves"], day=given["day"], key=str(given["key"]), actor=who, now=now,
                   holder=given["holder"].pk if given["holder"] else None)
        return _("It is entered, with a fee of EUR %(fee)s.") % {"fee": fee}
    return done


def _move(given: Mapping, who: Actor, now: datetime) -> str:
    stock.move(given["kind"], given["quantity"], giver=given["giver"].pk, taker=given["taker"].pk, day=given["day"],
               key=f"moved:{given['key']}", actor=who, now=now, note=given["note"])
    return _("It is entered.")


def _lose(given: Mapping, who: Actor, now: datetime) -> str:
    actions.lose(given["kind"], given["quantity"], holder=given["holder"].pk, day=given["day"], note=given["note"],
                 key=str(given["key"]), actor=who, now=now)
    return _("It is entered.")


def _count(given: Mapping, who: Actor, now: datetime) -> str:
    row = actions.count(given["kind"], given["counted"], holder=given["holder"].pk, day=given["day"],
                        why=given["why"], actor=who, now=now)
    return _("The count is stored: %(difference)+d.") % {"difference": row.difference} if row.difference else _(
        "The count is stored: it fits.")


# By their part of the address.
_WAYS: dict[str, tuple[type, Callable[[Mapping, Actor, datetime], str]]] = {
    "spend": (forms.SpendForm, _spend), "receive": (forms.ReceiveForm, _receive),
    "buy": (forms.BuyForm, _trade(actions.buy)), "redeem": (forms.RedeemForm, _trade(actions.redeem)),
    "move": (forms.MoveForm, _move), "lose": (forms.LoseForm, _lose), "count": (forms.CountForm, _count),
}


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def do(request, what: str):
    if what not in _WAYS:
        raise Http404
    kind, step = _WAYS[what]
    form = kind(request.POST or None, initial={"day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            said = step(form.cleaned_data, actors.staff(request.user), timezone.now())
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("vouchers")
    return _form(request, form)


@needs("manage_money")
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request):
    now = stock.terms(timezone.localdate())
    first = {name: getattr(now, name) for name in ("whole", "half", "fee", "fee_percent")}
    form = forms.TermsForm(request.POST or None, initial=first | {"begins": timezone.localdate()})
    if request.method == "POST":
        # A day that has terms already gets these instead.
        day = request.POST.get("begins", "")
        there = VoucherTerms.objects.filter(begins=day).first() if _is_day(day) else None
        form = forms.TermsForm(request.POST, instance=there)
        if form.is_valid():
            actions.set_terms(form.save(commit=False), actor=actors.staff(request.user), now=timezone.now())
            messages.success(request, _("It is stored."))
            return redirect("vouchers")
    rows = [_("From %(day)s on: whole EUR %(whole)s, half EUR %(half)s, fee EUR %(fee)s and %(percent)s %%") % {
        "day": dates.in_words(row.begins), "whole": row.whole, "half": row.half, "fee": row.fee,
        "percent": row.fee_percent} for row in VoucherTerms.objects.all()[:20]]
    return _form(request, form, template="billing/rules.html", rows=rows,
                 history=history.of("voucher_terms", VoucherTerms))


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def holder(request, pk: int = 0):
    row = get_object_or_404(VoucherHolder, pk=pk) if pk else VoucherHolder()
    form = forms.HolderForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("It is stored."))
        return redirect("vouchers")
    return _form(request, form)


@needs("work_invoices")
@require_POST
def change(request, pk: int, what: str):
    """`what`: received or used."""
    row = get_object_or_404(VoucherChange, pk=pk)
    try:
        actions.settle_change(row, what, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("It is entered."))
    except DeskError as refusal:
        messages.error(request, str(refusal))
    return redirect("vouchers")


@needs("work_invoices")
@require_http_methods(["GET", "HEAD", "POST"])
def undo_change(request, pk: int):
    row = get_object_or_404(VoucherChange.objects.select_related("library"), pk=pk)
    form = forms.UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            undoing.undo_change(row, form.cleaned_data["why"], actor=actors.staff(request.user), now=timezone.now())
        except DeskError as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("It is undone: %(library)s owes us EUR %(amount)s again.") % {
                "library": row.library.symbol, "amount": row.amount})
            return redirect("vouchers")
    return _form(request, form, sub=_("%(library)s, EUR %(amount)s: %(state)s. It stands open again, and its entries "
                                      "are reversed.") % {"library": row.library.symbol, "amount": row.amount,
                                                          "state": row.get_state_display()})


def _form(request, form, *, sub: str = "", template: str = "illdesk/form_back.html", **more):
    side.set_side(request, "vouchers")
    context = {"form": form, "heading": form.title, "sub": sub or form.sub, "back_url": reverse("vouchers"),
               "back_label": _("IFLA vouchers"), "save": form.save_words}
    return render(request, template, context | more, status=422 if request.method == "POST" else 200)


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        return False
    return True


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0
