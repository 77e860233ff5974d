"""A month of fee management with lines of every kind, for a first look."""

from datetime import datetime

from django.utils import timezone

from billing.budget.models import Fund
from billing.costs.models import CostPolicy
from billing.efts.models import Deposit
from billing.fiscal import months_on
from billing.ifm import actions, imports, reader
from billing.ifm.matching import shipped
from billing.ifm.models import Report
from illdesk import actors
from illdesk.models import User
from requests_app import lifecycle, references
from requests_app.models import ILLRequest

_HEAD = "Institution Symbol,Institution Name,ILL Request Number,Transaction Date,Amount,Currency,Transaction Type"
_WORDS = {lifecycle.BORROWING: "IFM Lib-to-Lib Borrowing Debit", lifecycle.LENDING: "IFM Lib-to-Lib Lending Credit"}
_FIRST, _MOST = 198700000, 6


def load(now: datetime) -> None:
    """Once: what is there stays. Shipped requests get OCLC numbers, and the report of last month charges them."""
    if Report.objects.exists():
        return
    by = actors.staff(User.objects.get(username="borrowing"))
    fund, _made = Fund.objects.get_or_create(code="ILL-B", defaults={"name": "Borrowing charges"})
    if not CostPolicy.objects.exists():
        CostPolicy.objects.create(pk=1, borrowing_fund=fund, lost_fund=fund)
    Deposit.objects.get_or_create(name="EFTS", defaults={"number": "NY0001"})
    month = months_on(timezone.localtime(now).date(), -1)
    lines = []
    for kind, words in _WORDS.items():
        rows = ILLRequest.objects.filter(kind=kind, partner__isnull=False).select_related("partner").order_by("pk")
        known = shipped(rows.values_list("pk", flat=True))
        for row in [row for row in rows if row.pk in known][:_MOST]:
            number = str(_FIRST + row.pk)
            references.add(row, "oclc", number, now=now)
            assert row.partner is not None
            whose = f'{row.partner.symbol},"{row.partner.name}",{number},{month:%Y-%m-14}'
            lines.append(f"{whose},{row.cost or 15},USD,{words}")
            if kind == lifecycle.BORROWING:
                lines.append(f"{whose},0.26,USD,ILL Fee")
    lines.append(f'ZZZ,"Delta University",198799999,{month:%Y-%m-20},18.00,USD,{_WORDS[lifecycle.BORROWING]}')
    data = "\n".join([_HEAD, *lines, ""]).encode()
    report = imports.take(data, system="ifm", month=month, name="ifm-report.csv", actor=by, now=now)
    if report.state == Report.UNMAPPED:
        imports.name_columns(report, reader.guess(reader.read(data).head), actor=by, now=now)
    if ready := actions.ready("ifm", month):
        actions.book("ifm", month, seen=actions.totals(ready).seen, actor=by, now=now, at_once=len(ready))
