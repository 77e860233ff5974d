"""Own electronic holdings: files of titles in, new generation beside the old, and what we may read online out."""

from django.utils.translation import gettext_lazy as _

# Why a row of a file was left out, or a value of it (verification.kbart.Problem.why).
REASONS = {
    "no_title": _("The row has no title."),
    "date": _("The date cannot be read."),
    "order": _("Coverage ends before it begins."),
    "bare": _("The row has a title and nothing else."),
    "long": _("The line is too long to be a row."),
    "identifier": _("The ISSN or ISBN is wrong; the title is loaded without it."),
    "url": _("The link is no web address; the title is loaded without it."),
    "depth": _("The kind of coverage is not known; it is taken for full text."),
}
