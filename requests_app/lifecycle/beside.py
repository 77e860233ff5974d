"""What stands beside the work on every request of every kind."""

from django.utils.translation import gettext_lazy as _

from requests_app.lifecycle.states import B_ALL, B_OPEN, D_ALL, D_OPEN, L_ALL, L_OPEN
from requests_app.lifecycle.table import Step


def _of_kind(kind: str, every: tuple[str, ...], still_open: tuple[str, ...]) -> tuple[Step, ...]:
    see, work = f"see_{kind}", f"work_{kind}"
    return (
        Step("note", every, "", "staff", _("Add note"), _("Colleagues see it; nobody else."), see, form="note",
             quiet=True, aside=True),
        Step("refer", still_open, "", "staff", _("Refer to supervisor…"),
             _("Stays here, marked as referred, with your question."), work, form="note", unless="referred",
             quiet=True),
        Step("settle_referral", still_open, "", "staff", _("Answer referral…"),
             _("The mark goes away; your answer stands in the notes."), "decide_referred", form="note",
             only="referred", quiet=True),
        # Its questions are asked before the step, by whoever takes it (verification/verify.py).
        Step("check", every, "", "staff", _("Verify"), _("Catalogues and other sources are asked. Nothing is changed."),
             work, quiet=True, aside=True),
        Step("take_over", still_open, "", "staff", _("Take over what was found"),
             _("The citation becomes as it was found; what was typed is kept, and it can be put back."), work,
             form="take_over", quiet=True),
        Step("put_back", still_open, "", "staff", _("Put the citation back"),
             _("What was taken over last goes; the citation is as it was before."), work, form="put_back",
             quiet=True),
        Step("attended", every, "", "staff", _("Looked at"), _("The mark goes away. Nobody is written to."),
             work, only="attention", quiet=True),
    )


STEPS = (
    *_of_kind("borrowing", B_ALL, B_OPEN),
    *_of_kind("lending", L_ALL, L_OPEN),
    *_of_kind("documents", D_ALL, D_OPEN),
)
