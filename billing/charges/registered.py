"""What charges tell the others: letters, blocks, parts of other pages, sweeps, subscribers."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.charges import blocks, demo, letters, queries, subscribers, sweeps  # noqa: F401 - they register themselves
from billing.charges.models import Charge, ChargeMove
from illdesk import append_only, registry
from illdesk.money import shown
from illdesk.pages import settings_side
from illdesk.pages.frame import address
from requests_app.models import LoanPolicy, Patron


def _card(request) -> registry.Card | None:
    """On a person's start page at the desk: what waits for a decision about charges."""
    if not request.user.may("see_charges"):
        return None
    from billing.appeals import queries as appeals

    rows = []
    if count := appeals.count():
        rows.append({"label": _("Appeals to decide"), "url": address("appeals", "/billing/appeals/"), "count": count,
                     "family": "decision"})
    if count := queries.waiting():
        rows.append({"label": _("Charges to decide"), "url": address("charges", "/billing/charges/"), "count": count,
                     "family": "decision"})
    return registry.Card(_("Money"), rows) if rows else None


def _on_request(request, ill) -> registry.RequestPart | None:
    """What the patron was charged for a request, for who sees charges."""
    if ill.patron_id is None or ill.kind == "lending" or not request.user.may("see_charges"):
        return None
    from billing.charges.views import shown as in_words

    rows = queries.of_request(ill.pk)
    works = request.user.may("work_charges")
    if not rows and not works:
        return None
    return registry.RequestPart("billing/charges/_on_request.html", {
        "charges": [in_words(one) for one in rows], "currency": LoanPolicy.current().currency, "works": works,
        "hold": ill.charge_holds.filter(until=None).select_related("by").first(), "patron": ill.patron_id,
    })


def _on_my_page(user) -> registry.PatronPart | None:
    """On the patron's own page: one line, only where there is something."""
    patron = Patron.objects.filter(user=user).first()
    if patron is None or not Charge.objects.filter(patron=patron).exists():
        return None
    sums = queries.sums(patron.pk)
    currency = LoanPolicy.current().currency
    if sums.to_pay:
        words = _("%(amount)s to pay") % {"amount": shown(sums.to_pay, currency)}
    elif sums.provisional:
        words = _("Nothing to pay now: %(amount)s may still change") % {"amount": shown(sums.provisional, currency)}
    elif sums.in_doubt:
        words = _("Nothing to pay now: we are looking into it")
    elif sums.credit:
        words = _("Your credit: %(amount)s") % {"amount": shown(sums.credit, currency)}
    else:
        words = _("Nothing to pay")
    return registry.PatronPart(_("Charges"), words, address("my_charges", "/my/charges/"),
                               "decision" if sums.to_pay else "ended_ok")


def _on_my_request(ill) -> list[registry.PatronPart]:
    """On the patron's page of one request: what was charged for it, and where it is paid or appealed."""
    from billing.charges import mine

    currency = LoanPolicy.current().currency
    url = address("my_charges", "/my/charges/")
    return [registry.PatronPart(
        f"{row.get_kind_display()}: {shown(row.open or row.amount, currency)}", mine.state_of(one)["label"],
        f"{url}#{row.number}", mine.state_of(one)["family"],
    ) for one in queries.of_request(ill.pk) for row in [one.row]
        if row.state != Charge.UNDONE and row.patron_id == ill.patron_id]


def _links(pks) -> dict[int, tuple[str, str]]:
    return {row.pk: (row.number, row.get_absolute_url()) for row in Charge.objects.filter(pk__in=list(pks))}


append_only.TABLES.append(ChargeMove._meta.db_table)
registry.PATRON_BLOCKS.append(blocks.of)
registry.HOME_CARDS.append(_card)
registry.REQUEST_PARTS.append(_on_request)
registry.PATRON_PARTS.append(_on_my_page)
registry.MY_REQUEST_PARTS.append(_on_my_request)
registry.SUBJECT_LINKS["charge"] = _links
registry.DEMO_DATA.append(demo.load)
settings_side.entry("manage_money", gettext_lazy("Charges to patrons"), "charge_policy", "person")
