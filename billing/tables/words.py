"""Why a file was not read, in sentences: the same for the same bad file, wherever it was sent to."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.tables.refused import Refused

REFUSALS: Mapping[str, str | Promise] = {
    "empty": _("The file is empty. Nothing was kept."),
    "macros": _("The workbook holds macros. Such files are not opened. Ask for it as XLSX without macros, "
                "CSV or PDF."),
    "password": _("The workbook is locked with a password. Ask for it without one."),
    "old_excel": _("It is a workbook of the old kind (XLS). Save it as XLSX or CSV."),
    "broken": _("The file is no workbook that can be opened (%(about)s). Ask for it again."),
    "no_table": _("This file cannot be read as a table. Save it as CSV or XLSX, and read it again."),
    "bomb": _("Unpacked, the file would be far larger than an invoice. It was not opened."),
    "no_sheet": _("All sheets of the workbook are hidden. Show the one with the lines and save it again."),
    "too_many": _("The file has more than %(about)s rows. Split it."),
}


def sentence(refusal: Refused, own: Mapping[str, str | Promise] | None = None) -> str:
    """For whoever sent the file. `own`: what the room says besides, by its own codes."""
    return str((own or {}).get(refusal.code) or REFUSALS[refusal.code]) % {"about": refusal.about or "—"}
