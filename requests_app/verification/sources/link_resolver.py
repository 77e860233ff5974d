"""The library's link resolver, asked by OpenURL 1.0 (ANSI/NISO Z39.88-2004, KEV).

As a ready link always. Where it is Alma's, SFX or 360 Link it also answers programs in XML, each in a form of its
own (`resolver_answers`), and then says by itself what can be read online.
"""

from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk.errors import AdapterError
from requests_app.verification.records import Answer, Link, Record
from requests_app.verification.sources import Option, Settings, resolver_answers, source
from requests_app.verification.web import Web, xml_of

_FORMATS = {"book": "book", "chapter": "book", "report": "book", "standard": "book", "score": "book",
            "thesis": "dissertation", "patent": "patent"}
_GENRES = {"book": "book", "chapter": "bookitem", "report": "report", "article": "article", "newspaper": "article",
           "conference": "proceeding"}
# Key of the format -> field of the record that it carries, in the order of the standard's tables.
_KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "journal": (
        ("atitle", "part_title"), ("jtitle", "title"), ("issn", "issn"), ("date", "year"), ("volume", "volume"),
        ("issue", "issue"), ("pages", "pages"),
    ),
    "book": (
        ("btitle", "title"), ("atitle", "part_title"), ("isbn", "isbn"), ("issn", "issn"), ("date", "year"),
        ("edition", "edition"), ("pub", "publisher"), ("place", "place"), ("series", "series"), ("pages", "pages"),
    ),
    "dissertation": (("title", "title"), ("date", "year"), ("inst", "publisher"), ("degree", "degree")),
    "patent": (("title", "title"), ("number", "document_number"), ("date", "year")),
}
_IDS = (("doi", "info:doi/"), ("pmid", "info:pmid/"), ("oclc", "info:oclcnum/"), ("lccn", "info:lccn/"))


def openurl(wanted: Record) -> list[tuple[str, str]]:
    """The wanted thing as keys and values of OpenURL 1.0; those without a value are left out."""
    kind = _FORMATS.get(wanted.kind, "journal" if wanted.kind or wanted.issn or wanted.part_title else "book")
    said = [
        ("url_ver", "Z39.88-2004"), ("ctx_ver", "Z39.88-2004"), ("ctx_enc", "info:ofi/enc:UTF-8"),
        ("rfr_id", "info:sid/illdesk"), ("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{kind}"),
    ]
    if kind in ("journal", "book"):
        genre = _GENRES.get(wanted.kind, "unknown")
        said.append(("rft.genre", "journal" if kind == "journal" and not wanted.part_title else genre))
    said += [(f"rft.{key}", getattr(wanted, name)) for key, name in _KEYS[kind]]
    first, dash, last = wanted.pages.replace("–", "-").partition("-")
    if dash and kind != "dissertation":
        said += [("rft.spage", first.strip()), ("rft.epage", last.strip())]
    author = (wanted.part_author or wanted.author).partition(";")[0].strip()
    family, comma, given = author.partition(",")
    said += [("rft.aulast", family.strip()), ("rft.aufirst", given.strip())] if comma else [("rft.au", author)]
    said += [("rft_id", prefix + getattr(wanted, name)) for name, prefix in _IDS if getattr(wanted, name)]
    return [(key, value) for key, value in said if value]


def link(base: str, wanted: Record) -> str:
    return base + ("&" if "?" in base else "?") + urlencode(openurl(wanted))


@source
class LinkResolver:
    code = "link_resolver"
    label = gettext_lazy("Our link resolver")
    about = gettext_lazy(
        "Asked by OpenURL for what we may read online; with Alma, SFX and 360 Link it answers by itself, with any "
        "other it is a ready link."
    )
    options: tuple[Option, ...] = (
        Option("url", gettext_lazy("base address"), required=True, help=gettext_lazy(
            "What stands before the question mark of its links, for example "
            "https://example.alma.exlibrisgroup.com/view/uresolver/01EXAMPLE_INST/openurl")),
        Option("system", gettext_lazy("system"), help=gettext_lazy(
            "alma, sfx, 360 or link (a link only). Empty: as its address tells.")),
    )
    inside = True
    gap = 0.0
    # It knows today's subscriptions; a link costs nothing to make again.
    days = days_nothing = 0

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        return bool(settings.url and (wanted.title or wanted.issn or wanted.isbn or wanted.doi or wanted.pmid))

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        """What the resolver does not answer costs only that: the link is there in any case. Why not is for staff, and
        such a check is not whole."""
        links = (Link(str(self.label), link(settings.url, wanted)),)
        system = resolver_answers.SYSTEMS.get(_system(settings))
        if system is None:
            return Answer(links=links)
        try:
            found = _asked(system, wanted, settings, web)
        except AdapterError as failure:
            return Answer(links=links, incomplete=_("Our link resolver did not answer by itself: %(why)s") % {
                "why": failure})
        return Answer(access=found.access, notes=found.notes, links=links)

    def test(self, settings: Settings, web: Web) -> str:
        if not urlsplit(settings.url).scheme.startswith("http"):
            raise AdapterError(_("%(url)s is not an http or https address.") % {"url": settings.url}, permanent=True)
        some = Record(kind="article", title="Nature", issn="0028-0836", part_title="A test", year="2020")
        system = resolver_answers.SYSTEMS.get(_system(settings))
        if system is None:
            web.get(link(settings.url, some), fine=(302, 303, 301))
            return _("It answers; links lead there. Programs get no answer of this kind of resolver.")
        found = _asked(system, some, settings, web)
        return _("It answers programs (%(system)s): %(n)s places for a journal that was asked for.") % {
            "system": system.label, "n": len(found.access)}


def _asked(system: resolver_answers.System, wanted: Record, settings: Settings, web: Web) -> Answer:
    url = system.address(settings.url)
    url += ("&" if "?" in url else "?") + urlencode([*system.asks_for, *openurl(wanted)])
    return system.read(xml_of(web.get(url, fine=())), bool(wanted.part_title))


def _system(settings: Settings) -> str:
    """As it was chosen, else as the address tells."""
    if chosen := settings.option("system").strip().lower():
        return {"360 link": "360", "360link": "360"}.get(chosen, chosen)
    parts = urlsplit(settings.url)
    where = f"{parts.hostname or ''}{parts.path}".lower()
    return next((code for code, one in resolver_answers.SYSTEMS.items() if one.told_by in where), "link")
