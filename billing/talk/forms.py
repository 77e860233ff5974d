import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.talk.models import Thread
from illdesk.forms import Plain


class MessageForm(Plain, forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("message"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        strip=True,
    )
    file = forms.FileField(label=_("file"), required=False)
    waiting_for = forms.ChoiceField(
        label=_("waiting for"), required=False, choices=Thread.WAITING,
        help_text=_("It is noted here and in the list of conversations; the payee gets no letter."))
    until = forms.DateField(label=_("answer by"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data=None, files=None, *, shared: bool = True, **kwargs):
        """`shared`: the budget office reads it; else it is a note of the department."""
        kwargs["initial"] = {"key": uuid.uuid4()} | kwargs.pop("initial", {})
        super().__init__(data, files, **kwargs)
        if shared:
            self.fields["text"].help_text = _("Both sides read it, interlibrary loan and the budget office: no names "
                                              "of patrons, no titles.")
        else:
            self.fields["text"].label = _("Note")
            self.fields["text"].help_text = _("Your colleagues read it, the budget office does not: it reads only what "
                                              "is written after this was forwarded. No names of patrons, no titles.")
            left = [one for one in Thread.WAITING if one[0] != Thread.BUDGET]
            self.fields["waiting_for"].choices = left  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self):
        super().clean()
        given = self.cleaned_data
        if given.get("until") and not given.get("waiting_for"):
            self.add_error("waiting_for", _("Say who is to answer by this day."))
        return given
