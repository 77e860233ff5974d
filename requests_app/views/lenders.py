"""The Lenders tab: the rota with what came of each, and what lenders asked."""

from django.utils.translation import gettext as _

from requests_app import reasons
from requests_app.models import Condition, ILLRequest, RotaEntry

_FAMILIES = {
    RotaEntry.WAITING: "", RotaEntry.ASKED: "others", RotaEntry.SUPPLIED: "ended_ok", RotaEntry.SKIPPED: "ended_not",
    RotaEntry.UNFILLED: "ended_not", RotaEntry.NO_ANSWER: "ended_not", RotaEntry.DECLINED: "ended_not",
    RotaEntry.REFUSED: "trouble",
}

# Where the condition itself is named, these add nothing.
_ONLY_SAYS_THAT_THERE_IS_ONE = ("LoanCondition", "MustMeetLoanCondition")

# Elsewhere the state says it all.
_WITH_REASON = (RotaEntry.UNFILLED, RotaEntry.REFUSED)


def rota_of(ill: ILLRequest) -> list[dict]:
    """The libraries in their order."""
    return [
        {
            "entry": entry,
            "library": entry.library,
            "family": _FAMILIES[entry.state],
            "state": entry.get_state_display(),
            "reason": reasons.shown(entry.reason) if entry.reason and entry.state in _WITH_REASON else "",
        }
        for entry in ill.rota.select_related("library").order_by("place")
    ]


def conditions_of(ill: ILLRequest) -> list[dict]:
    """Newest first: what was asked, in words, and the answer."""
    return [
        {
            "row": row,
            "asked": asked_in_words(row),
            "answer": row.get_answer_display() if row.answer else _("not answered yet"),
        }
        for row in ill.conditions.order_by("-pk")[:20]
    ]


def asked_in_words(row: Condition) -> list[str]:
    words = [reasons.condition_shown(code) for code in row.loan_condition.replace(",", " ").split()]
    if row.reason and not (words and row.reason in _ONLY_SAYS_THAT_THERE_IS_ONE):
        words.insert(0, reasons.condition_shown(row.reason))
    if row.cost is not None:
        words.append(f"{row.currency} {row.cost}")
    return list(dict.fromkeys(words)) or [_("see its note")]
