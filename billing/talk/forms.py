import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.talk.models import Thread
from illdesk.forms import Plain


class MessageForm(Plain, forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("message"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Both sides read it: no names of patrons, no titles."), strip=True,
    )
    file = forms.FileField(label=_("file"), required=False)
    waiting_for = forms.ChoiceField(label=_("waiting for"), required=False, choices=Thread.WAITING)
    until = forms.DateField(label=_("answer by"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data=None, files=None, **kwargs):
        kwargs["initial"] = {"key": uuid.uuid4()} | kwargs.pop("initial", {})
        super().__init__(data, files, **kwargs)

    def clean(self):
        super().clean()
        given = self.cleaned_data
        if given.get("until") and not given.get("waiting_for"):
            self.add_error("waiting_for", _("Say who is to answer by this day."))
        return given
