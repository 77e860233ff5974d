"""What stands beside the work: notes, questions to the supervisor, marks that somebody must look."""

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer
from requests_app.actions import Doing, does


def _text(doing: Doing) -> str:
    text = doing.answers.get("text", "").strip()
    if not text:
        raise BadAnswer(_("Write something first."), field="text")
    return text


@does("note")
def note(doing: Doing) -> None:
    doing.note("staff", _text(doing))


@does("refer")
def refer(doing: Doing) -> None:
    doing.note("referral", _text(doing))
    doing.ill.referred = doing.now


@does("settle_referral")
def settle_referral(doing: Doing) -> None:
    doing.note("referral", _text(doing))
    doing.ill.referred = None


@does("attended")
def attended(doing: Doing) -> None:
    doing.ill.attention, doing.ill.attention_why = None, ""
