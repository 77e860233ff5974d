"""From what the library set to the adapter that does it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.local.alma import Alma
from billing.local.export_file import FileSystem
from billing.local.models import LocalSystem
from billing.local.ncip import Ncip
from billing.local.system import NoSystem, System


@dataclass(frozen=True)
class Option:
    name: str
    label: Any
    help: Any = ""
    default: str = ""


# What only one kind of system needs, in the order of its form.
OPTIONS: dict[str, tuple[Option, ...]] = {
    LocalSystem.NONE: (),
    LocalSystem.ALMA: (
        Option("owner", _("Code of the library that owns the fees"), default="MAIN"),
        Option("type_overdue", _("Fee type: overdue"), default="OVERDUEFINE"),
        Option("type_lost", _("Fee type: lost"), default="LOSTITEMREPLACEMENTFEE"),
        Option("type_damaged", _("Fee type: damaged"), default="DAMAGEDITEMFINE"),
        Option("type_rush", _("Fee type: rush"), default="SERVICEFEE"),
        Option("type_share", _("Fee type: cost share"), default="SERVICEFEE"),
        Option("type_other", _("Fee type: other"), default="OTHER"),
    ),
    LocalSystem.NCIP: (
        Option("ours", _("Our agency"), default="ILL"),
        Option("theirs", _("Agency of the library system"), default="LIB"),
        Option("type_overdue", _("Transaction type: overdue"), default="Fine"),
        Option("type_lost", _("Transaction type: lost"), default="Replacement Fee"),
        Option("type_damaged", _("Transaction type: damaged"), default="Replacement Fee"),
        Option("type_rush", _("Transaction type: rush"), default="Service Charge"),
        Option("type_share", _("Transaction type: cost share"), default="Service Charge"),
        Option("type_other", _("Transaction type: other"), default="Service Charge"),
    ),
    LocalSystem.FILE: (
        Option("folder", _("Folder for files"),
               _("A folder on this machine, or one mounted from the other. Acknowledgements are read from its folder "
                 "“in”. Empty: files are downloaded and uploaded on the page.")),
    ),
    LocalSystem.SFTP: (),  # it has a table of its own (sftp/)
}


def of(row: LocalSystem, *, timeout: float | None = None) -> System:
    """The adapter that the settings name."""
    types = {name.removeprefix("type_"): str(value) for name, value in row.options.items()
             if name.startswith("type_") and value}
    if row.kind == LocalSystem.ALMA:
        return Alma(row.url, row.key, row.option("owner", "MAIN"), types, timeout)
    if row.kind == LocalSystem.NCIP:
        return Ncip(row.url, row.option("ours", "ILL"), row.option("theirs", "LIB"), types, timeout)
    return FileSystem() if row.by_file else NoSystem()
