"""New request for a patron: who telephoned, wrote, or stands at the desk. First the patron, then the patron's form."""

from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from illdesk import actors, registry
from illdesk.http import needs
from requests_app import lifecycle
from requests_app.forms.staff_entry import StaffEntryForm
from requests_app.models import Patron
from requests_app.views.new_request import Door, take
from requests_app.views.side import set_side

MOST = 20


@needs("work_borrowing")
@require_http_methods(["GET", "HEAD", "POST"])
def staff_entry(request):
    set_side(request, lifecycle.BORROWING, current="new")
    chosen = request.GET.get("patron", "")
    if not chosen:
        return _choose(request)
    patron = Patron.objects.select_related("pickup").filter(pk=int(chosen)).first() if _is_key(chosen) else None
    if patron is None:
        raise Http404
    blocks = [sentence for ask in registry.PATRON_BLOCKS for sentence in ask(patron)]
    door = Door(
        patron, actors.staff(request.user), f"{reverse('staff_entry')}?{urlencode({'patron': patron.pk})}",
        StaffEntryForm, StaffEntryForm.said, "requests_app/staff/new_request.html",
        _('The patron already asked for this on {}. <a href="{}">Open that request</a>.'),
    )
    return take(request, door, blocks=blocks)


def _is_key(text: str) -> bool:
    return text.isdecimal() and len(text) < 16


def _choose(request):
    """By card, e-mail or name; a card that is scanned finds one."""
    wanted = " ".join(request.GET.get("find", "").split())[:100]
    found = list(_found(wanted)[: MOST + 1]) if wanted else []
    context = {"find": wanted, "found": found[:MOST], "more": len(found) > MOST}
    return render(request, "requests_app/staff/choose_patron.html", context)


def _found(wanted: str):
    """Every word must begin or stand in a name; the whole may be a card or an e-mail."""
    names = Q()
    for word in wanted.split()[:6]:
        names &= Q(last_name__icontains=word) | Q(first_name__icontains=word)
    whole = Q(card__iexact=wanted) | Q(email__iexact=wanted)
    return Patron.objects.filter(whole | names).order_by("last_name", "first_name", "pk")
