"""A rights service over HTTP: one question, one answer in JSON.

    GET {address}/v1/quotes?standard_number=1234-5679&type=issn&title=…&publication_year=2024&pages=18&copies=1
    Authorization: Bearer {key}

    200  {"price": "38.00", "currency": "USD", "per": "copy", "terms": "…", "valid_until": "2026-12-31",
          "licence": null}
    200  {"licence": {"name": "Annual Copyright License"}}: a licence of ours covers it, nothing is paid
    404  no price is known for this title

`per`: "copy" or "page". Anything else is no answer, and is said as a sentence (AdapterError).
"""

import time
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from illdesk import money
from illdesk.errors import AdapterError
from requests_app.copyright.rights import COPY, PAGE, Quote, Wanted
from requests_app.verification.web import Web, json_of

_TRIES = 2
_PATH = "/v1/quotes"


class Service:
    """`web`: the network with its time, and what is known of servers that are down."""

    def __init__(self, *, url: str, key: str, web: Web):
        self.url, self.key, self.web = url.rstrip("/"), key, web

    def quote(self, wanted: Wanted) -> Quote | None:
        for number in wanted.numbers[:3] or ("",):
            scheme, _colon, value = number.partition(":")
            found = self._ask({
                "standard_number": value, "type": scheme, "title": wanted.title[:200],
                "publication_year": wanted.published[:4], "pages": wanted.pages or "", "copies": 1,
            })
            if found is not None:
                return found
        return None

    def test(self) -> str:
        found = self.quote(Wanted(("issn:0028-0836",), "Nature", "2024", 4))
        if found is None:
            return _("It answers, and knows no price for the title of the test.")
        if found.licence:
            return _("It answers: the licence “%(name)s” covers the title of the test.") % {"name": found.licence}
        return _("It answers: %(price)s for the title of the test.") % {
            "price": money.shown(found.price, found.currency)}

    def _ask(self, about: dict[str, Any]) -> Quote | None:
        answer = self._get({name: value for name, value in about.items() if value != ""})
        if answer.status_code == 404:
            return None
        if answer.status_code in (401, 403):
            raise AdapterError(_("The rights service refuses our key. Look at it under Settings."), permanent=True)
        return read(json_of(answer))

    def _get(self, about: dict[str, Any]):
        """A second time where the first failed for a moment, as long as there is time."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        for attempt in range(1, _TRIES + 1):
            try:
                return self.web.get(f"{self.url}{_PATH}", about, headers=headers, most=65536, fine=(404, 401, 403))
            except AdapterError as failure:
                asked_to_wait = bool(self.web.not_before)
                if failure.permanent or asked_to_wait or attempt == _TRIES or self.web.seconds_left < 1:
                    raise
                time.sleep(0.2)
        raise AssertionError("unreachable")


def read(given: Any) -> Quote:
    """Raises AdapterError for what is not of the shape above."""
    if not isinstance(given, dict):
        raise _unreadable("JSON")
    licence = given.get("licence")
    if isinstance(licence, dict) and isinstance(licence.get("name"), str) and licence["name"].strip():
        return Quote(None, licence=licence["name"].strip()[:200], terms=_text(given, "terms"), valid_until=_day(given))
    try:
        price: Decimal | None = money.amount_of(str(given.get("price", "")))
    except ValueError as failure:
        raise _unreadable("price") from failure
    currency, per = str(given.get("currency", "")).upper(), given.get("per", COPY)
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise _unreadable("currency")
    if per not in (COPY, PAGE):
        raise _unreadable("per")
    return Quote(price, currency, per, _text(given, "terms"), _day(given))


def _text(given: dict, name: str) -> str:
    value = given.get(name)
    return "".join(sign for sign in value if sign >= " ")[:1000] if isinstance(value, str) else ""


def _day(given: dict) -> date | None:
    value = given.get("valid_until")
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as failure:
        raise _unreadable("valid_until") from failure


def _unreadable(name: str) -> AdapterError:
    return AdapterError(_("Its answer cannot be understood (%(name)s).") % {"name": name}, permanent=True)
