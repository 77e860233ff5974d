"""One view for every step of the table: GET shows its form, POST takes it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.forms.widgets import CheckboxInput, ChoiceWidget, HiddenInput
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.http import signed_in_only
from illdesk.pages import errors
from requests_app import access, ask_first, letters, lifecycle
from requests_app.actions import can_tell, perform, spoken, then, why_not
from requests_app.forms import FORMS
from requests_app.models import ILLRequest
from requests_app.views.copyright import tab as copyright_tab
from requests_app.views.detail import safe_next, staff_context


@signed_in_only
def act(request, number: str, action: str):
    ill = access.request_for(request.user, number)
    actor = _actor(request.user, ill, action)
    step = lifecycle.find(ill, action, by=actor.kind)
    rows = [row for row in lifecycle.STEPS if row.action == action and row.sources[0].startswith(f"{ill.kind}.")]
    if not rows:
        raise Http404
    if not _may_take(request.user, actor, [step] if step else rows):
        return errors.refused(request, _("“%(step)s” needs a right that your role does not have. Ask a coordinator.")
                              % {"step": spoken((step or rows[0]).label, ill).rstrip("…")})
    if request.method != "POST":
        return _show(request, ill, step, action)
    form = None
    seen = _seen_version(request)
    if step is not None and step.form:
        form = FORMS[step.form](
            request.POST, request.FILES or None, ill=ill, step=step, today=timezone.localdate()
        )
        if form.only_looks:
            return _show(request, ill, step, action, form=form)
        if not form.is_valid():
            return _show(request, ill, step, action, form=form, status=422)
    taken, onward = getattr(form, "takes", action), getattr(form, "leads_to", "")
    if onward and not taken:
        return redirect(_onward(request, onward))
    step = lifecycle.find(ill, taken, by=actor.kind) if taken != action else step
    try:
        _take(ill, taken, form, actor=actor, seen_version=seen)
    except BadAnswer as refusal:
        if form is None:
            return _refuse(request, ill, action, str(refusal), 422)
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _show(request, ill, step, action, form=form, status=422)
    except (Stale, NotAllowed) as refusal:
        return _refuse(request, ill, action, str(refusal), 409, form=form)
    assert step is not None  # perform() would have refused
    messages.success(request, _done(ill, step))
    return redirect(_onward(request, onward) if onward else _next(request, ill))


def _onward(request, url: str) -> str:
    """The page that a choice opens comes back to where the first one began."""
    back = safe_next(request)
    return f"{url}?{urlencode({'next': back})}" if back else url


def _may_take(user, actor: actors.Actor, rows: list[lifecycle.Step]) -> bool:
    """Is it this person's step at all? Looked at first: what is not theirs (403) is read no further, and is told
    apart from what is only not possible now (409)."""
    return any(row.by == actor.kind and (not row.permission or user.may(row.permission)) for row in rows)


def _take(ill: ILLRequest, action: str, form, *, actor: actors.Actor, seen_version: int | None) -> None:
    """Perform the step; a file that was looked at and stored for it goes again when the step is not taken."""
    answers = form.answers() if form else {}
    answers |= ask_first.answers(ill, action, now=timezone.now())
    try:
        perform(ill, action, actor=actor, seen_version=seen_version, **answers)
    except Exception:
        if hasattr(form, "forget"):
            form.forget()
        raise


def _actor(user, ill: ILLRequest, action: str) -> actors.Actor:
    """Staff of the kind act as staff; the owner as patron, also a staff member on an own request."""
    patrons = {step.action for step in lifecycle.STEPS if step.by == "patron"}
    if action in patrons and access.is_own(user, ill):
        return actors.patron(user)
    if access.sees_kind(user, ill.kind):
        return actors.staff(user)
    return actors.patron(user)


def _seen_version(request) -> int | None:
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return -1  # a form without the version it saw is as good as stale


def _show(request, ill, step, action, *, form=None, status=200):
    if step is None:
        return _refuse(request, ill, action, why_not(ill, action), 409)
    if form is None and step.form:
        form = FORMS[step.form](None, None, ill=ill, step=step, today=timezone.localdate())
    context = {
        "ill": ill,
        "step": step,
        "label": spoken(step.label, ill).rstrip("…"),
        "then": then(step, ill),
        "submit": _SUBMIT.get(action) or spoken(step.label, ill).rstrip("…"),
        "form": form,
        "letter": _letter(ill, step, form) if step.letter and step.by == "staff" else None,
        "next": safe_next(request),
        "version": request.POST.get("version") or ill.version,
    }
    if step.by == "patron":
        return render(request, "requests_app/patron/act.html", context, status=status)
    if request.htmx:
        if step.form == "choose_lenders":
            context["copyright"] = copyright_tab.context_for(ill, request.user, "lenders")
        return render(request, "requests_app/staff/_step_form.html", context, status=status)
    request.place = ill.kind
    return render(request, "requests_app/staff/act.html", context | staff_context(request, ill), status=status)


def _letter(ill: ILLRequest, step: lifecycle.Step, form) -> dict[str, str]:
    return letters.preview(ill, step.letter, filled=form.letter_values() if hasattr(form, "letter_values") else None)


def _typed(request, form) -> list[tuple[str, str]]:
    """What somebody wrote, with the label of its field; not what the page itself carried, nor codes of choices."""
    fields = form.fields if form is not None else {}
    found = []
    for name, value in request.POST.items():
        widget = fields[name].widget if name in fields else None
        if name in ("csrfmiddlewaretoken", "version", "next") or not isinstance(value, str) or not value.strip():
            continue
        if isinstance(widget, HiddenInput | ChoiceWidget | CheckboxInput):
            continue
        found.append((str(fields[name].label or "") if name in fields else "", value))
    return found


def _refuse(request, ill, action, sentence, status, *, form=None):
    """Somebody was faster, or it is not possible: say so, keep what was typed, show how it stands now."""
    fresh = access.request_for(request.user, ill.number)
    row = lifecycle.named(action, fresh.kind)
    context = {
        "ill": fresh,
        "sentence": sentence,
        "kept": _typed(request, form),
        "next": safe_next(request),
        "again": lifecycle.find(fresh, action),
        "label": spoken(row.label if row else action, fresh).rstrip("…"),
    }
    if access.sees_kind(request.user, fresh.kind):
        request.place = fresh.kind
        context |= staff_context(request, fresh)
        return render(request, "requests_app/staff/refused.html", context, status=status)
    return render(request, "requests_app/patron/refused.html", context, status=status)


def _done(ill: ILLRequest, step: lifecycle.Step) -> str:
    label = str(_SAID.get(step.action) or spoken(step.label, ill).rstrip("…"))
    if step.action in _PATRON_DONE:
        return str(_PATRON_DONE[step.action])
    if step.by == "patron":
        stopped = _("We stop working on it.") if step.target else _("We asked the other library to stop.")
        if not step.target and not can_tell(ill):
            stopped = _("We will ask the other library to stop.")
        return stopped if step.action == "patron_cancel" else _("Your message is with us.")
    if step.target and (step.action == lifecycle.UNDO or label.casefold() == str(ill.state_row.label).casefold()):
        done = _("%(number)s is now %(state)s.") % {"number": ill.number, "state": ill.state_row.label}
    elif step.target:
        done = _("%(number)s: %(step)s. It is now %(state)s.") % {
            "number": ill.number, "step": label, "state": ill.state_row.label,
        }
    else:
        done = _("%(number)s: %(step)s.") % {"number": ill.number, "step": label}
    if step.action not in _PAPER:
        return done
    page, words = _PAPER[step.action]
    return format_html('{} <a href="{}" target="_blank">{}</a>', done, reverse(page, args=[ill.number]), words)


_PATRON_DONE = {
    "sign_declaration": gettext_lazy("Thank you. Your declaration is kept with the request; we go on with it."),
    "patron_renew": gettext_lazy("We asked the other library. We write to you when it answers."),
    "report_problem": gettext_lazy("Thank you. We ask for a better copy; the first one stays until it is here."),
}
# What is said to have been done, where the step's name says too little of it.
_SAID = {
    "decide_copyright": gettext_lazy("your decision is recorded"),
    "buy_instead": gettext_lazy("a purchase is proposed to collection development"),
    "refer": gettext_lazy("the supervisor is asked"),
    "wait_for_place": gettext_lazy("it waits for a place"),
}
# What the button of a step's form says, where that is not the step's own name.
_SUBMIT = {
    "cancel": gettext_lazy("Send letter and cancel request"),
    "give_link": gettext_lazy("Send letter and finish request"),
    "choose_lenders": gettext_lazy("Use this order"),
    "decide_copyright": gettext_lazy("Record decision"),
    "record_statement": gettext_lazy("Record statement"),
    "accept_condition": gettext_lazy("Accept and ask again"),
    "decline_condition": gettext_lazy("Decline"),
    "report_problem": gettext_lazy("Ask for a better copy"),
    "ask_resend": gettext_lazy("Ask for a better copy"),
    "write_partner": gettext_lazy("Send message"),
    "write_patron": gettext_lazy("Send letter"),
    "recall": gettext_lazy("Send recall"),
    "report_lost": gettext_lazy("Record as lost"),
    "declare_lost": gettext_lazy("Record as lost"),
}
# The paper that belongs to a step: offered with the word that it is done.
_PAPER = {
    "will_supply": ("pull_slip", gettext_lazy("Print the pull slip")),
    "start_search": ("pull_slip", gettext_lazy("Print the pull slip")),
    "ship": ("label", gettext_lazy("Print the shipping label")),
    "ship_back": ("label", gettext_lazy("Print the shipping label")),
    "receive": ("band", gettext_lazy("Print the book band")),
    "shelve": ("band", gettext_lazy("Print the book band")),
}


def _next(request, ill: ILLRequest) -> str:
    return safe_next(request) or ill.get_absolute_url()
