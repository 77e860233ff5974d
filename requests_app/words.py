"""What the fields of a citation are called on pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# In an article or chapter, the whole is named by what it is.
_OF_A_PART: dict[str, str | Promise] = {
    "part_title": _("Title"), "part_author": _("Author"), "title": _("Appeared in"), "author": _("Editor"),
}


def field_label(name: str, *, is_part: bool) -> str | Promise:
    """As it stands beside the field on a page: short, for everybody sees what kind of thing it is."""
    return _OF_A_PART.get(name, FIELD_LABELS[name]) if is_part else FIELD_LABELS[name]


FIELD_LABELS: dict[str, str | Promise] = {
    "part_title": _("Title of the article or chapter"), "part_author": _("Author of the article or chapter"),
    "title": _("Title"), "author": _("Author"), "edition": _("Edition"), "publisher": _("Publisher"),
    "place": _("Place"), "year": _("Year"), "volume": _("Volume"), "issue": _("Issue"), "pages": _("Pages"),
    "series": _("Series"), "isbn": "ISBN", "issn": "ISSN", "oclc": _("OCLC number"), "doi": "DOI", "pmid": "PMID",
    "pmcid": "PMCID", "arxiv": "arXiv", "lccn": "LCCN", "document_number": _("Number"), "degree": _("Degree"),
}
