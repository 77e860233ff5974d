"""What the fields of a citation are called on pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELD_LABELS: dict[str, str | Promise] = {
    "part_title": _("Title of the article or chapter"), "part_author": _("Author of the article or chapter"),
    "title": _("Title"), "author": _("Author"), "edition": _("Edition"), "publisher": _("Publisher"),
    "place": _("Place"), "year": _("Year"), "volume": _("Volume"), "issue": _("Issue"), "pages": _("Pages"),
    "series": _("Series"), "isbn": "ISBN", "issn": "ISSN", "oclc": _("OCLC number"), "doi": "DOI", "pmid": "PMID",
    "pmcid": "PMCID", "arxiv": "arXiv", "lccn": "LCCN", "document_number": _("Number"), "degree": _("Degree"),
}
