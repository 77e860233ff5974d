"""Settings of the local billing system, and the file of acknowledgements."""

from pathlib import Path

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.local.models import LocalSystem
from billing.local.systems import OPTIONS
from illdesk.forms import Plain


class SystemForm(Plain, forms.ModelForm):
    """The stored key is never shown; empty keeps it. Further fields are those of the kind."""

    new_key = forms.CharField(label=_("key"), required=False, max_length=500,
                              widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    class Meta:
        model = LocalSystem
        fields = ["kind", "after_days", "url"]
        widgets = {"url": forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"})}

    def __init__(self, data=None, *, instance: LocalSystem, kind: str):
        super().__init__(data, instance=instance)
        self.kind = kind
        self.initial["kind"] = kind
        self.fields["kind"].widget = forms.HiddenInput()
        self.options = OPTIONS[kind]
        if kind not in (LocalSystem.ALMA, LocalSystem.NCIP):
            del self.fields["url"]
        else:
            self.fields["url"].label = _("Address")
        if kind != LocalSystem.ALMA:
            del self.fields["new_key"]
        elif instance.key:
            self.fields["new_key"].help_text = _("One is stored. Leave it empty to keep it.")
        for one in self.options:
            self.fields[f"option_{one.name}"] = forms.CharField(
                label=one.label, required=False, max_length=300, help_text=one.help,
                initial=instance.option(one.name, one.default), widget=forms.TextInput(attrs={"dir": "ltr"}))

    def clean(self):
        super().clean()
        given = self.cleaned_data
        url = (given.get("url") or "").strip()
        if "url" in self.fields and not url.lower().startswith(("http://", "https://")):
            self.add_error("url", _("Enter the whole address, beginning with https://."))
        if "new_key" in self.fields and not given.get("new_key") and not self.instance.key:
            self.add_error("new_key", _("Without its key nothing can be handed over."))
        folder = (given.get("option_folder") or "").strip()
        if folder and not (Path(folder).is_absolute() and Path(folder).is_dir()):
            self.add_error("option_folder", _("There is no such folder on this machine."))
        return given

    def save(self, commit=True) -> LocalSystem:
        row, given = self.instance, self.cleaned_data
        row.pk, row.kind = 1, self.kind
        if given.get("new_key"):
            row.key = given["new_key"]
        row.options = {**row.options, **{one.name: given[f"option_{one.name}"].strip() for one in self.options}}
        row.save()
        return row


class AnswerFileForm(Plain, forms.Form):
    file = forms.FileField(label=_("file of acknowledgements"), help_text=_(
        "CSV; the first line names its columns: number, state (accepted, refused, paid, cancelled), reference, paid, "
        "open, words."))
