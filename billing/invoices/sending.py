"""An approved invoice leaves: its files are drawn and kept, its letter goes out with them. Then nothing is edited."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.invoices import files, letters
from billing.invoices.models import Invoice
from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import NotAllowed
from requests_app.models import Contact, Library


def address_of(library: Library) -> str:
    """The billing contact's, else the library's own; '' where nobody can be written to."""
    contact = Contact.objects.filter(library=library, kind="billing").exclude(email="").order_by("pk").first()
    return contact.email if contact is not None else library.email


def send(invoice: Invoice, *, actor: Actor, now: datetime) -> Invoice:
    """Files are drawn before the transaction; state, files and letter are stored together, once. A library without an
    e-mail gets it on paper: it counts as sent, and the page says that somebody prints it."""
    row = Invoice.objects.select_related("library", "of", "run").get(pk=invoice.pk)
    if row.state == Invoice.SENT:
        return row
    if row.state != Invoice.APPROVED:
        raise NotAllowed(_("It is sent when a second person has approved it."))
    drawn = files.draw_all(row, day=timezone.localtime(now).date())
    to = address_of(row.library)
    with transaction.atomic():
        changed = Invoice.objects.filter(pk=row.pk, state=Invoice.APPROVED).update(
            state=Invoice.SENT, sent=now, how="mail" if to else "paper")
        if changed:
            kept = files.keep(row, drawn, by=actor.user, now=now)
            code = "library_credit_note" if row.kind == Invoice.CREDIT else "library_invoice"
            letters.send(code, row, key=f"library_invoice:{row.pk}", now=now, to=to, attachments=kept)
            events.record("invoice.sent", subject=("invoice", row.pk), actor=actor, now=now,
                          data={"how": "mail" if to else "paper"})
    return Invoice.objects.select_related("library").get(pk=row.pk)
