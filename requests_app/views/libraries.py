"""Partner libraries: the list, one library with its conversation, editing, the Test button."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from illdesk import actors, events
from illdesk.errors import AdapterError
from illdesk.http import needs
from illdesk.models import InboxMessage, OutboxMessage
from requests_app import access, lifecycle
from requests_app.exchange.iso18626 import probe
from requests_app.forms.libraries import LibraryForm
from requests_app.models import ILLRequest, Library
from requests_app.views.detail import conversation

MESSAGES_SHOWN = 100


@needs("see_libraries")
def libraries(request):
    text = request.GET.get("q", "").strip()[:100]
    show = request.GET.get("show", "")
    rows = Library.objects.all()
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(symbol__icontains=text) | Q(locality__icontains=text))
    today = timezone.localdate()
    if show == "suspended":
        rows = rows.filter(suspended_from__lte=today).exclude(suspended_to__lt=today)
    stuck = set(
        OutboxMessage.objects.filter(
            state__in=[OutboxMessage.PARKED, OutboxMessage.UNCERTAIN], channel="iso18626"
        ).values_list("partner", flat=True)
    )
    _side(request)
    context = {"rows": list(rows[:500]), "text": text, "show": show, "today": today, "stuck": stuck,
               "may_change": request.user.may("manage_libraries")}
    return render(request, "requests_app/libraries/list.html", context)


@needs("see_libraries")
def library(request, symbol: str):
    row = get_object_or_404(Library, symbol=symbol)
    tab = "conversation" if request.GET.get("tab") == "conversation" else "overview"
    _side(request)
    context = {"library": row, "tab": tab, "may_change": request.user.may("manage_libraries"),
               "suspended": row.suspended_on(timezone.localdate())}
    if tab == "conversation":
        context["messages_list"] = _conversation(row, request.user)
    else:
        context["open_ills"] = (
            ILLRequest.objects.filter(
                partner=row, state__in=lifecycle.open_states(), kind__in=access.kinds_seen(request.user)
            )
            .select_related("citation").order_by("-pk")[:50]
        )
    last = InboxMessage.objects.filter(partner=row.symbol).order_by("-pk").first()
    context["last_heard"] = last.arrived if last else None
    return render(request, "requests_app/libraries/library.html", context)


def _conversation(library: Library, user) -> list[dict]:
    """The newest messages both ways, each with its request; of kinds the reader may not see, the word alone."""
    out = OutboxMessage.objects.filter(partner=library.symbol).order_by("-pk")[:MESSAGES_SHOWN]
    arrived = InboxMessage.objects.filter(partner=library.symbol).order_by("-pk")[:MESSAGES_SHOWN]
    rows = sorted(conversation([*out, *arrived]), key=lambda row: row["at"], reverse=True)[:MESSAGES_SHOWN]
    ids = {row["row"].subject_id for row in rows if row["row"].subject_id}
    seen = ILLRequest.objects.filter(pk__in=ids, kind__in=access.kinds_seen(user))
    ills = seen.select_related("citation").in_bulk()
    for row in rows:
        row["ill"] = ills.get(row["row"].subject_id)
        if row["ill"] is None:
            row["xml"] = row["answer"] = ""
        row["stuck"] = row["out"] and row["row"].state in (
            OutboxMessage.PARKED, OutboxMessage.UNCERTAIN, OutboxMessage.WAITING
        )
    return rows


@needs("manage_libraries")
def edit(request, symbol: str = ""):
    row = get_object_or_404(Library, symbol=symbol) if symbol else None
    form = LibraryForm(request.POST or None, instance=get_object_or_404(Library, pk=row.pk) if row else None)
    _side(request)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            if row and row.symbol != saved.symbol:  # its conversation goes with it
                for box in (OutboxMessage, InboxMessage):
                    box.objects.filter(partner=row.symbol).update(partner=saved.symbol)
            events.record(
                "library.changed" if row else "library.added", subject=("library", saved.pk),
                actor=actors.staff(request.user), now=timezone.now(),
                data={"fields": sorted(form.changed_data)},
            )
        messages.success(request, _("%(name)s is stored.") % {"name": saved.name})
        return redirect("library", saved.symbol)
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/libraries/edit.html", {"form": form, "library": row}, status=status)


@needs("manage_libraries")
@require_POST
def test_connection(request, symbol: str):
    """Ask the other system something harmless, now, and say what it answered."""
    row = get_object_or_404(Library, symbol=symbol)
    try:
        messages.success(request, probe.ask(row, now=timezone.now()))
    except AdapterError as failure:
        messages.error(request, str(failure))
    return redirect("library", row.symbol)


def _side(request) -> None:
    from django.urls import reverse

    show = request.GET.get("show", "")
    here = request.path == reverse("libraries")
    request.place, request.side_name = "libraries", _("Partner libraries")
    request.side = [
        {"label": _("Partner libraries"), "items": [
            {"label": _("All"), "url": reverse("libraries"), "count": None, "icon": "building",
             "current": here and not show},
            {"label": _("Suspended"), "url": reverse("libraries") + "?show=suspended", "count": None,
             "icon": "pause-circle", "current": here and show == "suspended"},
        ]}
    ]
