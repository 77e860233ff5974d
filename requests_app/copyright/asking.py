"""The rights service as this library set it: asked before a transaction, each conversation kept."""

import time
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from illdesk import hosts, money
from illdesk.errors import AdapterError
from illdesk.models import Institution, OutsideHost
from requests_app.copyright.rights import Quote, Rights, Wanted
from requests_app.copyright.rights.paper import Paper
from requests_app.copyright.rights.service import Service
from requests_app.models import OverLimitSettings, RightsQuote
from requests_app.verification.stored import agent
from requests_app.verification.web import Web


def is_asked(row: OverLimitSettings | None = None) -> bool:
    row = row or OverLimitSettings.current()
    return row.service_on and bool(row.url)


def _web(row: OverLimitSettings, now: datetime) -> Web:
    host = hosts.of(row.url)
    down = {}
    if hosts.wait_until(host, now=now) is not None:
        down[host] = _("%(host)s does not answer at the moment; it is asked again later.") % {"host": host}
    known = OutsideHost.objects.filter(host=host).first()
    if known is not None and known.not_before and known.not_before > now:
        down[host] = _("%(host)s asked us to wait a while.") % {"host": host}
    institution = Institution.objects.filter(pk=1).first()
    # An administrator entered the address: it may lie in our own network.
    return Web(until=time.monotonic() + row.seconds, agent=agent(institution.email if institution else ""),
               inside=True, down=down)


def _remember(web: Web, now: datetime) -> None:
    for host, why in web.fared.items():
        if why:
            hosts.failed(host, why, now=now)
        else:
            hosts.worked(host, now=now)
    for host, seconds in web.not_before.items():
        OutsideHost.objects.update_or_create(host=host, defaults={"not_before": now + timedelta(seconds=seconds)})


def ask(wanted: Wanted, *, number: str, now: datetime) -> RightsQuote:
    """What the service says now, kept: a price, a licence, nothing, or why it did not answer. Never raises for it."""
    row = OverLimitSettings.current()
    kept = RightsQuote(number=number, at=now, asked={
        "numbers": list(wanted.numbers), "published": wanted.published, "pages": wanted.pages})
    if not is_asked(row):
        kept.words = Paper().test()
        return kept
    web = _web(row, now)
    rights: Rights = Service(url=row.url, key=row.key, web=web)
    try:
        quote = rights.quote(wanted)
        kept.worked, kept.words = True, ""
        if quote is not None:
            _put(kept, quote, wanted)
        else:
            kept.words = _("It knows no price for this title.")
    except AdapterError as failure:
        kept.words = str(failure)[:500]
    _remember(web, now)
    kept.save()
    return kept


def _put(kept: RightsQuote, quote: Quote, wanted: Wanted) -> None:
    kept.terms, kept.licence, kept.valid_until, kept.per = quote.terms, quote.licence, quote.valid_until, quote.per
    if quote.licence:
        return
    total = quote.total(wanted.pages)
    if total is None:
        kept.words = _("It asks %(price)s a page, and how many pages it has is not known.") % {
            "price": money.shown(quote.price, quote.currency)}
        return
    kept.price, kept.currency = total.quantize(money.CENT), quote.currency


def test(*, now: datetime) -> tuple[bool, str]:
    """A real question, whatever was known of the server before; kept beside the settings."""
    row = OverLimitSettings.current()
    if not row.url:
        return False, _("There is no address yet. Enter it first.")
    web = _web(row, now)
    web.down = {}
    try:
        worked, words = True, Service(url=row.url, key=row.key, web=web).test()
    except AdapterError as failure:
        worked, words = False, str(failure)
    _remember(web, now)
    OverLimitSettings.objects.update_or_create(
        pk=1, defaults={"tested": now, "test_worked": worked, "test_words": words[:1000]})
    return worked, words


def newest(number: str) -> RightsQuote | None:
    return RightsQuote.objects.filter(number=number).order_by("-pk").first()
