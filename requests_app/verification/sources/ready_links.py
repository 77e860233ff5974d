"""Pages of other catalogues with the question filled in, for what has no interface: theses, reports, patents,
standards, newspapers. Nobody is asked; a person follows the link."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk.errors import AdapterError
from requests_app.verification.records import Answer, Link, Record
from requests_app.verification.sources import Option, Settings, source
from requests_app.verification.sources.people import family
from requests_app.verification.sources.reading import is_web
from requests_app.verification.sources.sought import sought, words
from requests_app.verification.web import Web

OFF = "-"
# Beyond this some servers refuse an address.
_LONGEST = 1500


@dataclass(frozen=True)
class Ready:
    """`template`: an address with {words} (title and author), {title}, {author}, {family}, {year}, {number},
    {journal}. One whose fields are all unknown is not offered."""

    kind: str
    name: str
    label: str
    template: str


READY = (
    Ready(
        "thesis", "proquest", "ProQuest Dissertations & Theses",
        "https://gateway.proquest.com/openurl?url_ver=Z39.88-2004&res_dat=xri:pqdiss"
        "&rft_val_fmt=info:ofi/fmt:kev:mtx:dissertation&rft.title={title}&rft.au={author}&rft.date={year}",
    ),
    Ready("thesis", "oatd", "OATD", "https://oatd.org/oatd/search?q={words}"),
    Ready("thesis", "ndltd", "NDLTD", "https://search.ndltd.org/search.php?q={words}"),
    Ready("thesis", "dart", "DART-Europe", "https://www.dart-europe.org/basic-results.php?kw%5B%5D={words}"),
    # Out of order since the attack on the British Library in October 2023: a library switches it on when it is back.
    Ready("thesis", "ethos", "EThOS", ""),
    Ready("report", "ntrs", "NASA NTRS", "https://ntrs.nasa.gov/search?q={words}"),
    Ready("report", "osti", "OSTI", "https://www.osti.gov/search/semantic:{words}"),
    Ready("report", "dtic", "DTIC", "https://discover.dtic.mil/results/?q={words}"),
    Ready("patent", "espacenet", "Espacenet", "https://worldwide.espacenet.com/patent/search?q={number|words}"),
    Ready("patent", "google_patents", "Google Patents", "https://patents.google.com/?q={number|words}"),
    Ready("standard", "iso", "ISO", "https://www.iso.org/search.html?q={number|words}"),
    Ready("standard", "ansi", "ANSI Webstore", "https://webstore.ansi.org/search/find?st={number|words}"),
    Ready("standard", "ieee", "IEEE Standards", "https://standards.ieee.org/search/?q={number|words}"),
    Ready(
        "newspaper", "chronicling_america", "Chronicling America",
        "https://www.loc.gov/collections/chronicling-america/?q={words}&dates={year}",
    ),
    Ready("newspaper", "trove", "Trove", "https://trove.nla.gov.au/search/category/newspapers?keyword={words}"),
    Ready(
        "newspaper", "bna", "British Newspaper Archive",
        "https://www.britishnewspaperarchive.co.uk/search/results?basicsearch={words}",
    ),
)
_FIELD = re.compile(r"\{([a-z|]+)\}")


@source
class ReadyLinks:
    code = "ready_links"
    label = _("Links for theses, reports, patents, standards and newspapers")
    about = _("Pages where a person can search on, with the question filled in. Asks nobody and costs nothing.")
    options: tuple[Option, ...] = (
        *(
            Option(
                ready.name, ready.label, default=ready.template,
                help=_("{words}, {title}, {author}, {family}, {year}, {number} and {journal} are filled in; “-” leaves "
                       "the link out."),
            )
            for ready in READY
        ),
        Option(
            "more", _("further links"),
            help=_("One a line: kind | label | address, for example “thesis | Theses Canada | https://…{words}”."),
        ),
    )
    inside = False
    gap = 0.0
    days = 1
    days_nothing = 1

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return any(ready.kind == wanted.kind for ready in _all(settings)) and any(_fields(wanted).values())

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        fields = _fields(wanted)
        links = (
            Link(ready.label, address) for ready in _all(settings)
            if ready.kind == wanted.kind and (address := filled(ready.template, fields))
        )
        return Answer(links=tuple(links))

    def test(self, settings: Settings, web: Web) -> str:
        """Nobody is asked: whether every template makes an address."""
        asked = dict.fromkeys(("words", "title", "author", "family", "year", "number", "journal"), "1")
        rows = _all(settings)
        bad = [ready.label for ready in rows if not filled(ready.template, asked)]
        if bad:
            raise AdapterError(
                gettext("These make no address: %(labels)s.") % {"labels": ", ".join(bad)}, permanent=True
            )
        return gettext("%(count)s links are ready.") % {"count": len(rows)}


def filled(template: str, fields: dict[str, str]) -> str:
    """The address, '' when it is none or nothing of it could be filled in.

    "{number|words}" is the first of the two that is known.
    """
    known = []

    def value(match: re.Match[str]) -> str:
        found = next((fields[name] for name in match.group(1).split("|") if fields.get(name)), "")
        known.append(found)
        return quote(found, safe="", errors="replace")

    address = _FIELD.sub(value, template.strip())
    return address if any(known) and is_web(address) and len(address) <= _LONGEST else ""


def _all(settings: Settings) -> list[Ready]:
    chosen = (
        Ready(ready.kind, ready.name, ready.label, settings.option(ready.name, ready.template).strip())
        for ready in READY
    )
    return [ready for ready in chosen if ready.template not in ("", OFF)] + _own(settings)


def _own(settings: Settings) -> list[Ready]:
    lines = (line.split("|", 2) for line in settings.option("more").splitlines())
    return [
        Ready(parts[0].strip().lower(), "", parts[1].strip(), parts[2].strip()) for parts in lines if len(parts) == 3
    ]


def _fields(wanted: Record) -> dict[str, str]:
    looked_for = sought(wanted)
    author = (wanted.part_author or wanted.author).split(";")[0].strip()
    return {
        "words": " ".join([*words(looked_for.title, 20), *words(family(author))]), "title": looked_for.title[:300],
        "author": author[:120], "family": family(author)[:60], "year": looked_for.year[:4],
        "number": " ".join(words(wanted.document_number)) if wanted.kind != "patent" else
        re.sub(r"[^0-9A-Za-z]", "", wanted.document_number), "journal": looked_for.container[:200],
    }
