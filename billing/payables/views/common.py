"""What the pages of this room share."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from billing import side
from billing.payables import words
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import dates
from illdesk.errors import DeskError


def invoice_of(pk: int) -> PayableInvoice:
    return get_object_or_404(PayableInvoice.objects.select_related(
        "library", "entered_by", "asked_by", "approved_by", "part_of", "paper", "file"), pk=pk)


def set_side(request) -> None:
    side.set_side(request, "payables")


def tell(request, doing, done: str) -> bool:
    """Do it and say so, or show the sentence why not."""
    try:
        doing()
    except DeskError as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, done)
    return True


def result_of(line: PayableLine) -> dict[str, str]:
    """How the result of a line is shown: a shape and words."""
    difference = str(line.found.get("difference") or "").lstrip("-")
    text = str(words.RESULTS.get(line.result, line.result)) % {
        "difference": difference, "where": words.where(line.found) or _("on this invoice"),
        "supplier": line.found.get("supplier", ""), "rate": line.found.get("rate") or line.invoice.currency,
        "day": dates.in_words(line.invoice.dated) if line.invoice.dated else "—"}
    several = line.found.get("candidates") or []
    if line.result == "candidates":
        likely = several[0][1] if several else 0
        text = _("%(n)s candidates") % {"n": len(several)} if len(several) > 1 else _(
            "A candidate, %(score)s %% likely") % {"score": likely}
    return {"text": text, "shape": words.SHAPES.get(line.result, "trouble")}
