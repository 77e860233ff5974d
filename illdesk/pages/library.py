"""Our own library: its name and address on all paper and messages, and its branches."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from illdesk import actors, events
from illdesk.forms import BranchForm, InstitutionForm
from illdesk.http import needs
from illdesk.models import Branch, Institution


@needs("manage_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def institution(request):
    row = Institution.objects.filter(pk=1).first() or Institution(pk=1)
    form = InstitutionForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        _save(request, form, "institution.changed", "institution")
        messages.success(request, _("Saved. New letters, slips and messages carry it from now on."))
        return redirect("settings_library")
    context = {
        "form": form, "heading": _("Our library"),
        "sub": _("Letters, slips, labels and messages to other libraries take our name and address from here."),
    }
    return _form_page(request, context)


@needs("manage_settings")
@require_safe
def branches(request):
    return render(request, "illdesk/branches.html", {"branches": Branch.objects.order_by("-active", "name")})


@needs("manage_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def branch(request, code: str = ""):
    row = get_object_or_404(Branch, code=code) if code else Branch()
    form = BranchForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        _save(request, form, "branch.changed" if code else "branch.added", "branch")
        messages.success(request, _("%(branch)s is saved.") % {"branch": form.instance.name})
        return redirect("settings_branches")
    heading = Branch.objects.get(pk=row.pk).name if code else _("New branch")
    back = {"url": "settings_branches", "label": _("Branches")}
    return _form_page(request, {"form": form, "heading": heading, "back": back})


def _save(request, form, event: str, subject: str) -> None:
    with transaction.atomic():
        row = form.save()
        events.record(
            event, subject=(subject, row.pk), actor=actors.staff(request.user), now=timezone.now(),
            data={"fields": sorted(form.changed_data)},
        )


def _form_page(request, context):
    return render(request, "illdesk/form.html", context, status=422 if request.method == "POST" else 200)
