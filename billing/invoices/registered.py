"""What invoices to libraries tell the ground floor: who may fetch their files, what letters about them lead to."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.invoices import (
    approvals,  # noqa: F401
    home,
    letters,  # noqa: F401 - they register themselves
    reminders,  # noqa: F401 - the clock knows them from here on
)
from billing.invoices.demo import load
from billing.invoices.models import Invoice
from illdesk import registry
from illdesk.models import User
from requests_app.models import Library


def _may(user: User, _key: int) -> bool:
    return user.may("see_invoices")


def _invoices(keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = Invoice.objects.filter(pk__in=set(keys)).values_list("pk", "number")
    return {pk: (number or _("Draft"), reverse("invoice", args=[pk])) for pk, number in rows}


def _accounts(keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = Library.objects.filter(pk__in=set(keys)).values_list("pk", "symbol")
    return {pk: (symbol, reverse("library_account", args=[symbol])) for pk, symbol in rows}


registry.MAY_FETCH |= {"library_invoice": _may, "library_account": _may}
registry.SUBJECT_LINKS |= {"library_invoice": _invoices, "library_account": _accounts}
registry.HOME_CARDS.append(home.card)
registry.DEMO_DATA.append(load)  # after the requests that it bills
