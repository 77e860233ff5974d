"""What this room tells others: its kind of payable, its letter, names, files and demo data."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from billing.batches import payable
from billing.payables import actions, approvals, demo, home, on_request, queries
from illdesk import notices, registry
from illdesk.mailboxes.actions import parts_of
from illdesk.mailboxes.models import Mail
from illdesk.notices import LetterKind, Placeholder, Wording

KIND = payable.Kind(
    code="payable", label=_("Library invoice"), waiting=queries.waiting, read=queries.read,
    paid=actions.paid, back=actions.back, unpaid=actions.unpaid, originals=queries.originals,
    homes=queries.homes)

DISPUTE = LetterKind(
    code="payable_dispute", label=_("Dispute of an invoice, to the library"),
    placeholders=("partner", "number", "date", "total", "lines", "disputed", "other_lines", "library", "phone",
                  "base_url"),
    wordings={
        "en": Wording(
            "Your invoice {number} of {date}",
            "To {partner}, interlibrary loan billing\n\nDear colleagues,\n\n"
            "We have checked your invoice {number} of {date} ({total}). "
            "We cannot pay these lines as they stand:\n\n{lines}\n\nIn question: {disputed}. Please send us a credit "
            "note, or tell us why the charge is right.\n\n{other_lines}\n\n{library}\n{phone}\n",
        ),
        "es": Wording(
            "Su factura {number} del {date}",
            "A {partner}, facturación de préstamo interbibliotecario\n\nEstimados colegas:\n\n"
            "Hemos revisado su factura {number} del {date} ({total}). "
            "No podemos pagar estas líneas tal como están:\n\n{lines}\n\nImporte en cuestión: {disputed}. "
            "Les rogamos que nos envíen una nota de crédito o nos digan por qué el cargo es correcto.\n\n"
            "{other_lines}\n\n{library}\n{phone}\n",
        ),
    },
)


def _from_mailbox(row: Mail, now: datetime) -> tuple[str, int]:
    """A mail that came to the mailbox of invoices, inside the transaction that marks it as handled."""
    parts = [actions.Part(part.name, part.content) for part in parts_of(row)]
    invoice = actions.from_mail(row.sender, row.subject, parts, key=row.key, now=now)
    return invoice.subject


payable.register(KIND)
notices.register(DISPUTE)
for _name, _words, _sample in (
    ("lines", _("the disputed lines, one below the other"), "2  B-2026-00381  18.00: " + "15.00"),
    ("disputed", _("what is questioned, with its currency"), "EUR 18.00"), ("total", _("what it bills"), "EUR 142.00"),
    ("other_lines", _("what becomes of its other lines"), _("The other lines go to payment.")),
):
    notices.PLACEHOLDERS.setdefault(_name, Placeholder(_words, _sample))
# The budget office gets papers that may be passed on, from the page of their batch.
registry.MAY_FETCH["payable"] = lambda user, pk: user.may("see_payables")
registry.MAY_FETCH["payable_file"] = lambda user, pk: user.may("see_payables")
registry.SUBJECT_LINKS["payable"] = approvals.links
registry.MAIL["invoices"] = _from_mailbox
registry.REQUEST_PARTS.append(on_request.part)
registry.HOME_CARDS.append(home.card)
registry.DEMO_DATA.append(demo.load)
