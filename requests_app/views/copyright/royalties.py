"""Royalties: what is agreed, owed, listed and paid; lists by which they are paid, and the payee's statement."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, exports
from illdesk.errors import BadAnswer, DeskError, NotAllowed, Stale
from illdesk.http import needs
from requests_app.copyright import payment, statement
from requests_app.copyright import royalties as royalty_of_one
from requests_app.forms.royalties import FileForm, ListForm, PaidForm, SettleForm, WaiveForm
from requests_app.models import Royalty, RoyaltyList, StatementLine
from requests_app.views.copyright import side

A_PAGE = 50
_SHOWN = (Royalty.OWED, Royalty.AGREED, Royalty.LISTED, Royalty.PAID)
FAMILIES = {Royalty.AGREED: "others", Royalty.OWED: "ours", Royalty.LISTED: "moving", Royalty.PAID: "ended_ok",
            Royalty.RELEASED: "ended_not"}
_OUTCOMES = {StatementLine.MATCHED: "ended_ok", StatementLine.DIFFERS: "decision", StatementLine.MISSING: "others",
             StatementLine.EXTRA: "trouble", StatementLine.DUPLICATE: "trouble"}


@needs("see_copyright")
@require_safe
def royalties(request):
    return _page(request)


def _page(request, form: ListForm | None = None, status: int = 200, waiving: tuple[int, str, str] | None = None):
    """`waiving`: (key of the royalty, the reason as typed, what is wrong)."""
    side.set_side(request, "copyright_royalties")
    state = request.GET.get("state", "")
    if state not in _SHOWN:
        state = Royalty.OWED
    totals, before = payment.totals(), _number(request.GET.get("before"))
    rows = payment.listed(state, before=before, most=A_PAGE + 1)
    names = dict(Royalty.STATES)
    today = timezone.localdate()
    context = {
        "tabs": [{"state": one, "label": names[one], "totals": totals.get(one, []),
                  "count": sum(count for _c, count, _t in totals.get(one, []))} for one in _SHOWN],
        "waiving": waiving, "state": state, "rows": rows[:A_PAGE], "before": before,
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else 0,
        "lists": payment.lists(),
        "form": form or ListForm(initial={"first": date(today.year, 1, 1), "last": today}),
    }
    return render(request, "requests_app/copyright/royalties.html", context, status=status)


@needs("see_copyright")
@require_safe
def export(request, form: str):
    state = request.GET.get("state", "")
    if state not in _SHOWN:
        state = Royalty.OWED
    head = [str(one) for one in payment.COLUMNS] + [_("State"), _("Fund"), _("Fiscal year"), _("List")]
    rows = Royalty.objects.filter(state=state).select_related("list").order_by("pk")
    cells = (
        (*payment.cells(row), row.get_state_display(), row.fund, row.fund_year, row.list.number if row.list else "")
        for row in rows.iterator()
    )
    return exports.file(form, f"royalties-{state}", head, cells)


@needs("work_copyright")
@require_POST
def waive(request, pk: int):
    row = get_object_or_404(Royalty, pk=pk)
    form = WaiveForm(request.POST)
    try:
        if not form.is_valid():
            raise BadAnswer(" ".join(str(one) for one in form.errors["reason"]), field="reason")
        royalty_of_one.waive(row, form.cleaned_data["reason"], actor=actors.staff(request.user), now=timezone.now())
    except (BadAnswer, NotAllowed) as refusal:
        return _page(request, waiving=(row.pk, request.POST.get("reason", "")[:300], str(refusal)), status=422)
    messages.success(request, _("The royalty of %(number)s is not owed.") % {"number": row.number})
    return redirect("copyright_royalties")


@needs("work_copyright")
@require_POST
def make_list(request):
    form = ListForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    given = form.cleaned_data
    try:
        row = payment.make(given["first"], given["last"], key=str(given["key"]), actor=actors.staff(request.user),
                           now=timezone.now())
    except (BadAnswer, NotAllowed) as refusal:
        form.add_error(getattr(refusal, "field", "") or None, str(refusal))
        return _page(request, form, 422)
    messages.success(request, _("%(list)s holds what was owed.") % {"list": row.number})
    return redirect("royalty_list", row.number)


@needs("see_copyright")
@require_safe
def royalty_list(request, list_number: str):
    return _list_page(request, _list(list_number))


def _list_page(request, row: RoyaltyList, *, paid: PaidForm | None = None, file: FileForm | None = None,
               status: int = 200):
    side.set_side(request, "copyright_royalties")
    lines = list(payment.lines(row))
    said = list(row.statement.select_related("royalty", "settled_by").order_by("settled", "row", "pk"))
    there = statement.elsewhere(said)
    unpaid = [line for line in lines if line.state == Royalty.LISTED]
    typed = paid.data if paid is not None else {}
    context = {
        "list": row, "lines": [
            {"row": line, "family": FAMILIES[line.state], "typed": typed.get(f"amount_{line.pk}", "")} for line in lines
        ],
        "totals": payment.totals_of(row), "unpaid": len(unpaid),
        "paid": paid or PaidForm(lines=unpaid, initial={"paid_on": timezone.localdate()}),
        "file": file or FileForm(), "today": timezone.localdate(),
        "statement": [
            {"line": one, "family": _OUTCOMES[one.outcome], "next": statement.next_of(one),
             "paid": statement.is_paid(one), "there": there.get(one.pk)} for one in said
        ],
        "matched": sum(one.outcome == StatementLine.MATCHED and one.settled is None and not statement.is_paid(one)
                       for one in said),
    }
    return render(request, "requests_app/copyright/royalty_list.html", context, status=status)


@needs("see_copyright")
@require_safe
def list_export(request, list_number: str, form: str):
    row = _list(list_number)
    return exports.file(form, row.number, [str(one) for one in payment.COLUMNS], payment.all_cells(row))


@needs("work_copyright")
@require_POST
def pay(request, list_number: str):
    row = _list(list_number)
    form = PaidForm(request.POST, lines=list(payment.lines(row).filter(state=Royalty.LISTED)))
    if not form.is_valid():
        return _list_page(request, row, paid=form, status=422)
    given = form.cleaned_data
    try:
        done = payment.pay(row, given["amounts"], paid_on=given["paid_on"], reference=given["reference"],
                           actor=actors.staff(request.user), now=timezone.now())
    except BadAnswer as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return _list_page(request, row, paid=form, status=422)
    if done:
        messages.success(request, _("%(count)s lines are marked as paid.") % {"count": done})
    else:
        messages.info(request, _("Everything was marked as paid already."))
    return redirect("royalty_list", row.number)


@needs("work_copyright")
@require_POST
def take_apart(request, list_number: str):
    row = _list(list_number)
    payment.take_apart(row, actor=actors.staff(request.user), now=timezone.now())
    messages.success(request, _("%(list)s is taken apart; what stood in it is owed again.") % {"list": list_number})
    return redirect("copyright_royalties")


@needs("work_copyright")
@require_POST
def load_statement(request, list_number: str):
    row = _list(list_number)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list_page(request, row, file=form, status=422)
    file = form.cleaned_data["file"]
    try:
        statement.load(row, file.read(), file.name, seen=_number(request.POST.get("version")),
                       actor=actors.staff(request.user), now=timezone.now())
    except (BadAnswer, Stale) as refusal:
        form.add_error("file", str(refusal))
        return _list_page(request, row, file=form, status=422 if isinstance(refusal, BadAnswer) else 409)
    messages.success(request, _("The statement stands beside the list now."))
    return redirect("royalty_list", row.number)


@needs("work_copyright")
@require_http_methods(["POST"])
def settle(request, list_number: str, pk: int, what: str):
    row = _list(list_number)
    form = SettleForm(request.POST)
    actor, now = actors.staff(request.user), timezone.now()
    try:
        if not form.is_valid():
            raise BadAnswer(_("Enter the day on which it was paid."))
        said = {"paid_on": form.cleaned_data["paid_on"], "reference": form.cleaned_data["reference"],
                "actor": actor, "now": now}
        if pk:
            line = get_object_or_404(StatementLine.objects.select_related("royalty", "list"), pk=pk, list=row)
            if not statement.may_be_said(line, what):
                raise Http404
            done = int(statement.settle(line, what, **said))
            kept = statement.kept(line, what) if done else ""
        else:
            done = statement.settle_matched(row, **said)
            kept = ngettext("%(count)s line that agrees is marked as paid.",
                            "%(count)s lines that agree are marked as paid.", done) % {"count": done}
        if done:
            messages.success(request, kept)
        else:
            messages.info(request, _("A colleague settled it already."))
    except DeskError as refusal:
        messages.error(request, str(refusal))
    return redirect("royalty_list", row.number)


def _list(number: str) -> RoyaltyList:
    return get_object_or_404(RoyaltyList, number=number)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0
