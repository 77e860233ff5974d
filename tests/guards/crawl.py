"""Opening every page that there is, as everybody: each address with each of its examples, and what it links to."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from lxml import html

from tests.guards import addresses
from tests.guards.addresses import ADDRESSES
from tests.guards.expectations import CASES, Case
from tests.guards.world import PEOPLE, World, taken_back

# Beside the address alone: what changes the page by the query, by the name of the address.
QUERIES = {
    "request": ("tab=checks", "tab=lenders", "tab=messages", "tab=files"),
    "library": ("tab=conversation", "tab=policies", "tab=contacts"),
    "queue": ("sort=title", "menu=columns", "title=x"),
    "scan": ("code=39001",),
    "libraries": ("show=suspended",),
    "holdings_titles": ("q=hill", "q=no-such", "after=1"),
    "settings_letter": ("compare=0",),
    "my_requests": ("show=done",),
    "search": ("q=Middlemarch",),
    "new_request": ("what=%3Cscript%3Exq(1)%3C/script%3E", "kind=article&title=x"),
    "openurl": ("sid=google&genre=article&atitle=On+the+lake&title=Water&id=doi:10.1234/x&id=info:eric/ED1",),
    "copyright_titles": ("q=hill", "year=2026", "year=2026&kind=work", "q=no-such"),
    "copyright_title": ("year=2026",),
    "copyright_merge": ("q=hill", "with=1"),
    "copyright_move": ("use=1",),
    "copyright_subscriptions": ("standing=ended", "q=hill"),
    "library_new": ('name="><xq-tag>&symbol=<xq-tag>&region=javascript:xq(1)',),
}
PIECES = {
    "request": {"X-Piece": "request"}, "act": {"HX-Request": "true"}, "new_request": {"HX-Request": "true"},
    "job": {"HX-Request": "true"}, "library_xml": {"HX-Request": "true"},
}


@dataclass
class Page:
    who: str
    url: str
    answer: HttpResponse
    body: bytes

    @property
    def is_html(self) -> bool:
        return self.answer.headers.get("Content-Type", "").startswith("text/html")

    @cached_property
    def tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.body.decode(self.answer.charset) or "<p></p>")

    def __str__(self):
        return f"{self.url} as {self.who}"


def pages(world: World, *, people=PEOPLE) -> Iterator[Page]:
    """Whatever a GET answers, once for each person, address and example; nothing of it stays done."""
    for who in people:
        seen: set[str] = set()
        for address in ADDRESSES:
            for case in CASES.get(address.name) or (Case(set()),):
                parts = {name: said[1:] if said.startswith("=") else world.values[said]
                         for name, said in case.chosen.items()}
                url = addresses.url(address, world.values, **parts)
                if url in seen:
                    continue
                seen.add(url)
                asked = [(url, {}), *((f"{url}?{query}", {}) for query in QUERIES.get(address.name, ()))]
                if address.name in PIECES:
                    asked.append((url, PIECES[address.name]))
                for one, headers in asked:
                    with taken_back():
                        answer = world.browser(who).get(one, headers=headers)
                        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                    yield Page(who, one, answer, body)


def links(page: Page) -> set[str]:
    """Addresses of this desk that the page links to."""
    found = {urljoin(page.url, str(href)) for href in page.tree.xpath("//a/@href")}
    return {url for url in found if not urlsplit(url).netloc and url.startswith("/")}
