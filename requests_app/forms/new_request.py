"""The form for a new request: per kind the fields it needs, and for a copy what is read and signed before."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise, lazystr
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from illdesk.models import Branch
from requests_app import lifecycle
from requests_app.copyright.declarations import Signed
from requests_app.copyright.texts import OnForm
from requests_app.forms import declaration
from requests_app.forms.kinds import COPIES, FIELDS
from requests_app.models import Citation
from requests_app.verification import identifiers

LONGEST = 1000
# Hidden until needed: doubts that the patron may overrule.
_DOUBTS = ("isbn_as_is", "issn_as_is", "again")
_HIDDEN = (*_DOUBTS, *declaration.FIELDS, "all_the_same", "form_key", "pasted")
# What a link brought along, or the form for another kind asked for, is kept although this kind does not ask for it.
CARRIED = ("isbn", "issn", "doi", "pmid", "pmcid", "oclc", "lccn", "arxiv", "series", "place")


_AS_IS = {"isbn": _("Send this ISBN as it is"), "issn": _("Send this ISSN as it is")}


class NewRequestForm(forms.Form):
    """`kind` decides the fields. Spaces, hyphens and full-width digits are accepted; nothing typed is lost.

    `texts`: what copyright asks to be shown; its declaration (C20) may be signed here or later.
    """

    form_key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, data=None, *, kind: str, pickup: Branch | None = None, today: date,
                 texts: OnForm | None = None, **kwargs):
        super().__init__(data, **kwargs)
        self.kind, self.today, self.texts = kind, today, texts
        self.fields["form_key"].initial = uuid.uuid4().hex
        for asked in FIELDS[kind]:
            self.fields[asked.name] = forms.CharField(
                label=lazystr(asked.label if asked.required else _optional(asked.label)),
                required=asked.required,
                max_length=LONGEST,
                help_text=_where(asked.where) if asked.where else "",
                error_messages={
                    "required": _("Enter this: %(field)s.") % {"field": asked.label},
                    "max_length": _("This is longer than %(limit_value)d characters. Shorten it; the rest can go "
                                    "into the note below."),
                },
                widget=forms.TextInput(
                    attrs={"inputmode": "numeric"} if asked.numeric else {"dir": "auto", "autocomplete": "off"}
                ),
            )
            self.fields[asked.name].widget.attrs.pop("maxlength", None)
        if kind in ("book", "score", "film"):
            self.fields["any_edition"] = forms.BooleanField(label=_("Another edition will do"), required=False)
        if self.is_copy:
            self.fields["manuscript_ok"] = forms.BooleanField(
                label=_("The author’s accepted manuscript will do"), required=False
            )
        self.fields["languages"] = forms.CharField(
            label=_("Languages that are fine (optional)"), required=False, max_length=200,
            help_text=_("If a translation will do, or only some languages: for example English, Spanish."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        self.fields["need_by"] = forms.DateField(
            label=_("Needed by (optional)"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
            error_messages={"invalid": _("Enter a date, for example 2026-12-04.")},
        )
        if not self.is_copy:
            places = Branch.objects.filter(pickup=True, active=True)
            self.fields["branch"] = forms.ModelChoiceField(
                label=_("Pick up at"), queryset=places, initial=pickup, empty_label=None,
                required=places.exists(),  # a desk that has not named its places yet still takes requests
            )
        self.fields["note"] = forms.CharField(
            label=_("Anything we should know? (optional)"), required=False, max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        )
        if self.asks_to_sign:
            declaration.add(self, texts.declaration, texts.rules.code)  # type: ignore[union-attr,arg-type]
        # Longer than what may be pasted: a browser sends each end of a line as two characters.
        self.fields["pasted"] = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)
        self.doubts: dict[str, str | Promise] = {}
        for name in _DOUBTS:
            self.fields[name] = forms.BooleanField(required=False)
        self.fields["all_the_same"] = forms.CharField(required=False)

    @property
    def is_copy(self) -> bool:
        return self.kind in COPIES

    @property
    def service(self) -> str:
        return lifecycle.COPY if self.is_copy else lifecycle.LOAN

    @property
    def asks_to_sign(self) -> bool:
        return self.is_copy and self.texts is not None and self.texts.declaration is not None

    def declaration_fields(self):
        return declaration.bound(self) if self.asks_to_sign else []

    def signed(self) -> Signed | None:
        """What the patron signed with it; None where nothing is asked, or it is signed later."""
        return declaration.signed(self, today=self.today) if self.asks_to_sign else None

    @property
    def wanted_title(self) -> str:
        """By which the same request is recognised: of an article its own."""
        return self.cleaned_data.get("part_title") or self.cleaned_data["title"]

    def carried(self) -> list[tuple[str, str, str]]:
        """Name, value and label of what is kept though this kind does not ask for it."""
        said = self.data if self.is_bound else self.initial
        asked = {one.name for one in FIELDS[self.kind]}
        rows = []
        for name in CARRIED:
            field: Any = Citation._meta.get_field(name)
            value = str(said.get(name) or "").replace("\x00", "").strip()[:field.max_length]
            if value and name not in asked:
                rows.append((name, value, str(field.verbose_name)))
        return rows

    def plain_fields(self):
        return [self[name] for name in self.fields if name not in _HIDDEN]

    def doubt_rows(self) -> list[tuple[str, str | Promise, str]]:
        """Name, label and value of the boxes to tick."""
        return [
            (name, label, self.work if name == "all_the_same" else "on") for name, label in self.doubts.items()
        ]

    @property
    def work(self) -> str:
        """Which work the form means now: its number and its title."""
        said = self.citation() if self.is_bound else self.initial
        number = next((f"{name} {said[name]} " for name in ("doi", "isbn", "oclc") if said.get(name)), "")
        asked = {one.name for one in FIELDS[self.kind]}
        title = next((str(said[name]) for name in ("part_title", "title") if name in asked and said.get(name)), "")
        return number + " ".join(title.split()).casefold()

    @property
    def told(self) -> str:
        """The work that the patron was told is online, kept until the form is sent; '' while a box asks for it."""
        said = self.data if self.is_bound else self.initial
        return "" if "all_the_same" in self.doubts else str(said.get("all_the_same") or "")[:2 * LONGEST]

    @property
    def insists(self) -> bool:
        """The patron was told that this work is online, and sends the form all the same."""
        return self.told == self.work

    def clean_need_by(self):
        day = self.cleaned_data["need_by"]
        if day and day < self.today:
            raise forms.ValidationError(_("This day has passed. Leave it empty, or choose a later one."))
        return day

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        for name in ("isbn", "issn"):
            why = identifiers.explain(name, cleaned.get(name, ""))
            if why and not self.data.get(f"{name}_as_is"):
                self.add_error(name, _("%(why)s Check it, or send it as it is (tick below).") % {"why": why})
                self.doubts[f"{name}_as_is"] = _AS_IS[name]
        if self.asks_to_sign:
            declaration.clean(self)
        return cleaned

    def doubt_about_duplicate(self, sentence) -> None:
        self.add_error(None, sentence)
        self.doubts["again"] = _("Ask for it again all the same")

    def doubt_about_online(self) -> None:
        self.doubts["all_the_same"] = _("Ask for it all the same")

    def citation(self) -> dict:
        names = [asked.name for asked in FIELDS[self.kind]] + ["any_edition", "manuscript_ok", "languages"]
        values = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        values |= {name: value for name, value, _label in self.carried() if name not in identifiers.FIELD}
        for name in identifiers.FIELD.values():
            typed = values.get(name) or next((value for known, value, _label in self.carried() if known == name), "")
            if name != "document_number" and typed and not identifiers.explain(name, typed):
                values[name] = identifiers.normal(name, typed)
        return {"kind": self.kind} | values

    def typed(self) -> dict:
        """What was entered, as it was entered."""
        names = [*(asked.name for asked in FIELDS[self.kind]), "pasted"]
        typed = {name: self.data[name] for name in names if self.data.get(name)}
        return {"kind": self.kind} | typed | {name: value for name, value, _label in self.carried()}


def _optional(label) -> str:
    return _("%(field)s (optional)") % {"field": label}


def _where(text):
    return lazystr(
        format_html('<details class="ill-where"><summary>{}</summary>{}</details>', _("Where do I find this?"), text)
    )
