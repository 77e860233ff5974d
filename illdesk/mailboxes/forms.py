from django import forms
from django.utils.translation import gettext_lazy as _

from illdesk.forms import Plain
from illdesk.mailboxes import words
from illdesk.mailboxes.models import Mailbox


class MailboxForm(Plain, forms.ModelForm):
    """The password is never shown again: left empty it stays."""

    new_password = forms.CharField(
        label=_("password"), max_length=300, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    purpose = forms.ChoiceField(label=_("what it is for"), choices=words.choices)

    class Meta:
        model = Mailbox
        fields = ["name", "purpose", "host", "port", "security", "user", "folder", "done_folder", "since", "active"]
        widgets = {"since": forms.DateInput(attrs={"type": "date"})}

    field_order = ["name", "purpose", "host", "port", "security", "user", "new_password", "folder", "done_folder",
                   "since", "active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.password:
            self.fields["new_password"].help_text = _("One is stored. Leave this empty to keep it.")

    def clean_host(self):
        host = self.cleaned_data["host"].strip().lower()
        if "/" in host or " " in host or (":" in host.strip("[]") and not host.startswith("[")):
            raise forms.ValidationError(_("Enter the name of the server only, for example imap.library.edu."))
        return host

    def clean_port(self):
        port = self.cleaned_data["port"]
        if not 1 <= port <= 65535:
            raise forms.ValidationError(_("A port is a number from 1 to 65535."))
        return port

    def clean(self):
        super().clean()
        given = self.cleaned_data
        folder, done = given.get("folder"), given.get("done_folder")
        if folder and done and folder == done:
            self.add_error("done_folder", _("What was taken in cannot be moved to the folder it comes from."))
        # A stored password goes to no other server than the one it was entered for.
        before = self.instance
        if before.pk and before.password and not given.get("new_password"):
            was = Mailbox.objects.get(pk=before.pk)
            if (given.get("host"), given.get("user")) != (was.host, was.user):
                self.add_error("new_password", _("Enter the password again for another server or user."))
        return given

    def save(self, commit=True):
        row = super().save(commit=False)
        if self.cleaned_data.get("new_password"):
            row.password = self.cleaned_data["new_password"]
        if commit:
            row.save()
        return row
