"""Calendars: by which days a channel or a partner library counts its days to answer."""

from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, ProtectedError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, events
from illdesk.calendars import NeverOpen
from illdesk.errors import NotAllowed
from illdesk.forms import Plain
from illdesk.http import needs
from illdesk.models import Calendar, ClosedDay
from illdesk.models.calendar import days_of

WEEKDAYS = [
    ("1", gettext_lazy("Monday")), ("2", gettext_lazy("Tuesday")), ("3", gettext_lazy("Wednesday")),
    ("4", gettext_lazy("Thursday")), ("5", gettext_lazy("Friday")), ("6", gettext_lazy("Saturday")),
    ("7", gettext_lazy("Sunday")),
]
# How many days to answer the preview shows; what OCLC offers, up to two weeks.
PREVIEW = (1, 2, 4, 8, 12)
_LONGEST = 3660


class CalendarForm(Plain, forms.ModelForm):
    time_zone = forms.ChoiceField(label=gettext_lazy("time zone"))
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("working days"), choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one day: else nothing is ever due.")},
    )

    class Meta:
        model = Calendar
        fields = ["name", "time_zone", "counting", "weekdays"]
        widgets = {"counting": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zones: forms.ChoiceField = self.fields["time_zone"]  # type: ignore[assignment]
        zones.choices = [(zone, zone) for zone in sorted(available_timezones())]
        if self.instance.pk:
            self.initial["weekdays"] = list(self.instance.weekdays)
        else:
            self.initial.setdefault("time_zone", timezone.get_default_timezone_name())
            self.initial["weekdays"] = list("12345")

    def clean_weekdays(self):
        return "".join(sorted(self.cleaned_data["weekdays"]))


class ClosedDayForm(Plain, forms.ModelForm):
    last = forms.DateField(
        label=gettext_lazy("last day"), required=False, help_text=gettext_lazy("Empty: one day only."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = ClosedDay
        fields = ["first", "last", "name"]
        widgets = {"first": forms.DateInput(attrs={"type": "date"})}

    def clean(self):
        super().clean()
        first = self.cleaned_data.get("first")
        last = self.cleaned_data.get("last") or first
        if first and last:
            if last < first:
                self.add_error("last", _("The last day lies before the first."))
            elif (last - first).days > _LONGEST:
                self.add_error("last", _("That is longer than ten years: leave the calendar out of use instead."))
        self.cleaned_data["last"] = last
        return self.cleaned_data


@needs("manage_settings")
@require_safe
def listing(request):
    rows = Calendar.objects.annotate(closed=Count("closed_days"))
    return render(request, "illdesk/calendars.html", {"calendars": rows})


@needs("manage_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request, pk: int = 0):
    row = get_object_or_404(Calendar, pk=pk) if pk else Calendar()
    form = CalendarForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            _note(request, "calendar.changed" if pk else "calendar.added", saved, fields=sorted(form.changed_data))
        messages.success(request, _("%(name)s is stored. It holds for what is sent from now on.") % {"name": saved})
        return redirect("settings_calendar", saved.pk)
    return _page(request, pk, form, _day_form())


@needs("manage_settings")
@require_POST
def close(request, pk: int):
    row = get_object_or_404(Calendar, pk=pk)
    form = _day_form(request.POST, instance=ClosedDay(calendar=row))
    if not form.is_valid():
        return _page(request, pk, CalendarForm(instance=row), form)
    with transaction.atomic():
        saved = form.save()
        _note(request, "calendar.closed_day", row, first=saved.first.isoformat(), last=saved.last.isoformat())
    messages.success(request, _("The days are closed in %(name)s.") % {"name": row})
    return redirect("settings_calendar", pk)


@needs("manage_settings")
@require_POST
def reopen(request, pk: int, day: int):
    row = get_object_or_404(ClosedDay.objects.select_related("calendar"), pk=day, calendar=pk)
    with transaction.atomic():
        _note(
            request, "calendar.opened_day", row.calendar, first=row.first.isoformat(), last=row.last.isoformat()
        )
        row.delete()
    messages.success(request, _("The days count again in %(name)s.") % {"name": row.calendar})
    return redirect("settings_calendar", pk)


@needs("manage_settings")
@require_POST
def remove(request, pk: int):
    row = get_object_or_404(Calendar, pk=pk)
    try:
        with transaction.atomic():
            _note(request, "calendar.removed", row)
            row.delete()
    except ProtectedError as failure:
        users = ", ".join(sorted(str(one) for one in failure.protected_objects)[:5])
        raise NotAllowed(_("%(name)s is used by: %(users)s. Choose another calendar there first.") % {
            "name": row, "users": users}) from failure
    messages.success(request, _("%(name)s is removed.") % {"name": row})
    return redirect("settings_calendars")


def _day_form(*args, **kwargs) -> ClosedDayForm:
    """Beside the calendar's own form: its ids must differ."""
    return ClosedDayForm(*args, auto_id="closed_%s", **kwargs)


def _page(request, pk: int, form, day_form):
    row = Calendar.objects.prefetch_related("closed_days").filter(pk=pk).first()
    context = {
        "form": form, "day_form": day_form, "calendar": row, "now": timezone.now(), "today": timezone.localdate(),
    }
    if row is not None:
        context |= _preview(row, context["now"])
    return render(request, "illdesk/calendar.html", context, status=422 if request.method == "POST" else 200)


def _preview(row: Calendar, now) -> dict:
    days = days_of(row)
    try:
        # Without a zone, so that the page shows the hour of the calendar and not of the reader.
        found = [(n, days.deadline(now, n).astimezone(days.zone).replace(tzinfo=None)) for n in PREVIEW]
    except NeverOpen as never:
        return {"never": str(never)}
    return {"preview": found}


def _note(request, event: str, row: Calendar, **data) -> None:
    events.record(
        event, subject=("calendar", row.pk), actor=actors.staff(request.user), now=timezone.now(), data=data
    )
