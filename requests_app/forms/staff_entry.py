"""A request that staff enter for a patron who telephoned, wrote, or stood at the desk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.actions.intake import CAME
from requests_app.copyright import notices
from requests_app.forms import declaration
from requests_app.forms.new_request import NewRequestForm
from requests_app.models import Declaration

_FIRST = ("came", "warning_shown")


class StaffEntryForm(NewRequestForm):
    """The patron's own form; besides, how it came and, for a copy, how the patron saw the warning (C9)."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["came"] = forms.ChoiceField(
            label=_("How did it come?"), choices=list(CAME.items()), widget=forms.RadioSelect,
            error_messages={"required": _("Say how the request came.")},
        )
        if self.is_copy and self.texts is not None and self.texts.version:
            self.fields["warning_shown"] = forms.ChoiceField(
                label=_("How did the patron see the warning concerning copyright?"), widget=forms.RadioSelect,
                choices=[row for row in notices.SHOWN.items() if row[0] != "web"],
                error_messages={"required": _("Say how the patron saw the warning: a copy cannot be asked for "
                                              "without it.")},
            )
        self.order_fields([*_FIRST, *(name for name in self.fields if name not in _FIRST)])
        self.fields["note"].label = _("What the patron said (optional)")
        if self.asks_to_sign:
            self.fields["declared"].label = _("A paper with this text, signed by the patron, lies before me.")
            self.fields["signature"].label = _("Name of who signed it")
            self.fields["signed_on"] = forms.DateField(
                label=_("Signed on"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
                error_messages={"invalid": _("Enter a date, for example 2026-12-04.")},
            )

    def plain_fields(self):
        return [field for field in super().plain_fields() if field.name != "signed_on"]

    def declaration_fields(self):
        return [*super().declaration_fields(), self["signed_on"]] if self.asks_to_sign else []

    def clean_signed_on(self):
        day = self.cleaned_data["signed_on"]
        if day and day > self.today:
            raise forms.ValidationError(_("The day of the signature lies in the future."))
        return day

    def signed(self):
        if not self.asks_to_sign:
            return None
        return declaration.signed(self, today=self.today, channel=Declaration.PAPER)

    def said(self) -> dict:
        """What `intake.ask` is told beyond what the patron's own form says."""
        shown = self.cleaned_data.get("warning_shown", "")
        version = self.texts.version if shown and self.texts is not None else ""
        return {"came": self.cleaned_data["came"], "warning_shown": shown, "warning_version": version,
                "signed": self.signed()}
