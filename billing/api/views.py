"""/api/v1: approvals and batches. Each view asks what the pages ask: the same actions, the same refusals."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response

from billing.api import approvals, schema
from billing.api.door import View, storable
from billing.batches import actions, files, queries
from billing.batches.models import Batch, BatchLine, Download
from illdesk.accounts.roles import RIGHTS
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.http import open_page

A_PAGE = 100


def _money(amount: Decimal) -> str:
    """As text: a number with a point would be a fraction of two in most programs."""
    return f"{amount:.2f}"


# --- approvals -----------------------------------------------------------------------------------------------


def _item(kind: approvals.Kind, one: approvals.Item) -> dict[str, Any]:
    return {"kind": kind.code, "id": one.pk, "number": one.number, "who": one.who, "amount": _money(one.amount),
            "currency": one.currency, "day": one.day, "state": one.state, "entered_by": one.entered_by,
            "version": one.version, "url": one.url,
            "lines": [line | {"amount": _money(line["amount"])} for line in one.lines]}


class Approvals(View):
    def get(self, request):
        asked = request.GET.get("kind")
        seen = [kind for kind in approvals.KINDS.values() if request.user.may(kind.sees)]
        kinds = [kind for kind in seen if asked in (None, kind.code)]
        if not seen:
            self.permission_denied(request, message=_("Your roles do not include “%(right)s”.") % {
                "right": RIGHTS["see_payables"]})
        return Response({"waiting": [_item(kind, one) for kind in kinds for one in kind.waiting()]})


class _One(View):
    def found(self, kind: str, pk: int) -> tuple[approvals.Kind, approvals.Item]:
        known = approvals.KINDS.get(kind)
        if known is None:
            raise Http404
        if not self.request.user.may(known.sees):
            self.permission_denied(self.request, message=_("Your roles do not include “%(right)s”.") % {
                "right": RIGHTS[known.sees]})
        one = known.get(pk)
        if one is None:
            raise Http404
        return known, one


class Approval(_One):
    def get(self, request, approval: str, pk: int):
        return Response(_item(*self.found(approval, pk)))


class Approve(_One):
    def post(self, request, approval: str, pk: int):
        kind, _one = self.found(approval, pk)
        kind.approve(pk, self.answer("version", int), self.actor, timezone.now())
        return Response(_item(*self.found(approval, pk)))


class Refuse(_One):
    def post(self, request, approval: str, pk: int):
        kind, _one = self.found(approval, pk)
        why = self.answer("reason", str).strip()
        if not why:
            raise BadAnswer(_("Say why it is not approved."), field="reason")
        kind.refuse(pk, why, self.answer("version", int), self.actor, timezone.now())
        return Response(_item(*self.found(approval, pk)))


# --- batches -------------------------------------------------------------------------------------------------


def _batch(row: Batch, holds: dict[int, queries.Held]) -> dict[str, Any]:
    return {"number": row.number, "payee": row.payee, "fiscal_year": row.period.year.label, "month": str(row.period),
            "amount": _money(holds[row.pk].total), "currency": row.currency, "state": row.state,
            "forwarded": row.forwarded, "paid_on": row.paid_on, "reference": row.reference, "version": row.version}


def _whole(row: Batch) -> dict[str, Any]:
    one = queries.contents([row])[0]
    lines = [
        {"id": line.pk, "kind": invoice.row.kind, "invoice": invoice.row.number, "our_number": invoice.row.ours,
         "fund": line.fund, "amount": _money(line.amount), "for": line.what, "request": line.number,
         "state": line.state, "reason": line.why}
        for invoice in one.invoices for line in invoice.lines
    ]
    funds = [{"fund": of.fund, "fiscal_year": of.period.year.label, "month": str(of.period),
              "amount": _money(of.amount)} for of in one.funds]
    papers = [{"invoice": invoice.row.number, "our_number": invoice.row.ours, "passed_on": original.passed}
              for invoice, original in files.originals(one)]
    return _batch(row, queries.held([row])) | {"funds": funds, "lines": lines, "papers": papers}


class Batches(View):
    right = "see_batches"

    def get(self, request):
        rows = queries.batches(queries.Filters.of(request.GET))
        before = request.GET.get("before", "")
        if before:
            known = Batch.objects.filter(number=before[:20]).first()
            rows = rows.filter(pk__lt=known.pk) if known else rows.none()
        found = list(rows[: A_PAGE + 1])
        holds = queries.held(found)
        return Response({"batches": [_batch(row, holds) for row in found[:A_PAGE]],
                         "next": found[A_PAGE - 1].number if len(found) > A_PAGE else None})


class _OneBatch(View):
    right = "see_batches"

    def found(self, number: str) -> Batch:
        row = queries.batches().filter(number=number).first()
        if row is None:
            raise Http404
        return row


class OneBatch(_OneBatch):
    def get(self, request, batch: str):
        return Response(_whole(self.found(batch)))


class BatchFile(_OneBatch):
    def get(self, request, batch: str, form: str):
        row = self.found(batch)
        if form not in files.FORMS:
            raise Http404
        now = timezone.now()
        made = files.made(form, queries.contents([row]), now=now)
        Download.objects.create(batches=[row.number], form=form, at=now, by=request.user)
        return FileResponse(made, as_attachment=True, filename=f"{row.number}.{form}", content_type=files.TYPES[form])


class Paid(_OneBatch):
    right = "pay_batches"

    def post(self, request, batch: str):
        row, text = self.found(batch), self.answer("day", str)
        try:
            day = date.fromisoformat(text)
        except ValueError as failure:
            raise BadAnswer(_("Send the day as 2026-11-30."), field="day") from failure
        actions.pay(row, day=day, reference=self.answer("reference", str), version=self.answer("version", int),
                    actor=self.actor, now=timezone.now())
        return Response(_whole(self.found(batch)))


class Back(_OneBatch):
    right = "pay_batches"

    def post(self, request, batch: str):
        row, lines = self.found(batch), self.answer("lines", list, default=[])
        if any(not isinstance(pk, int) or isinstance(pk, bool) or not storable(pk) for pk in lines):
            raise BadAnswer(_("Send the lines as a list of their numbers."), field="lines")
        why, version = self.answer("reason", str), self.answer("version", int)
        chosen = lines or None
        if chosen is None:  # said twice: the whole batch is back already
            gone = list(BatchLine.objects.filter(batch=row, state=BatchLine.BACK, why=why.strip()).values_list(
                "pk", flat=True))
            chosen = gone if row.state == Batch.BACK and gone else None
        if len(lines) > 10_000:
            raise NotAllowed(_("These are too many lines at once."))
        actions.send_back(row, chosen, why, version=version, actor=self.actor, now=timezone.now())
        return Response(_whole(self.found(batch)))


# --- about itself --------------------------------------------------------------------------------------------


class Schema(View):
    def get(self, request):
        return Response(schema.document(request.build_absolute_uri("/api/v1/")))


class Nothing(View):
    """An address that is not there is said in JSON too."""

    def get(self, request, rest: str = ""):
        raise Http404

    post = put = patch = delete = get


def opened(view: type[View]):
    """The door of a view is its own: token or session, asked in it (door.View)."""
    return open_page(view.as_view())
