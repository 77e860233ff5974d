"""Invoices that arrive by e-mail: their PDF is kept and stands beside the form; tables are looked at already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.payables import kept, lifecycle
from billing.payables.actions.files import look_at
from billing.payables.models import PayableInvoice
from illdesk import events, rows
from illdesk.actors import SYSTEM, Actor
from illdesk.errors import BadAnswer
from illdesk.models import Attachment
from requests_app.models import Contact, Library


@dataclass(frozen=True)
class Part:
    """An attachment of a mail."""

    name: str
    content: bytes


def from_mail(
    sender: str, subject: str, attachments: Sequence[Part], *, key: str, now: datetime, actor: Actor = SYSTEM,
) -> PayableInvoice:
    """An invoice to be keyed in, with everything that came. Once per `key` (the mail's Message-ID). The library is the
    one whose address, or whose contact's, sent it. What cannot be kept is named in its note; nothing is lost, since
    the mail itself stays in the mailbox."""
    library, said = library_of(sender), []
    with transaction.atomic():
        invoice = PayableInvoice(
            library=library, how="mail", state=lifecycle.RECEIVED, key=f"mail:{key}"[:120], entered=now,
            mail_from=_plain(sender)[:320], mail_subject=_plain(subject)[:300])
        if not rows.insert(invoice, unless_there=True):
            return PayableInvoice.objects.get(key=f"mail:{key}"[:120])
        events.record("payable.came", subject=invoice.subject, actor=actor, now=now,
                      data={"files": len(attachments)})
        for part in attachments:
            try:
                stored = kept.keep(invoice.subject, part.name or _("file"), part.content, by=None, now=now)
            except BadAnswer as refusal:
                said.append(f"{part.name}: {refusal}")
                continue
            if invoice.paper_id is None and stored.content_type == "application/pdf":
                invoice.paper = stored
        if invoice.paper_id is None:
            invoice.paper = Attachment.objects.filter(
                subject_kind="payable", subject_id=invoice.pk, content_type__startswith="image/").first()
        for part in attachments:
            if kept.kind_of(part.content) not in ("xlsx", "ods", "csv") or not part.content:
                continue
            try:
                looked = look_at(part.content, name=part.name, library=library.pk if library else None,
                                 given={"mail": invoice.pk}, actor=actor, now=now)
            except BadAnswer as refusal:
                said.append(f"{part.name}: {refusal}")
                continue
            if looked.counted.get("lines"):
                invoice.file = looked
        invoice.note = "\n".join(said)[:5000]
        PayableInvoice.objects.filter(pk=invoice.pk).update(
            paper=invoice.paper, file=invoice.file, note=invoice.note)
    return PayableInvoice.objects.get(pk=invoice.pk)


def _plain(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def library_of(sender: str) -> Library | None:
    """By the whole address; by its domain only where one library alone has it."""
    address = sender.rpartition("<")[2].strip(" <>").lower()
    if "@" not in address:
        return None
    domain = f"@{address.rpartition('@')[2]}"
    for look, value in (("email__iexact", address), ("email__iendswith", domain)):
        found = set(Library.objects.filter(**{look: value}).values_list("pk", flat=True)) | set(
            Contact.objects.filter(**{look: value}).values_list("library", flat=True))
        if len(found) == 1:
            return Library.objects.get(pk=found.pop())
    return None
