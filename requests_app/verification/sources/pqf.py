"""Questions in PQF, YAZ's notation for Z39.50's type-1 query with attributes of Bib-1."""

from django.utils.translation import gettext_lazy as _

from requests_app.verification.records import Record
from requests_app.verification.sources import Option, Settings, catalogue

# Bib-1 use attributes (1=): what is looked in.
_USE = {"isbn": "7", "issn": "8", "title": "4", "author": "1003", "oclc": "", "lccn": "9", "any": "1016"}
# 4=: a word list for texts, so that neither order nor punctuation matters; 4=1 a phrase for the rest.
_WORDS = "@attr 4=6"
_MOST_WORDS = 12
OPTIONS = tuple(
    Option(f"use_{name}", label, _("Use attribute of Bib-1; empty: the usual one; - for none."))
    for name, label in (
        ("title", _("Attribute: title")), ("author", _("Attribute: author")), ("isbn", _("Attribute: ISBN")),
        ("issn", _("Attribute: ISSN")), ("oclc", _("Attribute: OCLC number")), ("lccn", _("Attribute: LCCN")),
        ("any", _("Attribute: everything")),
    )
)


def queries(wanted: Record, settings: Settings) -> list[str]:
    """The questions in the order in which they are to be asked: numbers, title and author, title."""
    found = [
        _any_of([f"{use} {quoted(form)}" for form in forms]) for name, forms in catalogue.numbers(wanted)
        if (use := _use(settings, name))
    ]
    title, author, _year = catalogue.words(wanted)
    by_title, by_author = (_words(settings, name, text) for name, text in (("title", title), ("author", author)))
    if by_title and by_author:
        found.append(f"@and {by_title} {by_author}")
    if by_title:
        found.append(by_title)
    elif title and (anywhere := _words(settings, "any", f"{title} {author}")):
        found.append(anywhere)
    return found


def trial(settings: Settings) -> str:
    return _words(settings, "title", "history") or _words(settings, "any", "history") or quoted("history")


def quoted(text: str) -> str:
    """A term that means what it says: quotation marks and backslashes are PQF's own."""
    text = " ".join(text.split()).replace("\0", "")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _any_of(clauses: list[str]) -> str:
    return "@or " * (len(clauses) - 1) + " ".join(clauses)


def _words(settings: Settings, name: str, text: str) -> str:
    use = _use(settings, name)
    words = catalogue.plain_words(text)[:_MOST_WORDS]
    return f"{use} {_WORDS} {quoted(' '.join(words))}" if use and words else ""


def _use(settings: Settings, name: str) -> str:
    own = settings.option(f"use_{name}").strip()
    use = "" if own == "-" else own if own.isdigit() else _USE[name]
    return f"@attr 1={use}" if use else ""
