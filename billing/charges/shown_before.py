"""The letter that staff see before it goes: beside the form by htmx, or with the whole page again without script."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from billing.charges.models import Charge, Waiver
from billing.rehearsal import Rehearsal, rehearse
from requests_app.models import Patron


def asked(request) -> bool:
    """Whoever pressed Show the letter only looks: nothing is done."""
    return request.POST.get("look") == "letter"


def of(do: Callable[[], object], patron: Patron, *, now: datetime) -> Rehearsal:
    return rehearse(do, languages={patron.email: patron.language}, now=now)


def page(
    request, template: str, context: dict, *, patron: Patron, before: Rehearsal | None, refused: int = 422,
    refusal: str = "",
) -> HttpResponse:
    """A page with a form whose letter can be shown; only the letter's piece where htmx asked for that. `refused`: the
    answer's status where something was sent and neither done nor shown; `refusal`: why, where no form says it."""
    looks = asked(request)
    alone = looks and bool(request.htmx)
    context = context | {"before": before, "looks": looks, "alone": alone, "refusal": refusal,
                         "none_goes": _none_goes(before, patron) if before else ""}
    status = refused if request.method == "POST" and before is None else 200
    return render(request, "billing/charges/_letter.html" if alone else template, context, status=status)


def _none_goes(before: Rehearsal, patron: Patron) -> str:
    """Why there is no letter among those shown."""
    if before.letters:
        return ""
    done = before.done
    if isinstance(done, Waiver) and done.state == Waiver.PROPOSED:
        return _("No letter goes now: the waiver is only proposed. The patron is written to when somebody else grants "
                 "it.")
    if isinstance(done, Charge) and done.state == Charge.ASKED:
        return _("No letter goes: the library has no e-mail address here. Somebody telephones it.")
    if not patron.email:
        return _("No letter goes: the patron has no e-mail address here.")
    return _("No letter goes.")
