"""The patron's own requests: the list, and one of them."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Case, F, Q, Value, When
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import registry
from illdesk.http import needs
from requests_app import access, lifecycle, queries
from requests_app.actions import copies, dates, intake
from requests_app.copyright import declarations, texts
from requests_app.models import ILLRequest, LoanPolicy

BRING_BACK_SOON = timedelta(days=7)
_BACK_WITH_US = {"borrowing.returned_by_patron", "borrowing.return_shipped"}
_KINDS = (lifecycle.BORROWING, lifecycle.DOCUMENTS)
_ON_SHELF = ("borrowing.on_hold_shelf", "documents.on_hold_shelf")
_PDF_READY = ("borrowing.delivered", "documents.delivered")


@needs("ask")
def my_requests(request):
    patron = intake.ensure_patron(request.user)
    done = request.GET.get("show") == "done"
    mine = queries.of_patron(patron)
    # What has come back to us is our work, no longer the patron's.
    theirs = [code for kind in _KINDS for code in lifecycle.open_states(kind) if code not in _BACK_WITH_US]
    open_ones, ended = _urgent_first(mine.filter(state__in=theirs)), mine.exclude(state__in=theirs)
    page = Paginator(ended if done else open_ones, 20).get_page(request.GET.get("page"))
    context = {
        "done": done, "page": page, "cards": [_card(ill) for ill in page],
        "open_count": open_ones.count(), "done_count": ended.count(), "texts": texts.on_form(timezone.localdate()),
        "parts": [part for ask in registry.PATRON_PARTS if (part := ask(request.user))],
    }
    return render(request, "requests_app/patron/my_requests.html", context)


def _urgent_first(rows):
    """What waits for the patron stands first: picked up or downloaded, then brought back; the rest as asked."""
    soon = timezone.localdate() + BRING_BACK_SOON
    waiting, back = Q(state__in=(*_ON_SHELF, *_PDF_READY)), Q(state="borrowing.checked_out")
    turn = Case(
        When(waiting, then=Value(0)), When(back & Q(due_patron__lte=soon), then=Value(1)), default=Value(2),
    )
    day = Case(When(state__in=_ON_SHELF, then=F("hold_until")), When(back, then=F("due_patron")))
    rows = rows.alias(turn=turn, day=Case(When(turn__lt=2, then=day)))
    return rows.order_by("turn", F("day").asc(nulls_last=True), "-pk")


def one_request(request, ill: ILLRequest):
    steps = {step.action: step for step in lifecycle.steps_for(ill, by="patron")}
    cancel = steps.get("patron_cancel")
    context = {
        "ill": ill,
        "state": {"label": ill.state_row.patron_label, "family": ill.state_row.family},
        "sentence": sentence_for(ill),
        "history": queries.patron_history(ill),
        "letters": ill.notes.filter(kind__in=["patron", "to_patron"]).order_by("-at"),
        "cancel_url": reverse("act", args=[ill.number, "patron_cancel"]) if cancel else "",
        "cancel_not": "" if cancel else _why_no_cancel(ill),
        "message_url": reverse("act", args=[ill.number, "patron_message"]),
        "sign_url": (
            reverse("act", args=[ill.number, "sign_declaration"])
            if "sign_declaration" in steps and _to_sign(ill) else ""
        ),
        "on_shelf": ill.state in _ON_SHELF,
        "problem_url": reverse("act", args=[ill.number, "report_problem"]) if "report_problem" in steps else "",
        "renewal": _renewal(ill, "patron_renew" in steps),
        "pdf": _pdf(ill),
        "parts": [part for ask in registry.MY_REQUEST_PARTS for part in ask(ill)],
    }
    return render(request, "requests_app/patron/request.html", context)


def _renewal(ill: ILLRequest, possible: bool) -> dict | None:
    """The button to renew, or why there is none; only while the patron has it."""
    if ill.state != "borrowing.checked_out" or ill.service != lifecycle.LOAN:
        return None
    policy = LoanPolicy.current()
    why = dates.why_no_renewal(ill, policy)
    until = (ill.due_patron or timezone.localdate()) + timedelta(days=policy.renewal_days)
    return {"url": reverse("act", args=[ill.number, "patron_renew"]) if possible and not why else "", "why": why,
            "until": until}


def _pdf(ill: ILLRequest) -> dict | None:
    """The file that can be downloaded now: until when, how often yet."""
    row = copies.current(ill) if ill.state in _PDF_READY else None
    if row is None:
        return None
    left = max(row.most - row.fetched, 0)
    return {"url": reverse("download", args=[ill.number]) if row.is_open(timezone.now()) else "", "until": row.until,
            "left": left, "pages": row.pages}


def _card(ill: ILLRequest) -> dict:
    state = ill.state_row
    button = ""
    if ill.state in _ON_SHELF:
        button = _("Pick-up details")
    elif ill.state in _PDF_READY:
        button = _("Get the PDF")
    return {
        "ill": ill,
        "state": {"label": state.patron_label, "family": state.family},
        "sentence": sentence_for(ill),
        "button": button,
    }


def _to_sign(ill: ILLRequest) -> bool:
    """It was asked for, and the rules in force still ask for it."""
    return bool(ill.declaration_due) and ill.is_open and declarations.is_due(ill, timezone.localdate())


def sentence_for(ill: ILLRequest) -> str:
    """What happens next and when, in the patron's words."""
    if _to_sign(ill):
        return _("It waits for you: please sign the declaration. Then we go on.")
    if ill.cancel_asked and ill.state == "borrowing.sent":
        return _("We asked the other library to stop. We write to you when it answers.")
    if ill.state == "borrowing.sent" and ill.respond_by:
        by = {"day": _day(ill.respond_by)}
        if ill.promised:
            return _("A library said yes; it leaves there by %(day)s.") % by
        return _("We asked a library that has it. By %(day)s it answers, or we ask another.") % by
    if ill.state in _ON_SHELF:
        words = {"place": ill.branch or "", "day": _day(ill.hold_until)}
        return _("Ready to pick up at %(place)s until %(day)s.") % words
    if ill.state == "borrowing.checked_out" and ill.recalled and ill.due_patron:
        return _("The lending library needs it back by %(day)s.") % {"day": _day(ill.due_patron)}
    if ill.state == "borrowing.checked_out" and ill.due_patron:
        return _("Please bring it back by %(day)s.") % {"day": _day(ill.due_patron)}
    if ill.state in _PDF_READY and ill.resend_asked:
        return _("We asked for a better copy. Until it is here the first one stays.")
    if ill.state in _PDF_READY and ill.respond_by:
        return _("Your PDF is ready. Download it by %(day)s.") % {"day": _day(ill.respond_by)}
    return str(ill.state_row.patron_sentence)


def _why_no_cancel(ill: ILLRequest) -> str:
    if not ill.is_open:
        return ""
    if ill.cancel_asked:
        return _("We asked the other library to stop and wait for its answer.")
    if ill.state == "borrowing.shipped":
        return _("Not possible: it is on its way. Tell us below, and we send it back when it is here.")
    if ill.service == lifecycle.COPY and ill.state in ("borrowing.received", "borrowing.delivered"):
        return ""
    if ill.state in ("borrowing.received", *_ON_SHELF):
        return _("Not possible: it is already here. Leave it at the desk, and we send it back.")
    return ""


def _day(value) -> str:
    from illdesk.templatetags.ill import day

    return day(value)


def own_page(request, number: str):
    """Staff see their own requests with the patron's face under /my/."""
    return one_request(request, access.own_request(request.user, number))


own_page = needs("ask")(own_page)
