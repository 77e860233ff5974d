"""The patron's form: per kind the fields it needs, each with the place where it is found."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise, lazystr
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from illdesk.models import Branch
from requests_app import lifecycle
from requests_app.models import Citation
from requests_app.verification import identifiers

LONGEST = 1000
# Hidden until needed: doubts that the patron may overrule.
_DOUBTS = ("isbn_as_is", "issn_as_is", "again")
_HIDDEN = (*_DOUBTS, "all_the_same", "form_key", "pasted")
# What a link brought along, or the form for another kind asked for, is kept although this kind does not ask for it.
CARRIED = ("isbn", "issn", "doi", "pmid", "pmcid", "oclc", "lccn", "arxiv", "series", "place")


@dataclass(frozen=True)
class Asked:
    """One field of the form for one kind of material."""

    name: str
    label: str | Promise
    where: str | Promise = ""
    required: bool = False
    numeric: bool = False


_TITLE_PAGE = _("On the title page.")
_ISBN_WHERE = _("On the back cover or behind the title page: 10 or 13 digits after “ISBN”.")
_YEAR_WHERE = _("Behind the title page, after ©.")
_WHICH = _("If you need one volume or disc of several, its number.")

_AS_IS = {"isbn": _("Send this ISBN as it is"), "issn": _("Send this ISSN as it is")}

FIELDS: dict[str, tuple[Asked, ...]] = {
    "book": (
        Asked("title", _("Title"), _TITLE_PAGE, required=True),
        Asked("author", _("Author or editor"), _TITLE_PAGE),
        Asked("year", _("Year"), _YEAR_WHERE, numeric=True),
        Asked("edition", _("Edition"), _("Behind the title page, for example “3rd edition”.")),
        Asked("publisher", _("Publisher"), _("At the foot of the title page.")),
        Asked("isbn", "ISBN", _ISBN_WHERE),
        Asked("volume", _("Volume"), _WHICH),
    ),
    "thesis": (
        Asked("title", _("Title"), _TITLE_PAGE, required=True),
        Asked("author", _("Author"), _TITLE_PAGE, required=True),
        Asked("publisher", _("University"), _("The university that gave the degree."), required=True),
        Asked("year", _("Year"), _TITLE_PAGE, required=True, numeric=True),
        Asked("degree", _("Degree"), _("For example PhD or MA; in the library catalogue or on the title page.")),
    ),
    "score": (
        Asked("title", _("Title of the work"), _("With opus or catalogue number, as on the cover."), required=True),
        Asked("author", _("Composer"), _("On the cover."), required=True),
        Asked("format", _("What you need"), _("Full score, vocal score, parts…")),
        Asked("publisher", _("Publisher"), _("At the foot of the cover or the first page.")),
        Asked("edition", _("Edition or plate number"), _("At the foot of the first page of music.")),
        Asked("year", _("Year"), _YEAR_WHERE, numeric=True),
    ),
    "film": (
        Asked("title", _("Title"), _("On the case or in a film database."), required=True),
        Asked("author", _("Director"), _("On the case or in a film database.")),
        Asked("year", _("Year"), _("On the case, after ©."), numeric=True),
        Asked("format", _("Format"), _("DVD, Blu-ray, VHS…; say which you can play.")),
        Asked("publisher", _("Distributor"), _("On the back of the case.")),
        Asked("volume", _("Disc or episode"), _WHICH),
    ),
    "report": (
        Asked("title", _("Title"), _("On the cover."), required=True),
        Asked("publisher", _("Institution"), _("Who published the report; on the cover."), required=True),
        Asked("author", _("Author"), _("On the cover or the first pages.")),
        Asked("series", _("Report number or series"), _("On the cover, for example “Technical Report 84-12”.")),
        Asked("year", _("Year"), _("On the cover."), numeric=True),
    ),
    "article": (
        Asked("part_title", _("Title of the article"), _("At the head of the article, or in the reference."),
              required=True),
        Asked("title", _("Journal"), _("On the cover, or in the reference in italics."), required=True),
        Asked("part_author", _("Author of the article"), _("Under the title of the article.")),
        Asked("year", _("Year"), _("In the reference, often after the authors."), required=True, numeric=True),
        Asked("volume", _("Volume"), _("In the reference before the issue, for example 12 in “12(3)”.")),
        Asked("issue", _("Issue"), _("In the reference in brackets, for example 3 in “12(3)”.")),
        Asked("pages", _("Pages"), _("In the reference at the end, for example 41–58.")),
        Asked("issn", "ISSN", _("On the cover or the journal’s page: eight digits, like 1234-5679.")),
        Asked("doi", "DOI", _("On the article’s page; it begins with 10.")),
        Asked("pmid", "PMID", _("In PubMed, under the abstract: a number.")),
    ),
    "chapter": (
        Asked("part_title", _("Title of the chapter"), _("At the head of the chapter."), required=True),
        Asked("title", _("Title of the book"), _TITLE_PAGE, required=True),
        Asked("part_author", _("Author of the chapter"), _("Under the title of the chapter.")),
        Asked("author", _("Editor or author of the book"), _TITLE_PAGE),
        Asked("pages", _("Pages"), _("In the table of contents or the reference, for example 101–124."), required=True),
        Asked("year", _("Year"), _YEAR_WHERE, numeric=True),
        Asked("edition", _("Edition"), _("Behind the title page, for example “3rd edition”.")),
        Asked("publisher", _("Publisher"), _("At the foot of the title page.")),
        Asked("isbn", "ISBN", _ISBN_WHERE),
    ),
    "conference": (
        Asked("part_title", _("Title of the paper"), _("At the head of the paper."), required=True),
        Asked("title", _("Conference or proceedings"), _("In the reference after “In” or “Proceedings of”."),
              required=True),
        Asked("part_author", _("Author of the paper"), _("Under the title of the paper.")),
        Asked("year", _("Year"), _("In the reference."), required=True, numeric=True),
        Asked("place", _("Place of the conference"), _("In the name of the conference, for example Lisbon.")),
        Asked("volume", _("Volume"), _("On the spine or in the reference.")),
        Asked("pages", _("Pages"), _("In the reference at the end, for example 41–58.")),
        Asked("publisher", _("Publisher or society"), _("For example IEEE or Springer.")),
        Asked("doi", "DOI", _("On the paper’s page; it begins with 10.")),
    ),
    "patent": (
        Asked("document_number", _("Patent number"), _("With its country, for example US 6285999 B1."), required=True),
        Asked("title", _("Title"), _("On the first page, marked (54)."), required=True),
        Asked("author", _("Inventor"), _("On the first page, marked (72) or (75).")),
        Asked("publisher", _("Owner"), _("On the first page, marked (71) or (73).")),
        Asked("year", _("Year"), _("Of the publication, marked (43) or (45)."), numeric=True),
    ),
    "standard": (
        Asked("document_number", _("Number of the standard"), _("For example ISO 18626:2021 or ASTM E119."),
              required=True),
        Asked("title", _("Title"), _("On the cover."), required=True),
        Asked("publisher", _("Issued by"), _("For example ISO, ANSI, ASTM, DIN.")),
        Asked("year", _("Year or edition"), _("Often behind the number: “:2021”."), numeric=True),
        Asked("pages", _("Part or section"), _("If you do not need all of it.")),
    ),
    "newspaper": (
        Asked("part_title", _("Headline"), _("Of the article; or a few words that tell what it is about."),
              required=True),
        Asked("title", _("Newspaper"), _("With its town, if there are several of that name."), required=True),
        Asked("issue", _("Date of the paper"), _("Day, month and year, as near as you know."), required=True),
        Asked("part_author", _("Reporter"), _("Under the headline.")),
        Asked("pages", _("Page and column"), _("For example A4, column 2.")),
        Asked("edition", _("Edition"), _("For example late city edition.")),
        Asked("year", _("Year"), _("If you know no date."), numeric=True),
    ),
    "other": (
        Asked("title", _("What is it?"), _("The title, or a few words that tell what you need."), required=True),
        Asked("author", _("Who made it?"), _("Author, artist, institution.")),
        Asked("year", _("Year"), _("As near as you know.")),
        Asked("publisher", _("Publisher or owner"), _("Who published it, or which library or archive has it.")),
        Asked("volume", _("Part"), _WHICH),
    ),
}
# As often as they are asked for.
_ORDER = ("article", "book", "chapter", "conference", "thesis", "newspaper", "score", "film", "report", "patent",
          "standard", "other")
KINDS = [(code, dict(Citation.KINDS)[code]) for code in _ORDER]
# What comes as a copy; everything else is lent and comes as it is (17 USC 108(i): scores, films, images too).
COPIES = frozenset({"article", "chapter", "conference", "patent", "standard", "newspaper"})


class NewRequestForm(forms.Form):
    """`kind` decides the fields. Spaces, hyphens and full-width digits are accepted; nothing typed is lost."""

    form_key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, data=None, *, kind: str, pickup: Branch | None = None, today: date, **kwargs):
        super().__init__(data, **kwargs)
        self.kind, self.today = kind, today
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
