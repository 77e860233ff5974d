"""Forms of batches: paid, sent back, not paid after all, and where they go."""

import uuid
from collections.abc import Sequence
from typing import cast

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.batches.models import Batch, BatchLine, BatchSettings
from billing.fiscal import NearDay
from illdesk.forms import Plain


class ForwardForm(Plain, forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, **kwargs):
        super().__init__(data, initial={"key": uuid.uuid4()}, **kwargs)


class PayForm(Plain, forms.Form):
    """A day for all, and for each batch its own reference, with the version that was seen."""

    day = NearDay(label=_("paid on"))
    same = forms.BooleanField(label=_("One payment settled both batches"), required=False)

    def __init__(self, batches: Sequence[Batch], data=None, **kwargs):
        super().__init__(data, **kwargs)
        self.batches = batches
        for row in batches:
            self.fields[f"reference_{row.pk}"] = forms.CharField(
                label=gettext("Reference for %(batch)s") % {"batch": row.number}, max_length=60,
                error_messages={"required": gettext("Enter this: %(field)s.") % {
                    "field": gettext("Reference for %(batch)s") % {"batch": row.number}}},
                widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}))
            self.fields[f"version_{row.pk}"] = forms.IntegerField(
                min_value=0, widget=forms.HiddenInput, initial=row.version)

    @cached_property
    def rows(self):
        """(batch, its field) for the page."""
        return [(row, self[f"reference_{row.pk}"], self[f"version_{row.pk}"]) for row in self.batches]

    def wanted(self) -> list[tuple[Batch, int, str]]:
        given = self.cleaned_data
        return [(row, given[f"version_{row.pk}"], given[f"reference_{row.pk}"]) for row in self.batches]


class BackForm(Plain, forms.Form):
    lines = forms.ModelMultipleChoiceField(label=_("lines"), queryset=BatchLine.objects.none())
    why = forms.CharField(
        label=_("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("The department reads it at once; it stands in the conversation and beside the lines."))
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    shown = forms.CharField(required=False, widget=forms.HiddenInput)  # keys of the lines that stood there to be ticked

    def __init__(self, batch: Batch, data=None, **kwargs):
        self.number = batch.number
        self.now = {"version": str(batch.version), "shown": ",".join(
            str(pk) for pk in batch.lines.filter(state=BatchLine.FORWARDED).values_list("pk", flat=True))}
        super().__init__(data, initial=dict(self.now), **kwargs)
        lines = cast(forms.ModelMultipleChoiceField, self.fields["lines"])
        lines.queryset = batch.lines.filter(state=BatchLine.FORWARDED)
        lines.error_messages["required"] = _("Tick the lines that go back.")
        lines.error_messages["invalid_choice"] = _(
            "A ticked line was sent back or paid meanwhile, and is not shown any more. Look at the lines again.")

    def clean(self):
        """What was ticked among other lines than there are now may be another line than whoever ticked it meant."""
        super().clean()
        if self.stale and "lines" not in self.errors:
            raise forms.ValidationError(gettext(
                "Other lines of %(batch)s wait to be paid now than when this page was opened. Nothing was changed, and "
                "nothing is ticked any more; look at the lines, and tick again.") % {"batch": self.number})
        return self.cleaned_data

    @property
    def stale(self) -> bool:
        return self.data.get("shown", "") != self.now["shown"]

    def show_anew(self, batch: Batch) -> None:
        """With its lines as they are now, none ticked; the reason that was typed stays."""
        kept = {name: value for name, value in self.data.items() if name != "lines"}
        self.data = kept | BackForm(batch).now


class UnpaidForm(Plain, forms.Form):
    why = forms.CharField(label=_("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
                          help_text=_("What was entered is reversed; the batch stands as approved again."))
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class DecideForm(Plain, forms.Form):
    why = forms.CharField(label=_("reason"), max_length=300, required=False)
    version = forms.IntegerField(min_value=0)


class OfficeForm(Plain, forms.ModelForm):
    class Meta:
        model = BatchSettings
        fields = ["office", "email"]
        help_texts = {"email": _("Letters about batches and new messages go there; empty, none are sent.")}
