"""The directory as CSV: out of it, into it. What is read is shown first and stored when somebody says so."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, events
from illdesk.http import needs
from requests_app.directory import compare, sheet, store, values
from requests_app.forms.directory import ImportForm
from requests_app.models import DirectoryImport, Library, LibraryAddress
from requests_app.views.libraries import side

MOST_BYTES = 10 * 1024 * 1024
DRAFTS_SHOWN = 10
# So many rows are stored while the person waits.
_AT_ONCE = 200
_REFUSALS = {
    "empty": gettext_lazy("The file is empty. Nothing was stored."),
    "no_symbol": gettext_lazy("The first line names no column “symbol”; it has: %(about)s. Nothing was stored."),
    "twice": gettext_lazy("The column “%(about)s” stands twice in the first line. Nothing was stored."),
    "too_many": gettext_lazy("The file has more than %(about)s libraries. Split it. Nothing was stored."),
    "broken": gettext_lazy("The file cannot be read beyond line %(about)s. Nothing was stored."),
    "encoding": gettext_lazy("The file is no text of a kind we read (%(about)s). Save it as CSV UTF-8."),
}
VERDICTS = {
    compare.WRONG: gettext_lazy("Wrong"), compare.CHANGED: gettext_lazy("Changed"), compare.NEW: gettext_lazy("New"),
    compare.SAME: gettext_lazy("Unchanged"),
}


@needs("manage_libraries")
@require_safe
def export(request):
    rows = (compare.entry_of(library) for library in compare.libraries().iterator(chunk_size=1000))
    lines = sheet.write(rows)
    answer = StreamingHttpResponse(
        ("\ufeff" + line if not number else line for number, line in enumerate(lines)),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = f'attachment; filename="libraries-{timezone.localdate()}.csv"'
    return answer


@needs("manage_libraries")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > MOST_BYTES:
                form.add_error("file", _("The file has more than 10 MB. Nothing was stored."))
            else:
                return redirect("library_draft", _read(file, request.user).pk)
        except sheet.NotReadable as refusal:
            form.add_error("file", str(_REFUSALS[refusal.code]) % {"about": refusal.about or "—"})
    side(request)
    drafts = DirectoryImport.objects.select_related("by").defer("plan").order_by("-pk")[:DRAFTS_SHOWN]
    context = {"form": form, "drafts": drafts, "columns": _columns(), "count": Library.objects.count()}
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/libraries/import.html", context, status=status)


def _read(file, user) -> DirectoryImport:
    found = sheet.read(file.read())
    plan, counts = compare.plan(found)
    now = timezone.now()
    with transaction.atomic():
        draft = DirectoryImport.objects.create(
            file_name=file.name.replace("\x00", "")[-200:], made=now, by=user, plan=plan,
            counts=counts | {"ignored": found.ignored, "encoding": found.encoding, "delimiter": found.delimiter},
        )
        events.record(
            "directory.read", subject=("directory_import", draft.pk), actor=actors.staff(user), now=now,
            data={verdict: counts.get(verdict, 0) for verdict in VERDICTS},
        )
    return draft


@needs("manage_libraries")
@require_safe
def draft(request, pk: int):
    row = get_object_or_404(DirectoryImport.objects.select_related("by", "confirmed_by"), pk=pk)
    show = request.GET.get("show", "")
    if show not in VERDICTS:
        show = next((verdict for verdict in VERDICTS if row.counts.get(verdict)), compare.SAME)
    side(request)
    rows = [one for one in row.plan if one["verdict"] == show]
    context = {
        "draft": row, "show": show, "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "tabs": [(code, label, row.counts.get(code, 0)) for code, label in VERDICTS.items()],
        "to_store": _to_store(row), "all": len(row.plan), "running": row.state == DirectoryImport.RUNNING,
    }
    return render(request, "requests_app/libraries/draft.html", context)


def _to_store(row: DirectoryImport) -> int:
    return row.counts.get(compare.NEW, 0) + row.counts.get(compare.CHANGED, 0)


@needs("manage_libraries")
@require_POST
def decide(request, pk: int, what: str):
    row, now = get_object_or_404(DirectoryImport, pk=pk), timezone.now()
    if what == "discard":
        store.discard(row, user=request.user, now=now)
        messages.info(request, _("The import is thrown away. The directory is as it was."))
        return redirect("library_import")
    if what != "confirm":
        raise Http404
    with transaction.atomic():
        store.confirm(row, user=request.user, now=now)
        later = settings.SEND_TASKS and _to_store(row) > _AT_ONCE
        if later:
            from requests_app.tasks import store_import

            # A broker that is away only costs time: the clock takes up what nobody moves.
            transaction.on_commit(lambda: store_import.delay(pk), robust=True)
    if not later:
        store.go_on(pk, now=now)
    return redirect("library_draft", pk)


def _columns() -> list[tuple[str, object]]:
    """Name and meaning of every column, for the page."""
    kinds = dict(LibraryAddress.KINDS)
    rows: list[tuple[str, object]] = []
    for column in sheet.SINGLE:
        model, name = values.field_of(column)
        field = model._meta.get_field(name)
        kind = kinds.get(column.partition("_")[0]) if model is LibraryAddress else None
        about = str(field.verbose_name)
        if field.choices:
            about += " (" + " | ".join(str(code) for code, _label in field.choices) + ")"
        rows.append((column, f"{kind}, {about}" if kind else about))
    for name, parts in sheet.SEVERAL.items():
        model, fields = values.FIELDS[name]
        for part, field_name in zip(parts, fields, strict=True):
            field = model._meta.get_field(field_name)
            about = f"{model._meta.verbose_name}: {field.verbose_name}"
            if field.choices:
                about += " (" + " | ".join(str(code) for code, _label in field.choices) + ")"
            rows.append((f"{name}_1_{part}", about))
    return rows
