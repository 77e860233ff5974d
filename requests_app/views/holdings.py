"""Electronic holdings for administrators: packages, their files, what is inside and what was left out."""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Max, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, events, exports
from illdesk.http import needs
from requests_app.forms.holdings import FileForm, PackageForm
from requests_app.holdings import REASONS, loads, nightly, spent
from requests_app.models import ElectronicLoad, ElectronicPackage, ElectronicProblem, ElectronicTitle
from requests_app.verification import coverage, kbart

A_PAGE = 50
_LOADS_SHOWN, _PROBLEMS_SHOWN = 10, 10
_FAMILIES = {
    ElectronicLoad.WAITING: "others", ElectronicLoad.FETCHING: "moving", ElectronicLoad.READING: "moving",
    ElectronicLoad.HELD: "decision", ElectronicLoad.DONE: "ended_ok", ElectronicLoad.SAME: "ended_ok",
    ElectronicLoad.FAILED: "trouble", ElectronicLoad.DISCARDED: "ended_not",
}


@needs("manage_settings")
@require_safe
def packages(request):
    """The newest load of each says how it stands, whatever the number of packages in two queries."""
    rows = list(ElectronicPackage.objects.filter(leaving=False).annotate(newest=Max("loads__pk")))
    newest = ElectronicLoad.objects.in_bulk([row.newest for row in rows if row.newest])
    shown = [(row, _shown(newest.get(row.newest))) for row in rows]
    context = {"packages": shown, "titles": sum(row.titles for row in rows)}
    return render(request, "requests_app/holdings/list.html", context)


@needs("manage_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int = 0):
    row = _package(pk) if pk else ElectronicPackage()
    name = row.name
    form = PackageForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        saved, changed = form.save(commit=False), list(form.changed_data)
        if "url" in changed:  # another file: what is known of the old one says nothing
            saved.etag = saved.modified = ""
            changed += ["etag", "modified"]
        with transaction.atomic():
            # Only this: a load may have made another generation count since the page was asked for.
            saved.save(update_fields=changed if pk else None)
            saved.next_reload = nightly.next_night(saved.pk, now=now) if saved.url else None
            saved.save(update_fields=["next_reload"])
            _note(request, "holdings.changed" if pk else "holdings.added", saved, fields=sorted(form.changed_data))
        messages.success(request, _("%(name)s is stored.") % {"name": saved})
        return redirect("holdings_package", saved.pk)
    context = {
        "form": form, "heading": name if pk else _("Add a package"),
        "back_url": reverse("holdings_package", args=[pk]) if pk else reverse("holdings"),
        "back_label": name if pk else _("Electronic holdings"),
    }
    return render(request, "requests_app/libraries/part.html", context, status=_status(request))


@needs("manage_settings")
@require_safe
def package(request, pk: int):
    return _page(request, _package(pk), FileForm())


@needs("manage_settings")
@require_POST
def load(request, pk: int):
    """A file that is sent along, or the package's address asked now."""
    row = _package(pk)
    file = None
    if request.FILES or "upload" in request.POST:
        form = FileForm(request.POST, request.FILES)
        if not form.is_valid():
            return _page(request, row, form)
        file = form.cleaned_data["file"]
    elif not row.url:
        raise Http404
    started = loads.start(row, by=request.user, now=timezone.now(), file=file)
    if settings.SEND_TASKS:
        from requests_app.tasks import load_holdings

        # A broker that is away only costs time: the clock takes up what nobody moves.
        transaction.on_commit(lambda: load_holdings.delay(started.pk), robust=True)
    else:
        loads.go_on(started.pk)
    return redirect("holdings_package", pk)


@needs("manage_settings")
@require_POST
def decide(request, pk: int, load: int, what: str):
    row = get_object_or_404(ElectronicLoad.objects.select_related("package"), pk=load, package=_package(pk))
    if what == "confirm":
        if row.state != ElectronicLoad.HELD:
            raise Http404
        loads.swap(row, by=request.user, now=timezone.now())
        messages.success(request, _("The new titles count from now on."))
    elif what == "discard":
        loads.discard(row, by=request.user, now=timezone.now())
        messages.info(request, _("The file is thrown away. What was loaded before counts on."))
    else:
        raise Http404
    return redirect("holdings_package", pk)


@needs("manage_settings")
@require_safe
def problems(request, pk: int, load: int):
    row = get_object_or_404(ElectronicLoad, pk=load, package=_package(pk))
    head = [_("Line"), _("Left out"), _("Why"), _("Value"), _("Row")]
    rows = (
        (one.line, _("value") if one.kept else _("row"), str(REASONS.get(one.why, one.why)), one.about, one.text)
        for one in ElectronicProblem.objects.filter(load=row).order_by("pk").iterator(chunk_size=1000)
    )
    return exports.csv(f"left-out-{row.pk}", head, rows)


@needs("manage_settings")
@require_safe
def titles(request, pk: int):
    """By the beginning of the title or a number; the next page begins behind the last row shown."""
    row = _package(pk)
    text = request.GET.get("q", "").strip()[:100]
    after = request.GET.get("after", "")
    found = ElectronicTitle.objects.filter(package=row, generation=row.generation)
    if number := kbart.normal_identifier(text):
        found = found.filter(Q(print_identifier=number) | Q(online_identifier=number))
    elif key := kbart.title_key(text):
        found = found.filter(title_key__gte=key, title_key__lt=key + "{")  # the sign after z
    last = found.filter(pk=int(after)).first() if after.isascii() and after.isdigit() and len(after) < 18 else None
    if last is not None:
        found = found.filter(title_key__gte=last.title_key).exclude(title_key=last.title_key, pk__lte=last.pk)
    rows = list(found.order_by("title_key", "pk")[: A_PAGE + 1])
    context = {
        "package": row, "text": text, "after": last, "rows": [_title(one) for one in rows[:A_PAGE]],
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None,
    }
    return render(request, "requests_app/holdings/titles.html", context)


def _title(row: ElectronicTitle) -> dict:
    book = (row.first_author, row.edition, row.published_print or row.published_online)
    return {
        "row": row, "numbers": [one for one in (row.print_identifier, row.online_identifier) if one],
        "url": row.url if row.url.lower().startswith(("https://", "http://")) else "",
        "coverage": coverage.words(row) if row.kind == kbart.SERIAL else ", ".join(part for part in book if part),
    }


@needs("manage_settings")
@require_POST
def remove(request, pk: int):
    row = _package(pk)
    spent.leave(row, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s is removed. Its titles count no more; they are deleted bit by bit.") % {
        "name": row})
    return redirect("holdings")


