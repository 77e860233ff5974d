"""What is said of mail and mailboxes."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What a mailbox can be for; who handles it registers in registry.MAIL.
PURPOSES: Mapping[str, str | Promise] = {
    "invoices": _("Invoices from libraries"), "other": _("Other mail: somebody looks at it"),
}
PROBLEMS: Mapping[str, str | Promise] = {
    "unreadable": _("The message cannot be taken apart; it is kept as it came."),
    "many_parts": _("It has more than a hundred parts: the others are in the message as it came."),
    "winmail": _("Its attachments are packed in winmail.dat, which Outlook does: ask the sender for a PDF."),
    "large": _("It is larger than 60 MB and stays on the server: look at it there."),
}


def choices() -> list[tuple[str, str | Promise]]:
    return list(PURPOSES.items())
