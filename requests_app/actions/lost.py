"""Lost between libraries, found again, closed. What it costs is the ledger's business, and comes later."""

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer
from requests_app import reasons
from requests_app.actions import Doing, does
from requests_app.actions.dialogues import close_dialogue


@does("report_lost", "declare_lost")
def report_lost(doing: Doing) -> None:
    """`answers`: where (code of `reasons.LOST`), note (goes to the other library)."""
    ill, where = doing.ill, doing.answers.get("where", "")
    if where not in reasons.LOST:
        raise BadAnswer(_("Choose where it was lost."), field="where")
    ill.reason = doing.data["reason"] = where
    ill.shelf_code, ill.hold_until = "", None
    ill.renewal_asked = ill.respond_by = None
    doing.note("to_partner", doing.answers.get("note", ""))


@does("borrower_lost")
def borrower_lost(doing: Doing) -> None:
    doing.ill.reason = doing.data["reason"] = "lost_there"
    doing.ill.renewal_asked = doing.ill.respond_by = None
    doing.note("partner", doing.answers.get("note", ""))
    doing.attend("lost_there")


@does("found_again", "borrower_found")
def found(doing: Doing) -> None:
    doing.ill.reason = ""
    doing.note("partner", doing.answers.get("note", ""))
    if doing.step.by == "partner":
        doing.attend("partner_wrote")


@does("lender_closed_lost")
def lender_closed_lost(doing: Doing) -> None:
    doing.note("partner", doing.answers.get("note", ""))
    doing.ill.respond_by = None
    close_dialogue(doing)


@does("complete_without_return")
def complete_without_return(doing: Doing) -> None:
    close_dialogue(doing)
