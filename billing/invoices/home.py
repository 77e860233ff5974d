"""What waits among our invoices, on the start page of who works or approves them."""

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.approval import rule
from billing.invoices import queries
from billing.invoices.models import Invoice, InvoiceLine
from illdesk import registry
from illdesk.models import User


def card(request) -> registry.Card | None:
    user, day = request.user, timezone.localdate()
    if not user.may("see_invoices"):
        return None
    rows = [(_("Drafts to approve"), "draft", to_approve(user), "decision")]
    if user.may("work_invoices"):
        waits = queries.waiting_for_work(day=day)
        rows += [(_("Drafts to check"), "draft", waits.drafts, "ours"),
                 (_("Approved, to be sent"), "approved", waits.approved, "ours"),
                 (_("Overdue"), "overdue", waits.overdue, "trouble")]
    shown = [{"label": label, "url": f"{reverse('invoices')}?state={tab}", "count": count, "family": family}
             for label, tab, count, family in rows if count]
    if user.may("work_invoices") and (disputes := queries.open_disputes()):
        shown.append({"label": _("Disputes to settle"), "url": reverse("invoice_disputes"), "count": disputes,
                      "family": "decision"})
    return registry.Card(_("Our invoices"), shown) if shown else None


def to_approve(user: User) -> int:
    """Drafts with all lines checked that this person, or deputy, may approve: who made or checked some of it waits for
    others."""
    if not rule.has(user, "approve_invoices", day=timezone.localdate()):
        return 0
    drafts = Invoice.objects.filter(state=Invoice.DRAFT, lines__isnull=False).exclude(lines__state=InvoiceLine.OPEN)
    mine = Invoice.objects.filter(Q(made_by=user) | Q(lines__made_by=user) | Q(lines__verified_by=user))
    return drafts.exclude(pk__in=mine.values("pk")).distinct().count()
