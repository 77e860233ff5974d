"""What waits in this room, on the start page of who works or approves here."""

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.approval import rule
from billing.payables import lifecycle, queries
from billing.payables.models import PayableInvoice
from illdesk import registry
from illdesk.models import User


def card(request) -> registry.Card | None:
    user = request.user
    if not user.may("see_payables"):
        return None
    rows = [(_("Invoices to approve"), "asked", to_approve(user), "decision")]
    if user.may("work_payables"):
        waits = queries.waiting_for_work()
        rows += [(_("Sent back by the budget office"), "back", waits.back, "trouble"),
                 (_("To key in"), "received", waits.received, "ours"),
                 (_("Lines to answer"), "entered", waits.entered, "ours"),
                 (_("Lines answered, approval to ask for"), "answered", waits.answered, "ours")]
    shown = [{"label": label, "url": f"{reverse('payables')}?state={tab}", "count": count, "family": family}
             for label, tab, count, family in rows if count]
    return registry.Card(_("Library invoices"), shown) if shown else None


def to_approve(user: User) -> int:
    """Those that this person, or deputy, may approve: what they entered or asked for themselves waits for others."""
    if not rule.has(user, "approve_payables", day=timezone.localdate()):
        return 0
    own = Q(entered_by=user) | Q(asked_by=user) | Q(file__by=user, file__isnull=False) | Q(
        pk__in=PayableInvoice.objects.filter(lines__answered_by=user).values("pk"))
    return PayableInvoice.objects.filter(state=lifecycle.ASKED).exclude(own).count()
