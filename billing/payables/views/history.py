"""What happened to an invoice, in words, and the letters about it to its library."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.budget.models import Fund
from billing.payables import letter, words
from billing.payables.models import PayableInvoice, PayableLine
from illdesk import money
from illdesk.models import Event, OutboxMessage
from requests_app.models import ILLRequest

MOST = 40
_DONE = {
    "payable.entered": gettext_lazy("Entered"), "payable.came": gettext_lazy("Came by e-mail"),
    "payable.read": gettext_lazy("All lines are read"), "payable.key_in": gettext_lazy("Keyed in"),
    "payable.match": gettext_lazy("Matched again"), "payable.ask": gettext_lazy("Asked for approval"),
    "payable.withdraw": gettext_lazy("Withdrawn from approval"),
    "payable.approve": gettext_lazy("Approved"), "payable.return": gettext_lazy("Returned to who entered it"),
    "payable.reject": gettext_lazy("Refused"), "payable.reopen": gettext_lazy("Open again"),
    "payable.back": gettext_lazy("Sent back by the budget office"), "payable.paid": gettext_lazy("Paid"),
    "payable.unpaid": gettext_lazy("Not paid after all"), "payable.split": gettext_lazy("A part left it"),
    "payable.dispute_settled": gettext_lazy("A dispute is settled"),
    "payable.told": gettext_lazy("The library was told"), "payable.file_added": gettext_lazy("A file was added"),
    "payable.paper_passed": gettext_lazy("The paper may be passed on"),
    "payable.paper_kept_back": gettext_lazy("The paper is kept back"),
    "approval.refused": gettext_lazy("Approval refused"), "talk.said": gettext_lazy("A message was written"),
}

_ANSWERED = {
    PayableLine.ACCEPTED: gettext_lazy("accepted"), PayableLine.GENERAL: gettext_lazy("accepted without a request"),
}


def letters(row: PayableInvoice) -> list[OutboxMessage]:
    """Those to the library: not what told the budget office of a message."""
    return list(OutboxMessage.objects.filter(
        subject_kind="payable", subject_id=row.pk, what=letter.CODE).order_by("pk"))


def history(row: PayableInvoice) -> list[tuple[Event, str]]:
    """Newest first. A few queries, however many."""
    events = list(Event.objects.filter(
        subject_kind="payable", subject_id=row.pk).select_related("actor").order_by("-pk")[:MOST])
    about = [event.data for event in events if event.name == "payable.answer" or event.name.endswith("_settled")]
    lines = {pk for data in about for pk in [data.get("line"), *(data.get("disputed") or [])] if pk}
    places = dict(PayableLine.objects.filter(pk__in=lines).values_list("pk", "place"))
    numbers = dict(ILLRequest.objects.filter(pk__in={data.get("ill") or 0 for data in about}).values_list(
        "pk", "number"))
    funds = dict(Fund.objects.filter(pk__in={data.get("fund") or 0 for data in about}).values_list("pk", "code"))
    return [(event, _words(event, row, places, numbers, funds)) for event in events]


def _words(event: Event, row: PayableInvoice, places: dict, numbers: dict, funds: dict) -> str:
    data = event.data
    said = str(_DONE.get(event.name, event.name))
    if event.name == "payable.answer":
        return _answer(data, places, numbers, funds)
    if event.name == "payable.dispute_settled":
        return _("Line %(line)s: dispute settled, %(amount)s credited") % {
            "line": places.get(data.get("line"), "?"),
            "amount": money.shown(Decimal(data.get("credited") or 0), row.currency)}
    if event.name == "payable.paid" and data.get("reference"):
        return _("Paid, reference %(reference)s") % {"reference": data["reference"]}
    if event.name == "payable.split" and data.get("amount"):
        return _("A part left it: %(amount)s") % {"amount": money.shown(Decimal(data["amount"]), row.currency)}
    return said


def _answer(data: dict, places: dict, numbers: dict, funds: dict) -> str:
    if data.get("disputed"):
        said = words.joined([str(places.get(pk, "?")) for pk in data["disputed"]])
        text = ngettext("Line %(lines)s disputed", "Lines %(lines)s disputed", len(data["disputed"])) % {"lines": said}
        return ", ".join((text, _("with a letter") if data.get("letter") else _("without a letter")))
    if "twin" in data:
        return _("It is another invoice than those it looks like")
    if "credited" in data:
        said = _("what is not credited is owed")
    elif "ill" in data:
        said = _("matched to %(number)s") % {"number": numbers.get(data["ill"], "?")}
    elif "fund" in data:
        said = _("fund %(fund)s") % {"fund": funds.get(data["fund"], "?")} if data["fund"] else _(
            "the fund of the settings")
    elif data.get("answer"):
        said = str(_ANSWERED.get(data["answer"], data["answer"]))
    else:
        said = _("the answer was taken back")
    return _("Line %(line)s: %(what)s") % {"line": places.get(data.get("line"), "?"), "what": said}

