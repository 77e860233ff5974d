"""A long invoice keyed in anew: a page of lines at a time, each stored before the next is shown."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.payables import actions, paper
from billing.payables.actions import Typed
from billing.payables.forms import A_PAGE, MORE, HeadForm, PageForms
from billing.payables.models import PayableInvoice, PayableLine
from billing.payables.views.common import line_errors, set_side, stored_with_paper
from illdesk import actors

ONE_FORM = 100  # longer ones are keyed in page by page


def edit(request, row: PayableInvoice):
    count = row.lines.count()
    last = count // A_PAGE + 1  # behind a full page there is one for what is still to be added
    given = request.POST if request.method == "POST" else request.GET
    page = min(max(_number(given.get("page"), 1), 1), last)
    there = list(row.lines.order_by("place", "pk")[(page - 1) * A_PAGE:page * A_PAGE])
    initial = [_said(line) for line in there] + [{"what": "charge"}] * (MORE if page == last else 0)
    if request.method != "POST":
        return _shown(request, row, HeadForm(invoice=row), PageForms(prefix="lines", initial=initial), page, last, 200)
    form, lines = HeadForm(request.POST, request.FILES, invoice=row), PageForms(
        request.POST, prefix="lines", initial=initial)
    if form.is_valid() and lines.is_valid() and _store(request, row, form, lines, {line.pk: line for line in there}):
        return _next(request, row, page)
    return _shown(request, row, form, lines, page, last, 422)


def _said(line: PayableLine) -> dict:
    return {"pk": line.pk, "number": line.number, "external": line.external or line.theirs, "title": line.title,
            "what": line.what, "amount": line.amount}


def _store(request, row: PayableInvoice, form: HeadForm, lines, there: dict[int, PayableLine]) -> bool:
    """Lines that say what they said are left alone."""
    changed: dict[int, Typed | None] = {}
    added: list[Typed] = []
    for line in lines:
        typed, pk = line.typed(), line.cleaned_data.get("pk")
        if pk is None:
            added += [typed] if typed else []
        elif pk not in there or typed != _typed(there[pk]):
            changed[pk] = typed

    def store() -> PayableInvoice:
        return actions.change_page(
            row, form.head(), changed=changed, added=added, seen=form.cleaned_data["seen"] or 0,
            actor=actors.staff(request.user), now=timezone.now())

    saved = stored_with_paper(request, form, store, new=False)
    return saved is not None


def _typed(line: PayableLine) -> Typed:
    """What the form would say of it, were it sent back as it was shown."""
    shown = line.external or line.theirs
    return Typed(amount=line.amount, number=line.number, external=shown, theirs=shown, title=line.title,
                 what=line.what)


def _next(request, row: PayableInvoice, page: int):
    """To where the button leads: to the invoice, to the page before or behind, or to that with the line named."""
    go = request.POST.get("go", "")
    if go in ("behind", "stay") and request.POST.get("line", "").strip():
        go = "line"  # Enter in the field of the line presses the first button
    if go not in ("before", "behind", "line", "stay"):
        messages.success(request, _("Invoice %(number)s is entered and its lines are matched.") % {
            "number": PayableInvoice.objects.get(pk=row.pk).number})
        return redirect("payable", row.pk)
    wanted = _number(request.POST.get("line"), (page - 1) * A_PAGE + 1)
    to = {"before": page - 1, "behind": page + 1, "line": (max(wanted, 1) - 1) // A_PAGE + 1, "stay": page}[go]
    messages.success(request, _("Stored. What was changed is matched again."))
    query = QueryDict(mutable=True)
    query["page"] = str(max(to, 1))
    return redirect(f"{reverse('payable_edit', args=[row.pk])}?{query.urlencode()}")


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def _shown(request, row: PayableInvoice, form: HeadForm, lines, page: int, last: int, status: int):
    set_side(request)
    first = (page - 1) * A_PAGE
    numbered = list(enumerate(lines, start=first + 1))
    if numbered and status == 200:
        numbered[0][1].fields["number"].widget.attrs["autofocus"] = True
    count, wrong = row.lines.count(), line_errors(numbered, lines)
    context = {
        "wrong": wrong, "problems": len(form.errors) + len(wrong),
        "form": form, "lines": lines, "numbered": numbered, "invoice": row, "page_number": page, "pages": last,
        "line_from": first + 1, "line_to": min(first + A_PAGE, count), "count": count,
        "pictures": range(1, paper.pages(row.paper) + 1),
    }
    return render(request, "billing/payables/edit.html", context, status=status)
