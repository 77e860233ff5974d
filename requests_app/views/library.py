"""One partner library: its tabs, what is edited on each, and the Test button."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk.errors import AdapterError
from illdesk.http import needs
from illdesk.models import InboxMessage
from requests_app import access, lifecycle
from requests_app.directory import figures, symbols
from requests_app.exchange.iso18626 import probe
from requests_app.forms import directory as forms
from requests_app.forms.libraries import DIALECTS
from requests_app.models import (
    ConnectionTest,
    Contact,
    ILLRequest,
    Library,
    LibraryAddress,
    LibraryPolicy,
    LibrarySymbol,
    Suspension,
)
from requests_app.views import conversation
from requests_app.views.libraries import note, side

TABS = ("overview", "policies", "contacts", "conversation")
OPEN_SHOWN = 50


@needs("see_libraries")
@require_safe
def library(request, symbol: str):
    row = get_object_or_404(Library.objects.select_related("policy", "calendar", "last_test__by"), symbol=symbol)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "overview"
    today, now = timezone.localdate(), timezone.now()
    silent = figures.not_answering()
    side(request, silent=silent)
    suspensions = list(row.suspensions.all())
    last = InboxMessage.objects.filter(partner=row.symbol).order_by("-pk").only("arrived").first()
    context: dict[str, Any] = {
        "library": row, "tab": tab, "may_change": request.user.may("manage_libraries"), "now": now,
        "suspended": next((one for one in suspensions if one.holds(today)), None), "suspensions": suspensions,
        "today": today, "figures": figures.of_library(row, now=now), "silent": row.symbol in silent,
        "contacts": list(row.contacts.all()), "last_heard": last.arrived if last else None,
    }
    context |= _OF_TAB[tab](request, row)
    return render(request, "requests_app/libraries/library.html", context)


def _overview(request, row: Library) -> dict:
    open_ills = ILLRequest.objects.filter(
        partner=row, state__in=lifecycle.open_states(), kind__in=access.kinds_seen(request.user)
    ).select_related("citation").order_by("-pk")[:OPEN_SHOWN]
    return {
        "open_ills": open_ills, "symbols": row.symbols.all(), "groups": row.groups.all(),
        "dialect_words": DIALECTS[row.dialect], "last_test": getattr(row, "last_test", None),
    }


def _contacts(request, row: Library) -> dict:
    own = {address.kind: address for address in row.addresses.all()}
    return {"addresses": [(label, own.get(kind), kind) for kind, label in LibraryAddress.KINDS]}


_OF_TAB = {
    "overview": _overview, "policies": lambda request, row: {"terms": row.terms}, "contacts": _contacts,
    "conversation": conversation.context,
}


@dataclass(frozen=True)
class Part:
    """What a library has several of: model, form, the tab it stands on, heading and event."""

    model: Any
    form: Any
    tab: str
    heading: Any


PARTS: dict[str, Part] = {
    "symbols": Part(LibrarySymbol, forms.SymbolForm, "overview", gettext_lazy("Agency symbol")),
    "addresses": Part(LibraryAddress, forms.AddressForm, "contacts", gettext_lazy("Address")),
    "contacts": Part(Contact, forms.ContactForm, "contacts", gettext_lazy("Contact")),
    "suspensions": Part(Suspension, forms.SuspensionForm, "overview", gettext_lazy("Suspension")),
}


def _part(what: str) -> Part:
    if what not in PARTS:
        raise Http404
    return PARTS[what]


def _tab_url(row: Library, tab: str) -> str:
    return reverse("library", args=[row.symbol]) + f"?tab={tab}"


@needs("manage_libraries")
@require_http_methods(["GET", "HEAD", "POST"])
def part(request, symbol: str, what: str, pk: int = 0):
    kind = _part(what)
    owner = get_object_or_404(Library, symbol=symbol)
    row = get_object_or_404(kind.model, pk=pk, library=owner) if pk else kind.model(library=owner)
    side(request)
    initial = {"kind": request.GET.get("kind", "")} if not pk and request.GET.get("kind") else None
    with transaction.atomic():
        if request.method == "POST":
            symbols.one_at_a_time()
        form = kind.form(request.POST or None, instance=row, initial=initial)
        if request.method == "POST" and form.is_valid():
            saved = form.save()
            note(request, "library.changed", owner, part=what, row=saved.pk, fields=sorted(form.changed_data))
            messages.success(request, _("%(name)s is stored.") % {"name": owner.name})
            return redirect(_tab_url(owner, kind.tab))
    context = {
        "form": form, "heading": kind.heading, "back_url": _tab_url(owner, kind.tab), "back_label": owner.name,
        "remove_url": reverse("library_part_remove", args=[owner.symbol, what, pk]) if pk else "",
        "remove_words": _("It goes from the directory. Requests and messages stay as they are."),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/libraries/part.html", context, status=status)


@needs("manage_libraries")
@require_POST
def remove_part(request, symbol: str, what: str, pk: int):
    kind = _part(what)
    owner = get_object_or_404(Library, symbol=symbol)
    row = get_object_or_404(kind.model, pk=pk, library=owner)
    with transaction.atomic():
        row.delete()
        note(request, "library.changed", owner, part=what, row=pk, removed=True)
    messages.success(request, _("It is removed from %(name)s.") % {"name": owner.name})
    return redirect(_tab_url(owner, kind.tab))


@needs("manage_libraries")
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request, symbol: str):
    owner = get_object_or_404(Library, symbol=symbol)
    side(request)
    row = LibraryPolicy.objects.filter(library=owner).first() or LibraryPolicy(library=owner)
    form = forms.LibraryPolicyForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            # Two people who write the first one at the same moment: the second changes the first one's row.
            LibraryPolicy.objects.update_or_create(library=owner, defaults=form.cleaned_data)
            note(request, "library.changed", owner, part="policy", fields=sorted(form.changed_data))
        messages.success(request, _("%(name)s is stored.") % {"name": owner.name})
        return redirect(_tab_url(owner, "policies"))
    context = {
        "form": form, "heading": _("Policies"), "back_url": _tab_url(owner, "policies"), "back_label": owner.name,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/libraries/part.html", context, status=status)


@needs("manage_libraries")
@require_POST
def test_connection(request, symbol: str):
    """Ask the other system something harmless, now, and keep what it answered."""
    row = get_object_or_404(Library, symbol=symbol)
    now = timezone.now()
    try:
        ok, said = True, probe.ask(row, now=now)
        messages.success(request, said)
    except AdapterError as failure:
        ok, said = False, str(failure)
        messages.error(request, said)
    with transaction.atomic():
        ConnectionTest.objects.update_or_create(
            library=row, defaults={"at": now, "by": request.user, "ok": ok, "said": said}
        )
        note(request, "library.tested", row, ok=ok)
    return redirect("library", row.symbol)
