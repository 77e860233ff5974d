"""Subscriptions, orders and owned works: kept by hand, or read from a file of another system."""

from django.utils.translation import gettext_lazy as _

# Why a row of a file is left out, or (the last three) what of it is.
REASONS = {
    "no_title": _("The row has no title."),
    "date": _("The date cannot be read, or may be read in two ways."),
    "order": _("It ends before it begins."),
    "covers": _("The coverage cannot be read."),
    "covers_order": _("The coverage ends before it begins."),
    "number": _("The ISSN, ISBN or OCLC number is wrong; the row is kept without it."),
    "no_number": _("It has no number: it is found by its name alone, and a person looks each time."),
    "embargo": _("The embargo is not understood; a person looks each time."),
}
KEPT = ("number", "no_number", "embargo")
# Why a file as a whole cannot be read; nothing of it is kept.
REFUSALS = {
    "empty": _("The file is empty. Nothing was kept."),
    "no_title": _("The first line names no column for the title. It begins: %(about)s. Nothing was kept."),
    "too_many": _("The file has more than %(about)s rows. Split it. Nothing was kept."),
    "broken": _("The file is no workbook that can be opened (%(about)s). Save it as CSV or XLSX again."),
    "old_excel": _("It is a workbook of the old kind (XLS). Save it as XLSX or CSV."),
}
