"""What the pages of this room share."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import BaseFormSet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import side
from billing.payables import kept, words
from billing.payables.forms import LineForm
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import dates
from illdesk.errors import BadAnswer, DeskError, Stale
from illdesk.models import Event


def invoice_of(pk: int) -> PayableInvoice:
    return get_object_or_404(PayableInvoice.objects.select_related(
        "library", "entered_by", "asked_by", "approved_by", "part_of", "paper", "paper_passed_by", "file"), pk=pk)


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


def stored_with_paper(request, form, store: Callable[[], PayableInvoice], *, new: bool) -> PayableInvoice | None:
    """Store what was typed, and the paper sent with it. None where that was refused; the form says why."""
    upload, now = form.cleaned_data["paper"], timezone.now()
    try:
        content = upload.read() if upload else b""
        if upload and kept.kind_of(content) not in ("pdf", "png", "jpeg", "tiff"):
            raise BadAnswer(_("This is no PDF or image. Choose another file; nothing was stored."), field="paper")
        saved = store()
        if upload and not (new and saved.paper_id):
            stored = kept.keep(saved.subject, upload.name, content, by=request.user, now=now)
            PayableInvoice.objects.filter(pk=saved.pk).update(
                paper=stored, paper_passed=None, paper_passed_by=None)
    except Stale as refusal:
        form.add_error(None, _mine_again(form, refusal))
        return None
    except DeskError as refusal:
        field = getattr(refusal, "field", "")
        form.add_error(field if field in form.fields else None, str(refusal))
        return None
    return saved


def _mine_again(form, refusal: Stale) -> str:
    """Who was faster; what was typed stays, and the same button stores it after all."""
    row = form.invoice
    if row is None:
        return str(refusal)
    form.now_says("seen", str(PayableInvoice.objects.values_list("version", flat=True).get(pk=row.pk)))
    changes = Event.objects.filter(subject_kind="payable", subject_id=row.pk)
    last = changes.select_related("actor").order_by("-pk").first()
    who = last.actor.short_name if last and last.actor else _("Somebody")
    return _("%(who)s changed this invoice since you opened it. Nothing was stored, and what you typed still stands "
             "here: look at the invoice in another window, or send it again to store what stands here.") % {"who": who}


def line_errors(numbered: list, lines: BaseFormSet) -> list[tuple[int, str, str]]:
    """For the summary on top of the page, of `numbered` lines: the line's number, the field it leads to ("" where it
    is of them all) and the sentence."""
    if not lines.is_bound:
        return []
    found = [(0, "", str(said)) for said in lines.non_form_errors()]
    for place, line in numbered:
        for name, errors in line.errors.items():
            field = line[name if name in LineForm.base_fields else "number"]
            found.append((place, field.id_for_label, " ".join(errors)))
    return found


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
