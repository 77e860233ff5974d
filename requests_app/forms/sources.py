"""What a library sets for one source of verification: the fields are those the source itself names."""

from typing import Any

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from requests_app.models import SourceSetting
from requests_app.verification.sources import Option, Source

_COLUMNS = ("url", "key", "secret")


class SourceForm(forms.Form):
    """`on` first, then the source's own options. A secret is never shown again; empty keeps the one that is stored."""

    on = forms.BooleanField(label=_("Ask this source"), required=False)

    def __init__(self, data=None, *, source: Source, row: SourceSetting):
        self.source, self.row = source, row
        super().__init__(data, initial={"on": row.on} | {one.name: _stored(row, one) for one in source.options
                                                         if not one.secret})
        for one in source.options:
            self.fields[one.name] = self._field(one)

    def _field(self, one: Option) -> forms.Field:
        has = bool(_stored(self.row, one))
        optional = not one.required or one.default or (one.secret and has)
        name = capfirst(one.label)
        label = format_lazy("{} {}", name, _("(optional)")) if optional and not (one.secret and has) else name
        helps = [text for text in (one.help, _("Usually %(default)s.") % {"default": one.default} if one.default
                                   else "") if text]
        if one.secret and has:
            helps.append(_("One is stored. Leave it empty to keep it."))
        widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"})
        if one.secret:
            widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        return forms.CharField(
            label=label, required=False, max_length=500, help_text=format_lazy(" ".join("{}" for _x in helps), *helps),
            widget=widget,
        )

    def clean(self):
        super().clean()
        given = self.cleaned_data
        for one in self.source.options:
            value = given.get(one.name, "")
            if one.name == "url" and value and (why := _no_address(self.source, value)):
                self.add_error("url", why)
            missing = one.required and not one.default and not value and not (one.secret and _stored(self.row, one))
            if given.get("on") and missing:
                self.add_error(one.name, _("Without this it cannot be asked: %(field)s.") % {"field": one.label})
        return given

    def save(self) -> SourceSetting:
        """Only what was changed: a check that runs meanwhile takes turns and keeps a token in the same row."""
        row, given = self.row, self.cleaned_data
        before = {name: getattr(row, name) for name in (*_COLUMNS, "options")}
        row.on = given["on"]
        for one in self.source.options:
            value = given[one.name].strip()
            if one.secret and not value:
                continue
            if one.name in _COLUMNS:
                setattr(row, one.name, value)
            else:
                row.options = {**row.options, one.name: value}
        changed = [name for name, value in before.items() if getattr(row, name) != value]
        if changed:
            row.kept = ""  # a token of other settings is of no use
            changed.append("kept")
        row.save(update_fields=["on", *changed] if row.pk else None)
        return row

    def changed(self) -> dict[str, Any]:
        """Names of what changed, for the event; never a value of a secret."""
        return {name: bool(self.cleaned_data[name]) if name == "on" else True for name in self.changed_data}


def _no_address(source: Source, value: str) -> Any:
    """Why this cannot be its address; '' when it can. A source that is not asked over HTTP knows its own."""
    if own := getattr(source, "no_address", None):
        return own(value)
    return "" if value.lower().startswith(("http://", "https://")) else _(
        "Enter the whole address, beginning with https://.")


def _stored(row: SourceSetting, one: Option) -> str:
    return getattr(row, one.name) if one.name in _COLUMNS else row.options.get(one.name, "")
