"""Beyond the limit: what a merge or a correction left without a place, until a person gives it its ground."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from illdesk import actors, exports
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.http import needs
from requests_app.copyright import clearance, corrections, listing
from requests_app.forms.titles import SettleForm
from requests_app.models import CopyrightUse
from requests_app.views.copyright import side

A_PAGE = 50


def _limit() -> int:
    return clearance.rules_on(timezone.localdate()).limit


@needs("see_copyright")
@require_safe
def over(request):
    page = Paginator(listing.over(), A_PAGE).get_page(request.GET.get("page"))
    room = listing.free_places(page.object_list, limit=_limit())
    side.set_side(request, "copyright_over")
    context = {
        "page": page, "rows": [(row, row.pk in room) for row in page], "forms": ("csv", "xlsx"),
        "may_work": request.user.may("work_copyright"), "sees_requests": request.user.may("see_borrowing"),
    }
    return render(request, "requests_app/copyright/over.html", context)


@needs("see_copyright")
@require_safe
def export(request, form: str):
    head = [_("Request"), _("Title"), _("Year"), _("Sent on"), _("Article"), _("Issue"), _("Published"), _("State")]
    rows = (
        (row.number, row.title.name, row.year, row.asked_on, row.article, row.issue, row.published,
         row.get_state_display()) for row in listing.over().iterator(chunk_size=1000)
    )
    return exports.file(form, f"beyond-the-limit-{timezone.localdate()}", head, rows)


@needs("work_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request, pk: int):
    use = get_object_or_404(CopyrightUse.objects.select_related("title", "ill", "by"), pk=pk)
    actor, now = actors.staff(request.user), timezone.now()
    form = SettleForm(request.POST if "ground" in request.POST or "record" in request.POST else None,
                      today=timezone.localdate())
    refusal, status = "", 200
    try:
        if request.method == "POST" and "take" in request.POST:
            new = corrections.take_place(use, actor=actor, now=now)
            messages.success(request, _("%(number)s has place %(place)s of %(limit)s now.") % {
                "number": new.number, "place": new.place, "limit": new.limit})
            return redirect("copyright_over")
        if request.method == "POST":
            status = 422
            if form.is_valid():
                values = form.cleaned_data
                corrections.settle(
                    use, values["ground"], reason=values["reason"], actor=actor, now=now, royalty=form.offer,
                    owed=values["owed"],
                )
                messages.success(request, _("The ground of %(number)s is recorded with your name.") % {
                    "number": use.number})
                return redirect("copyright_over")
    except BadAnswer as told:
        form.add_error(told.field if told.field in form.fields else None, str(told))
    except NotAllowed as told:
        refusal, status = str(told), 409
        use.refresh_from_db()
    side.set_side(request, "copyright_over")
    context = {
        "use": use, "form": form, "refusal": refusal, "room": bool(listing.free_places([use], limit=_limit())),
        "waits": use.over and use.state in CopyrightUse.COUNTED, "sees_requests": request.user.may("see_borrowing"),
    }
    return render(request, "requests_app/copyright/settle.html", context, status=status)
