"""Due dates that move: renewals asked and answered, recalls, overdue; on both sides."""

from datetime import timedelta

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer, NotAllowed
from requests_app.actions import Doing, can_tell, does
from requests_app.actions.dialogues import days_from
from requests_app.actions.patrons import set_due, tell_patron
from requests_app.models import ILLRequest, LoanPolicy

# Where the patron has it, or is about to: he or she must hear of another date.
_WITH_PATRON = ("borrowing.checked_out", "borrowing.on_hold_shelf")


def why_no_renewal(ill: ILLRequest, policy: LoanPolicy) -> str:
    """Why the patron cannot ask now, in a sentence; '' when asking is possible."""
    if ill.no_renewals:
        return _("The other library does not renew this item.")
    if ill.recalled:
        return _("The other library needs it back.")
    if ill.renewal_asked:
        return _("We asked the other library and wait for its answer.")
    if ill.renewals >= policy.renewals:
        return _("It was renewed as often as possible.")
    return ""


@does("patron_renew", "ask_renewal")
def ask_renewal(doing: Doing) -> None:
    """Staff may ask beyond the policy's number; a patron may not."""
    ill = doing.ill
    if doing.step.by == "patron" and (why := why_no_renewal(ill, doing.policy)):
        raise NotAllowed(why)
    ill.renewal_asked = doing.now
    if not can_tell(ill):  # then only a person can ask the lender
        doing.attend("renew_asked")


@does("lender_renewed")
def lender_renewed(doing: Doing) -> None:
    """`answers`: due, note. A lender that names no new date leaves the old one, and a person looks at it."""
    _renewed(doing, known=set_due(doing, doing.answers.get("due")))


@does("record_renewal")
def record_renewal(doing: Doing) -> None:
    """`answers`: granted ("yes" or "no"), due, note."""
    if doing.answers.get("granted") != "yes":
        lender_refused_renewal(doing)
        return
    if not set_due(doing, doing.answers.get("due")):
        raise BadAnswer(_("Enter the new due date."), field="due")
    _renewed(doing, known=True)


def _renewed(doing: Doing, *, known: bool) -> None:
    ill = doing.ill
    ill.renewal_asked = ill.overdue_told = None
    ill.renewals += 1
    doing.data["renewals"] = ill.renewals
    doing.note("partner", doing.answers.get("note", ""))
    if not known:
        doing.attend("due_differs")
    if ill.state in _WITH_PATRON:
        tell_patron(doing, "renewed")


@does("lender_refused_renewal")
def lender_refused_renewal(doing: Doing) -> None:
    ill = doing.ill
    ill.renewal_asked = None
    ill.no_renewals = True
    doing.data["refused"] = True
    doing.note("partner", doing.answers.get("note", ""))
    if ill.state in _WITH_PATRON:
        tell_patron(doing, "renewal_refused")


@does("lender_recalls", "record_recall")
def recalled(doing: Doing) -> None:
    """`answers`: due (the new date), note. The patron's date follows; a renewal that was asked is over."""
    ill = doing.ill
    if doing.step.by == "staff" and doing.answers.get("due") is None:
        raise BadAnswer(_("Enter the date by which the lender needs it."), field="due")
    set_due(doing, doing.answers.get("due"))
    ill.recalled, ill.renewal_asked = doing.now, None
    doing.note("partner", doing.answers.get("note", ""))
    doing.attend("recalled")
    if ill.state in _WITH_PATRON:
        tell_patron(doing, "recalled")


@does("lender_overdue")
def lender_overdue(doing: Doing) -> None:
    ill = doing.ill
    ill.overdue_told = doing.now
    doing.note("partner", doing.answers.get("note", ""))
    doing.attend("overdue")
    if ill.state == "borrowing.checked_out":
        tell_patron(doing, "overdue")


# --- what we lent -----------------------------------------------------------------------------------


@does("borrower_renews")
def borrower_renews(doing: Doing) -> None:
    doing.note("partner", doing.answers.get("note", ""))
    doing.ill.renewal_asked = doing.now
    doing.ill.respond_by = days_from(doing, doing.policy.answer_days, doing.ill.partner)
    doing.attend("renew_asked")


@does("grant_renewal")
def grant_renewal(doing: Doing) -> None:
    """`answers`: due, note."""
    ill, due = doing.ill, doing.answers.get("due")
    if due is None:
        raise BadAnswer(_("Enter the new due date."), field="due")
    if due <= doing.today or (ill.due_lender and due < ill.due_lender):
        raise BadAnswer(_("The new date must lie after today and not before the old one."), field="due")
    ill.due_lender = due
    ill.renewals += 1
    doing.data |= {"due_lender": due.isoformat(), "renewals": ill.renewals}
    ill.overdue_told = None
    _renewal_answered(doing)


@does("refuse_renewal")
def refuse_renewal(doing: Doing) -> None:
    _renewal_answered(doing)


def _renewal_answered(doing: Doing) -> None:
    ill = doing.ill
    doing.note("to_partner", doing.answers.get("note", ""))
    ill.renewal_asked = ill.respond_by = None
    if ill.attention_why == "renew_asked":
        ill.attention, ill.attention_why = None, ""


@does("recall")
def recall(doing: Doing) -> None:
    """`answers`: due, note."""
    due = doing.answers.get("due")
    if due is None or due <= doing.today:
        raise BadAnswer(_("The date by which you need it must lie in the future."), field="due")
    doing.ill.due_lender, doing.ill.recalled = due, doing.now
    doing.ill.overdue_told = None
    doing.data["due_lender"] = due.isoformat()
    doing.note("to_partner", doing.answers.get("note", ""))


@does("say_overdue", "overdue")
def say_overdue(doing: Doing) -> None:
    ill = doing.ill
    if ill.due_lender is None or ill.due_lender >= doing.today:
        raise NotAllowed(_("It is not overdue: the due date has not passed."))
    ill.overdue_told = doing.now
    doing.data["days"] = (doing.today - ill.due_lender) // timedelta(days=1)
