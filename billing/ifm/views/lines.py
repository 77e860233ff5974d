"""A decision about one line."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.ifm import actions, words
from billing.ifm.forms import LineForm
from billing.ifm.models import NetworkLine
from billing.ifm.views.common import form_page
from illdesk import actors, dates, money
from illdesk.errors import BadAnswer, DeskError
from illdesk.http import needs


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request, pk: int, what: str):
    """One step about one line: a bare button, or a form with the one thing that it wants to know."""
    line = get_object_or_404(NetworkLine.objects.select_related("ill", "library", "before", "instead"), pk=pk)
    found = words.STEPS.get(what)
    if found is None:
        raise Http404
    form = LineForm(request.POST or None, asks=found.asks)
    back = reverse("network_month", args=[line.system, f"{line.month:%Y%m}"])
    if request.method == "POST" and (not found.asks or form.is_valid()):
        given = "".join(form.cleaned_data.values()) if found.asks else ""
        try:
            said = _do(what, line, given, actors.staff(request.user))
        except BadAnswer as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        except DeskError as refusal:
            if not found.asks:
                messages.error(request, str(refusal))
                return redirect(back)
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect(back)
    sub = f"{line.written or '—'} · {line.get_kind_display()} · {money.shown(line.amount, line.currency)}"
    sub += f" · {dates.in_words(line.day)}"
    return form_page(request, form, heading=str(found.label).rstrip("…"), system=line.system, back=back,
                 back_label=dates.month(line.month), sub=f"{sub} · {line.get_result_display()}",
                 save=str(found.label).rstrip("…"))


def _do(what: str, line: NetworkLine, given: str, actor) -> str:
    now = timezone.now()
    if what in ("link", "dummy"):
        row = actions.link(line, given, dummy=what == "dummy", actor=actor, now=now)
        return _("It is linked: %(result)s.") % {"result": row.get_result_display()}
    if what in ("ask", "ask_network"):
        to = actions.ask(line, given, network=what == "ask_network", actor=actor, now=now)
        return _("The letter to %(to)s is on its way.") % {"to": to}
    if what in _REASONED:
        _REASONED[what](line, given, actor=actor, now=now)
    else:
        _BARE[what](line, actor=actor, now=now)
    return _("It is stored.")


_REASONED = {"accept": actions.accept, "aside": actions.aside, "undo": actions.undo}
_BARE = {"replace": actions.replace, "reopen": actions.reopen}
