"""A new version of one of the library's own texts on copyright."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from illdesk.forms import Plain
from requests_app.copyright import notices
from requests_app.copyright.rules import PRESET_LABELS
from requests_app.copyright.texts import LOCKED
from requests_app.models import CopyrightText

MOST = 6000


class WhichTextForm(Plain, forms.Form):
    """Which text is written anew; sent by GET."""

    kind = forms.ChoiceField(label=_("text"), choices=CopyrightText.KINDS)
    rules = forms.ChoiceField(label=_("rules"), choices=list(PRESET_LABELS.items()))
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)

    def clean(self):
        super().clean()
        if (self.cleaned_data.get("kind"), self.cleaned_data.get("rules")) in LOCKED:
            raise forms.ValidationError(_("The law prescribes this text; it cannot be changed."))
        return self.cleaned_data


class TextForm(Plain, forms.Form):
    text = forms.CharField(
        label=_("text"), max_length=MOST, widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "true"}),
        error_messages={"max_length": _("The text is longer than %(limit_value)d signs. Shorten it.")},
    )
    valid_from = forms.DateField(
        label=_("valid from"), widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Requests that were signed or sent before keep the text they had."),
        error_messages={"invalid": _("Enter a date, for example 2026-12-04.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=-1)

    def clean_text(self):
        return self.cleaned_data["text"].replace("\r\n", "\n").replace("\x00", "")


class CheckForm(forms.Form):
    """What an administrator found in the official text."""

    what = forms.CharField(max_length=40)
    version = forms.CharField(max_length=40)
    wording = forms.ChoiceField(choices=list(notices.WORDINGS.items()), required=False)
