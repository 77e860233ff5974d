"""A step for all that were ticked: who can and who cannot, what is asked once, then a job with its results."""

from typing import Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from illdesk.http import signed_in_only
from requests_app import access, bulk, letters, lifecycle
from requests_app.forms import FORMS
from requests_app.forms.lenders import ChooseLendersForm
from requests_app.forms.steps import StepForm
from requests_app.views.detail import safe_next


@signed_in_only
@require_POST
def for_many(request, action: str):
    """The first POST comes from a list; the second, with `sure`, from the page that asks."""
    if not any(step.action == action and step.by == "staff" for step in lifecycle.STEPS):
        raise Http404
    if not access.kinds_seen(request.user):
        raise Http404
    back = safe_next(request) or "/"
    rows, gone = bulk.ticked(request.user, request.POST.getlist("tick"))
    if not rows:
        messages.warning(request, _("Nothing is ticked. Tick some requests first."))
        return redirect(back)
    sorted_out = bulk.sort_out(request.user, action, rows, gone)
    if not sorted_out.can:
        return _ask(request, action, sorted_out, back, status=409)
    step = lifecycle.find(sorted_out.can[0].ill, action, by="staff")
    assert step is not None
    asks = bulk.ASKS.get(step.form) == bulk.ONCE
    quietly = not asks and not bulk.tells(step) and not sorted_out.cannot and not gone
    if "sure" not in request.POST and not quietly:
        return _ask(request, action, sorted_out, back, form=_form(step, sorted_out))
    answers: dict[str, Any] = {}
    form = _form(step, sorted_out, request.POST)
    if form is not None:
        if form.only_looks:
            return _ask(request, action, sorted_out, back, form=form)
        if not form.is_valid():
            return _ask(request, action, sorted_out, back, form=form, status=422)
        answers = form.answers()
    job = bulk.start(
        request.user, action, sorted_out.can, answers, now=timezone.now(), left_out=sorted_out.cannot, back=back
    )
    return redirect("job", job.pk)


def _form(step: lifecycle.Step, rows: bulk.Sorted, data=None) -> StepForm | None:
    """The step's own form, asked on behalf of all: what one of them already answered is not the others' answer."""
    if bulk.ASKS.get(step.form) != bulk.ONCE:
        return None
    form = FORMS[step.form](data, None, ill=rows.can[0].ill, step=step, today=timezone.localdate())
    if isinstance(form, ChooseLendersForm):
        form.for_many = True
    return form


def _ask(request, action: str, rows: bulk.Sorted, back: str, *, form=None, status=200):
    step = lifecycle.find(rows.can[0].ill, action, by="staff") if rows.can else lifecycle.named(action)
    assert step is not None
    example = rows.can[0].ill if rows.can else None
    request.place = (example or rows.cannot[0][0].ill).kind
    context = {
        "step": step,
        "label": bulk.label(step),
        "then": bulk.sentence(step),
        "rows": rows,
        "form": form,
        "ill": example,
        "letter": letters.preview(example, step.letter, added="") if example and step.letter else None,
        "back": back,
        "action": action,
    }
    return render(request, "requests_app/staff/bulk.html", context, status=status)
