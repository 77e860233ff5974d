"""Files of lines: taken in, looked at with their columns, entered or thrown away."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing.payables import actions, words
from billing.payables.actions import files
from billing.payables.forms import ColumnsForm, FileForm
from billing.payables.models import PayableFile
from billing.payables.readers import columns
from billing.payables.views.common import set_side
from illdesk import actors
from illdesk.errors import DeskError
from illdesk.http import needs

_SHOWN, _LISTED = 200, 20


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if upload.size > settings.MAX_UPLOAD_BYTES:
                raise DeskError(_("This file is too large. Nothing was kept."))
            row = actions.look_at(upload.read(), name=upload.name, library=form.cleaned_data["library"].pk,
                                  given=form.given(), actor=actors.staff(request.user), now=timezone.now())
            return redirect("payable_file", row.pk)
        except DeskError as refusal:
            form.add_error("file", str(refusal))
    set_side(request)
    context = {"form": form, "files": PayableFile.objects.select_related("by", "library").defer("problems")[:_LISTED]}
    return render(request, "billing/payables/files.html", context, status=422 if request.method == "POST" else 200)


def _form(row: PayableFile, data=None) -> ColumnsForm:
    layout, given = row.layout["layout"], row.given
    initial = {"library": row.library_id, "number": given.get("number"), "currency": given.get("currency"),
               "dated": date.fromisoformat(given["dated"]) if given.get("dated") else None,
               "due": date.fromisoformat(given["due"]) if given.get("due") else None,
               "total": Decimal(given["total"]) if given.get("total") else None,
               "order": layout["order"], "sheet": layout["sheet"]}
    initial |= {f"col_{name}": str(at) for name, at in layout["mapping"].items()}
    return ColumnsForm(data, head=layout["head"], sheets=row.layout["sheets"], initial=initial)


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def file(request, pk: int):
    """What was read of it; sent, its columns are chosen anew."""
    row = get_object_or_404(PayableFile.objects.select_related("by", "library"), pk=pk)
    form, status = _form(row), 200
    if request.method == "POST":
        form, status = _form(row, request.POST), 422
        if form.is_valid() and _choose(request, row, form):
            if "enter" in request.POST:
                return _enter(request, PayableFile.objects.get(pk=pk))
            return redirect("payable_file", pk)
    return _page(request, row, form, status=status)


def _choose(request, row: PayableFile, form: ColumnsForm) -> bool:
    try:
        files.choose(row, mapping=form.mapping(), order=form.cleaned_data["order"],
                     sheet=form.cleaned_data.get("sheet", ""), library=form.cleaned_data["library"].pk,
                     given=form.given() | ({"mail": row.given["mail"]} if row.given.get("mail") else {}),
                     actor=actors.staff(request.user), now=timezone.now())
    except DeskError as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _enter(request, row: PayableFile):
    try:
        row = actions.enter_file(row, actor=actors.staff(request.user), now=timezone.now())
    except DeskError as refusal:
        form = _form(row)
        return _page(request, row, form, refusal=str(refusal), status=409)
    if row.job:
        return redirect("job", row.job)
    messages.success(request, _("%(n)s lines are entered and matched.") % {"n": row.counted.get("lines", 0)})
    found = list(row.invoices.values_list("pk", flat=True)[:2])
    return redirect("payable", found[0]) if len(found) == 1 else redirect("payables")


def _page(request, row: PayableFile, form: ColumnsForm, *, status: int, refusal: str = ""):
    set_side(request)
    layout, counted = row.layout["layout"], row.counted
    used = {place: name for name, place in layout["mapping"].items()}
    fields = [f"col_{name}" for name in columns.FIELDS]
    others = [name for name in form.fields if name not in fields]
    context = {
        "file": row, "form": form, "refusal": refusal, "fields": [form[name] for name in fields],
        "others": [form[name] for name in others], "counted": counted, "ignored": row.layout["ignored"],
        "hidden": row.layout["hidden"], "sheet": layout["sheet"], "draft": row.state == PayableFile.LOOKED,
        "head": [(name, words.FIELDS.get(used.get(place, ""), "")) for place, name in enumerate(layout["head"])][:14],
        "first": [cells[:14] for cells in row.layout["first"]],
        "problems": [(line, words.PROBLEMS.get(code, code), value, left_out) for line, code, value, left_out
                     in row.problems[:_SHOWN]], "more": max(0, len(row.problems) - _SHOWN),
        "totals": [{"line": line, "says": Decimal(says), "comes": Decimal(comes), "right": says == comes}
                   for line, says, comes in counted.get("totals", [])][:20],
        "amount": Decimal(counted["amount"]) if counted else None,
        "invoices": len([one for one in counted.get("invoices", {}) if one]), "same": files.same_file(row),
        "entered": list(row.invoices.order_by("pk")[:50]),
        "job_url": reverse("job", args=[row.job]) if row.job else "",
    }
    return render(request, "billing/payables/file.html", context, status=status)


@needs("work_payables")
@require_POST
def decide(request, pk: int, what: str):
    row = get_object_or_404(PayableFile, pk=pk)
    if what == "enter":
        return _enter(request, row)
    if what != "discard":
        raise Http404
    try:
        actions.discard(row, actor=actors.staff(request.user), now=timezone.now())
        messages.info(request, _("The file is thrown away. Nothing of it was entered."))
    except DeskError as refusal:
        messages.error(request, str(refusal))
    return redirect("payable_files")
