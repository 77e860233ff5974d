"""Per kind of material the fields that are asked for, each with the place where it is found."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.models import Citation


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
