"""Partner libraries: the list, adding and editing one, groups of libraries."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, events
from illdesk.http import needs
from illdesk.models import InboxMessage, OutboxMessage
from requests_app.directory import figures, symbols
from requests_app.forms.directory import GroupForm
from requests_app.forms.libraries import LibraryForm
from requests_app.models import Library, LibraryGroup, Suspension

A_PAGE = 100


@needs("see_libraries")
@require_safe
def libraries(request):
    text = request.GET.get("q", "").strip()[:100]
    show = request.GET.get("show", "")
    today, silent = timezone.localdate(), figures.not_answering()
    rows = Library.objects.all()
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(symbol__icontains=text) | Q(locality__icontains=text)
            | Q(agency_value__icontains=text)
            | Q(pk__in=Library.objects.filter(symbols__agency_value__icontains=text).order_by().values("pk"))
        )
    if show in (LibraryGroup.CONSORTIUM, LibraryGroup.RECIPROCAL):
        rows = rows.filter(pk__in=_of_kind(show))
    elif show == "suspended":
        rows = rows.suspended_on(today)
    elif show == "silent":
        rows = rows.filter(symbol__in=silent)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    here = [row.pk for row in page]
    suspended = set(Library.objects.filter(pk__in=here).suspended_on(today).values_list("pk", flat=True))
    side(request, silent=silent)
    context = {"page": page, "text": text, "show": show, "suspended": suspended, "silent": silent,
               "may_change": request.user.may("manage_libraries")}
    return render(request, "requests_app/libraries/list.html", context)


@needs("manage_libraries")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, symbol: str = ""):
    row = get_object_or_404(Library, symbol=symbol) if symbol else None
    side(request)
    with transaction.atomic():
        if request.method == "POST":
            symbols.one_at_a_time()
        form = LibraryForm(
            request.POST or None, instance=Library.objects.get(pk=row.pk) if row else None,
            initial={} if row else _known_already(request),
        )
        if request.method == "POST" and form.is_valid():
            saved = form.save()
            if row and row.symbol != saved.symbol:  # its conversation goes with it
                for box in (OutboxMessage, InboxMessage):
                    box.objects.filter(partner=row.symbol).update(partner=saved.symbol)
            note(request, "library.changed" if row else "library.added", saved, fields=sorted(form.changed_data))
            messages.success(request, _("%(name)s is stored.") % {"name": saved.name})
            return redirect("library", saved.symbol)
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/libraries/edit.html", {"form": form, "library": row}, status=status)


def _known_already(request) -> dict[str, str]:
    """What a catalogue said about a holder that is not in the directory: the first values of its form."""
    names = ("name", "symbol", "agency_type", "agency_value", "country", "region")
    return {name: value[:200] for name in names if (value := request.GET.get(name, "").strip())}


@needs("manage_libraries")
@require_safe
def groups(request):
    side(request)
    rows = LibraryGroup.objects.annotate(size=Count("libraries"))
    return render(request, "requests_app/libraries/groups.html", {"groups": rows})


@needs("manage_libraries")
@require_http_methods(["GET", "HEAD", "POST"])
def group(request, pk: int = 0):
    side(request)
    row = get_object_or_404(LibraryGroup, pk=pk) if pk else LibraryGroup()
    form = GroupForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            events.record(
                "library_group.changed" if pk else "library_group.added", subject=("library_group", saved.pk),
                actor=actors.staff(request.user), now=timezone.now(), data={"size": saved.libraries.count()},
            )
        messages.success(request, _("%(name)s is stored.") % {"name": saved.name})
        return redirect("library_groups")
    context = {
        "form": form, "heading": LibraryGroup.objects.get(pk=pk).name if pk else _("New group"),
        "back_url": reverse("library_groups"), "back_label": _("Groups"),
        "remove_url": reverse("library_group_remove", args=[pk]) if pk else "",
        "remove_words": _("The libraries stay; only the group goes."),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/libraries/part.html", context, status=status)


@needs("manage_libraries")
@require_POST
def remove_group(request, pk: int):
    row = get_object_or_404(LibraryGroup, pk=pk)
    with transaction.atomic():
        events.record(
            "library_group.removed", subject=("library_group", row.pk), actor=actors.staff(request.user),
            now=timezone.now(),
        )
        row.delete()
    messages.success(request, _("%(name)s is removed.") % {"name": row.name})
    return redirect("library_groups")


def note(request, event: str, library: Library, **data) -> None:
    events.record(
        event, subject=("library", library.pk), actor=actors.staff(request.user), now=timezone.now(), data=data
    )


def _of_kind(kind: str):
    return Library.objects.filter(groups__kind=kind).order_by().values("pk")


def side(request, *, silent: set[str] | None = None) -> None:
    show = request.GET.get("show", "")
    here = request.path == reverse("libraries")
    silent = figures.not_answering() if silent is None else silent
    today = timezone.localdate()
    kinds = dict(
        LibraryGroup.objects.order_by().values_list("kind").annotate(n=Count("libraries", distinct=True))
    )
    suspended = Suspension.objects.filter(Q(last__isnull=True) | Q(last__gte=today), first__lte=today)
    rows = [
        ("", _("All"), "building", Library.objects.count()),
        ("consortium", _("Consortium"), "star", kinds.get("consortium", 0)),
        ("reciprocal", _("Reciprocal"), "arrow-left-right", kinds.get("reciprocal", 0)),
        ("suspended", _("Suspended"), "pause-circle", suspended.order_by().values("library").distinct().count()),
        ("silent", _("Not answering"), "triangle-up", len(silent)),
    ]
    request.place, request.side_name = "libraries", _("Partner libraries")
    request.side = [
        {"label": _("Partner libraries"), "items": [
            {"label": label, "url": reverse("libraries") + (f"?show={code}" if code else ""), "count": count,
             "icon": icon, "current": here and show == code}
            for code, label, icon, count in rows
        ]}
    ]
    if request.user.may("manage_libraries"):
        more = [
            ("library_groups", _("Groups"), "collection"), ("library_import", _("Import and export"), "download"),
        ]
        request.side.append({"label": _("Directory"), "items": [
            {"label": label, "url": reverse(name), "count": None, "icon": icon,
             "current": request.path.startswith(reverse(name))} for name, label, icon in more
        ]})
