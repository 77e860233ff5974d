"""The mail channel of the outbox: real SMTP, a stable Message-ID, refusals told apart from delays."""

import hashlib
import smtplib
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from illdesk import outbox, registry
from illdesk.errors import AdapterError
from illdesk.models import Attachment, Institution, OutboxMessage


def send(row: OutboxMessage) -> str:
    """Hand one letter to the mail server; returns what goes into the log."""
    institution = Institution.objects.filter(pk=1).first()
    sender = settings.DEFAULT_FROM_EMAIL
    if institution and institution.email:
        # Names may hold commas and quotes; the header encodes them.
        from email.utils import formataddr

        sender = formataddr((f"{institution.name}, {institution.department}", institution.email))
    host = urlsplit(settings.BASE_URL).hostname or "illdesk"
    message = EmailMessage(
        subject=row.payload["subject"],
        body=row.payload["body"],
        from_email=sender,
        to=[row.recipient],
        connection=get_connection(settings.MAIL_BACKEND),
        headers={
            "Message-ID": f"<{hashlib.sha256(row.key.encode()).hexdigest()[:40]}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    for name, content, kind in _files(row):
        message.attach(name, content, kind)
    try:
        message.send()
    except smtplib.SMTPAuthenticationError as refusal:  # our fault and not the letter's: it waits
        raise AdapterError(
            _("The mail server refuses the desk's own password (%(code)s).") % {"code": refusal.smtp_code},
            permanent=False,
        ) from refusal
    except smtplib.SMTPRecipientsRefused as refusal:
        code = next(iter(refusal.recipients.values()))[0]
        raise AdapterError(
            _("The mail server refuses this address (%(code)s).") % {"code": code}, permanent=500 <= code < 600
        ) from refusal
    except smtplib.SMTPResponseException as refusal:
        raise AdapterError(
            _("The mail server answered %(code)s.") % {"code": refusal.smtp_code},
            permanent=500 <= refusal.smtp_code < 600,
        ) from refusal
    except (OSError, smtplib.SMTPException) as failure:
        raise AdapterError(
            _("The mail server does not answer: %(why)s.") % {"why": failure}, permanent=False
        ) from failure
    except ValueError as failure:  # header injection and addresses that cannot be written
        raise AdapterError(_("This letter cannot be written: %(why)s.") % {"why": failure}, permanent=True) from failure
    return "250"


def _files(row: OutboxMessage) -> list[tuple[str, bytes, str]]:
    """Name, content and type of what goes with the letter, in its order. A letter does not leave without them."""
    keys = row.payload.get("files", [])
    known = Attachment.objects.in_bulk(keys)
    found = []
    for key in keys:
        try:
            with known[key].file.open("rb") as opened:
                found.append((known[key].name, opened.read(), known[key].content_type))
        except (KeyError, OSError) as missing:
            raise AdapterError(_("A file of this letter cannot be read on our side."), permanent=True) from missing
    return found


def parked(row: OutboxMessage, now: datetime) -> None:
    """Tell the app that the letter is about."""
    if (tell := registry.LETTER_PARKED.get(row.subject_kind)) is not None:
        tell(row, now)


outbox.register(outbox.Channel(name="mail", send=send, exactly_once=False, parked=parked))
