"""What we subscribe to, ordered or own: the list, one of them, and files of many that are looked at first."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, exports
from illdesk.errors import NotAllowed
from illdesk.http import needs
from illdesk.models import Event
from requests_app.copyright import listing
from requests_app.copyright.subscriptions import REASONS, REFUSALS, lines, loads, stored
from requests_app.forms.subscriptions import FileForm, SubscriptionForm
from requests_app.models import Subscription, SubscriptionLoad
from requests_app.verification import coverage
from requests_app.views.copyright import side

A_PAGE, _LOADS_SHOWN, _PROBLEMS_SHOWN = 50, 10, 200
STANDINGS = {
    "in_force": gettext_lazy("in force"), "entered": gettext_lazy("ordered, not begun"),
    "ended": gettext_lazy("ended"),
}
# What a column of a file is taken for, as the form names it.
_LABELS = {name: field.label for name, field in SubscriptionForm.base_fields.items()} | {
    "oclc": gettext_lazy("OCLC number")}
_SHAPES = {"in_force": "ended_ok", "entered": "others", "cancelled": "ended_not", "": "others"}


@needs("see_copyright")
@require_safe
def subscriptions(request):
    asked = _asked(request)
    page = Paginator(stored.found(**asked), A_PAGE).get_page(request.GET.get("page"))
    side.set_side(request, "copyright_subscriptions")
    context = asked | {
        "page": page, "rows": [_shown(row, asked["day"]) for row in page], "standings": STANDINGS.items(),
        "may_change": request.user.may("manage_copyright"), "forms": ("csv", "xlsx"),
    }
    return render(request, "requests_app/copyright/subscriptions.html", context)


def _asked(request) -> dict:
    standing = request.GET.get("standing", "")
    return {
        "text": request.GET.get("q", "").strip()[:200], "standing": standing if standing in STANDINGS else "",
        "day": timezone.localdate(),
    }


def _shown(row: Subscription, day) -> dict:
    standing = row.standing(day)
    return {
        "row": row, "numbers": [listing.shown(one.key) for one in row.numbers.all()], "shape": _SHAPES[standing],
        "standing": STANDINGS.get({"cancelled": "ended", "": "entered"}.get(standing, standing)), "covers": covers(row),
    }


class _Covered:
    """A subscription as `coverage` reads it: without volumes."""

    first_volume = first_issue = last_volume = last_issue = ""
    depth = "fulltext"

    def __init__(self, row: Subscription):
        self.first_date, self.last_date, self.embargo = row.covers_from, row.covers_to, row.embargo


def covers(row: Subscription) -> str:
    return coverage.words(_Covered(row)) if row.covers_from or row.covers_to or row.embargo else ""


@needs("see_copyright")
@require_safe
def export(request, form: str):
    head = [_("Title"), _("Kind"), _("Numbers"), _("Form"), _("State"), _("Order entered on"), _("In force since"),
            _("Ends on"), _("Covers from"), _("Covers up to"), _("Embargo"), _("Supplier"), _("Note")]
    day = timezone.localdate()
    rows = (
        (one["row"].name, one["row"].get_kind_display(), "; ".join(one["numbers"]), one["row"].get_form_display(),
         one["standing"], one["row"].ordered, one["row"].begins, one["row"].ends, one["row"].covers_from,
         one["row"].covers_to, one["row"].embargo, one["row"].supplier, one["row"].note)
        for one in (_shown(row, day) for row in stored.found(**_asked(request)).iterator(chunk_size=1000))
    )
    return exports.file(form, f"subscriptions-{day}", head, rows)


@needs("manage_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int = 0):
    """One by hand. What came from a file is changed in its own system: the next file would take it back."""
    row = get_object_or_404(Subscription.objects.counting().select_related("load"), pk=pk) if pk else Subscription()
    name, from_file = row.name, row.load_id is not None
    form = SubscriptionForm(request.POST if request.method == "POST" else None, instance=row)
    if request.method == "POST" and not from_file and form.is_valid():
        saved = stored.keep(
            form.save(), form.cleaned_data["numbers"], fields=form.changed_data, actor=actors.staff(request.user),
            now=timezone.now(),
        )
        done = _("%(name)s is stored. It holds for requests from now on; what was counted stays.")
        messages.success(request, done % {"name": saved.name})
        return redirect("copyright_subscriptions")
    side.set_side(request, "copyright_subscriptions")
    row = Subscription.objects.select_related("load").get(pk=pk) if pk else row
    first = row.ordered or row.begins
    keys = [one.key for one in row.numbers.all()] if pk else []
    context = {
        "form": form, "subscription": row, "heading": name if pk else _("Add a subscription or an order"),
        "from_file": from_file, "shown": _shown(row, timezone.localdate()) if pk else None,
        "issns": "\n".join(key.partition(":")[2] for key in keys if key.startswith("issn:")),
        "since": listing.since(keys, first) if keys and first else [], "first": first,
        "history": Event.objects.filter(subject_kind="subscription", subject_id=pk).select_related("actor").order_by(
            "-pk")[:20] if pk else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/copyright/subscription.html", context, status=status)


# --- a file of many ---------------------------------------------------------------------------------------------------


@needs("manage_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request):
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = loads.draft(file.read(), name=file.name, actor=actors.staff(request.user), now=timezone.now())
            return redirect("copyright_subscription_load", row.pk)
        except lines.NotReadable as refusal:
            form.add_error("file", str(REFUSALS[refusal.code]) % {"about": refusal.about or "—"})
    side.set_side(request, "copyright_subscriptions")
    context = {
        "form": form, "loads": SubscriptionLoad.objects.select_related("by").defer("problems")[:_LOADS_SHOWN],
        "columns": [(_LABELS[field], names) for field, names in lines.names()],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/copyright/subscription_import.html", context, status=status)


@needs("manage_copyright")
@require_safe
def load(request, pk: int):
    row = get_object_or_404(SubscriptionLoad.objects.select_related("by", "decided_by"), pk=pk)
    return _load_page(request, row)


def _load_page(request, row: SubscriptionLoad, refusal: str = ""):
    side.set_side(request, "copyright_subscriptions")
    day = timezone.localdate()
    page = Paginator(row.subscriptions.prefetch_related("numbers").order_by("line", "pk"), A_PAGE).get_page(
        request.GET.get("page"))
    problems = loads.left_out(row)
    context = {
        "load": row, "refusal": refusal, "page": page, "rows": [_shown(one, day) for one in page],
        "problems": [(line, REASONS.get(code, code), about, kept) for line, code, about, kept in
                     problems[:_PROBLEMS_SHOWN]],
        "more_problems": max(0, len(problems) - _PROBLEMS_SHOWN), "draft": row.state == SubscriptionLoad.DRAFT,
        "columns": [(_LABELS.get(field, field), ", ".join(names)) for field, names in row.columns.items()
                    if field != "ignored"],
        "ignored": row.columns.get("ignored", []),
    }
    return render(request, "requests_app/copyright/subscription_load.html", context, status=409 if refusal else 200)


@needs("manage_copyright")
@require_POST
def decide(request, pk: int, what: str):
    row = get_object_or_404(SubscriptionLoad.objects.select_related("by", "decided_by"), pk=pk)
    actor, now = actors.staff(request.user), timezone.now()
    try:
        if what == "confirm":
            loads.confirm(row, actor=actor, now=now, half_is_right="half" in request.POST)
            messages.success(request, _("The file is in force from now on. What was counted before stays as it is."))
            return redirect("copyright_subscriptions")
        if what == "discard":
            loads.discard(row, actor=actor, now=now)
            messages.info(request, _("The file is thrown away. What counted before counts on."))
            return redirect("copyright_subscription_import")
    except NotAllowed as told:
        row.refresh_from_db()
        return _load_page(request, row, str(told))
    raise Http404