def _package(pk: int) -> ElectronicPackage:
    return get_object_or_404(ElectronicPackage, pk=pk, leaving=False)


def _status(request) -> int:
    return 422 if request.method == "POST" else 200


def _page(request, row: ElectronicPackage, form: FileForm):
    rows = row.loads.select_related("by", "decided_by").order_by("-pk")[:_LOADS_SHOWN]
    shown: list = [_shown(one) for one in rows]
    newest = shown[0] if shown else None
    # Of one that changed nothing nobody wants to see what was left out.
    read = next((one for one in shown if one["load"].rows or one["load"].rejected), None)
    left_out = list(read["load"].problems.order_by("kept", "pk")[:_PROBLEMS_SHOWN]) if read else []
    context = {
        "package": row, "form": form, "loads": shown, "newest": newest, "read": read,
        "problems": [(one, REASONS.get(one.why, one.why)) for one in left_out],
        "open": newest and newest["load"].state in ElectronicLoad.OPEN, "now": timezone.now(),
    }
    return render(request, "requests_app/holdings/package.html", context, status=_status(request))


def _shown(load: ElectronicLoad | None) -> dict | None:
    if load is None:
        return None
    percent = min(100, load.bytes_read * 100 // load.bytes) if load.bytes else None
    return {"load": load, "family": _FAMILIES.get(load.state, "others"), "percent": percent,
            "left_out": load.rejected + load.remarks}


def _note(request, event: str, row: ElectronicPackage, **data) -> None:
    events.record(
        event, subject=("holdings", row.pk), actor=actors.staff(request.user), now=timezone.now(), data=data
    )
