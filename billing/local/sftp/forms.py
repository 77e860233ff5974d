"""Settings of the SFTP server."""

import posixpath
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from billing.local.models import LocalSystem
from billing.local.sftp import keys
from billing.local.sftp.models import SftpServer
from illdesk.forms import Plain

_BARE: dict[str, Any] = {"dir": "ltr", "autocomplete": "off"}
_WHY = {
    "putty": _("This is a key in PuTTY’s form. Export it in PuTTYgen as an OpenSSH key, and paste that."),
    "public": _("This is the public half. Paste the private key; it begins with -----BEGIN."),
    "passphrase": _("The passphrase of this key is missing or wrong."),
    "weak": _("Servers no longer take keys of this kind. Use Ed25519, ECDSA, or RSA with at least 2048 bits."),
    "unreadable": _("This is no private key. Paste all of it, from -----BEGIN to the last line."),
}


class SftpForm(Plain, forms.ModelForm):
    """What is stored is never shown again: left empty it stays."""

    after_days = LocalSystem._meta.get_field("after_days").formfield(validators=[MaxValueValidator(365)])
    new_password = forms.CharField(
        label=_("password"), max_length=300, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    new_private_key = forms.CharField(
        label=_("private key"), max_length=20_000, required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", **_BARE}),
        help_text=_("Instead of a password, or with it where the server asks for both."))
    passphrase = forms.CharField(
        label=_("passphrase of the private key"), max_length=300, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    class Meta:
        model = SftpServer
        fields = ["host", "port", "user", "out_folder", "in_folder", "done_folder"]
        widgets = {name: forms.TextInput(attrs=_BARE)
                   for name in ("host", "user", "out_folder", "in_folder", "done_folder")}

    field_order = ["after_days", "host", "port", "user", "new_password", "new_private_key", "passphrase", "out_folder",
                   "in_folder", "done_folder"]

    def __init__(self, data=None, *, instance: SftpServer, system: LocalSystem):
        self.was = (instance.host, instance.port, instance.user)
        super().__init__(data, instance=instance)
        self.initial["after_days"] = system.after_days
        if instance.password:
            self.fields["new_password"].help_text = _("One is stored. Leave it empty to keep it.")
        if instance.private_key:
            self.fields["new_private_key"].help_text = _("One is stored. Leave it empty to keep it.")

    def clean_host(self):
        host = self.cleaned_data["host"].strip().lower()
        if not host.isprintable() or any(one in host for one in "/@ ") or host.count(":") == 1:
            raise forms.ValidationError(_("Enter the name of the server only, for example sftp.bursar.edu."))
        return host.strip("[]")

    def clean_port(self):
        port = self.cleaned_data["port"]
        if not 1 <= port <= 65535:
            raise forms.ValidationError(_("A port is a number from 1 to 65535."))
        return port

    def _folder(self, name: str) -> str:
        """As posixpath has it; "" for where one is after signing in."""
        given = self.cleaned_data[name].strip()
        return "" if given in ("", ".", "./") else posixpath.normpath(given)

    def clean_out_folder(self):
        return self._folder("out_folder")

    def clean_in_folder(self):
        return self._folder("in_folder")

    def clean_done_folder(self):
        return self._folder("done_folder")

    def clean(self):
        super().clean()
        given = self.cleaned_data
        if given.get("out_folder") == given.get("in_folder"):
            self.add_error("in_folder", _("Our own files would be read as acknowledgements. Name another folder."))
        if given.get("done_folder") and given.get("done_folder") == given.get("in_folder"):
            self.add_error("done_folder", _("What was read cannot be moved to the folder it comes from."))
        self._key(given)
        row = self.instance
        other = any(self.was) and (given.get("host"), given.get("port"), given.get("user")) != self.was
        if not given.get("new_password") and not given.get("new_private_key"):
            # What is stored goes to no other server or user than the one it was entered for.
            if other and (row.password or row.private_key):
                self.add_error("new_password", _("Enter the password or the key again for another server or user."))
            elif not row.password and not row.private_key:
                self.add_error("new_password", _("Enter a password or a private key."))
        self.other = other
        return given

    def _key(self, given: dict[str, Any]) -> None:
        self.pair = ("", "")
        if not given.get("new_private_key"):
            return
        try:
            self.pair = keys.normal(given["new_private_key"], given.get("passphrase") or "")
        except keys.NotUsable as failure:
            self.add_error("passphrase" if str(failure) == "passphrase" else "new_private_key", _WHY[str(failure)])

    def filled(self) -> SftpServer:
        """The row as it is to be stored. For another server or user only what was entered now is kept."""
        row, given = self.instance, self.cleaned_data
        if self.other:
            row.password = row.private_key = row.public_key = ""
        if given.get("new_password"):
            row.password = given["new_password"]
        if self.pair[0]:
            row.private_key, row.public_key = self.pair
        return row

    @property
    def moved(self) -> bool:
        """Another server, whose key nobody has looked at."""
        return (self.instance.host, self.instance.port) != self.was[:2]
