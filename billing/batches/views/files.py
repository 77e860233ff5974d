"""Files of batches: one, many, invoices as they came, and the log of downloads."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.batches import files, queries, top
from billing.batches.models import Batch, Download
from billing.batches.views.common import A_PAGE, batch_of, ticked_batches
from illdesk.http import needs
from illdesk.models import Attachment


@needs("see_batches")
@require_safe
def file(request, batch: str, form: str):
    return _send(request, [batch_of(batch)], form)


@needs("see_batches")
@require_safe
def came(request, batch: str, pk: int):
    """An invoice as it came, where it belongs to this batch."""
    one = queries.contents([batch_of(batch)])[0]
    attachment = next((row for row in files.attached(one) if row.pk == pk), None)
    if attachment is None:
        raise Http404
    return _opened(attachment)


def _opened(attachment: Attachment) -> FileResponse:
    response = FileResponse(files.opened(attachment), as_attachment=True, filename=attachment.name,
                            content_type=attachment.content_type)
    response["Cache-Control"] = "private, no-store"
    return response


@needs("see_batches")
@require_POST
def download_many(request):
    rows = ticked_batches(request.POST)
    if not rows:
        messages.error(request, _("Tick the batches to download."))
        return redirect("batches")
    return _send(request, rows, request.POST.get("form") or "zip")


@needs("see_batches")
@require_safe
def downloads(request):
    """The log: everybody's, for whoever may see batches."""
    top.show(request, "batches_downloads")
    page = Paginator(Download.objects.select_related("by"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "billing/batches/downloads.html", {"page": page})


@needs("see_batches")
@require_safe
def download_again(request, pk: int):
    row = get_object_or_404(Download, pk=pk)
    rows = list(queries.batches().filter(number__in=row.batches))
    if not rows:
        raise Http404
    return _send(request, rows, row.form)


def _send(request, rows: Sequence[Batch], form: str):
    if form not in files.FORMS:
        raise Http404
    now = timezone.now()
    made = files.made(form, queries.contents(rows), now=now)
    Download.objects.create(batches=[row.number for row in rows], form=form, at=now, by=request.user)
    response = FileResponse(made, as_attachment=True, filename=f"{files.name_of(rows)}.{form}",
                            content_type=files.TYPES[form])
    response["Cache-Control"] = "private, no-store"
    return response
