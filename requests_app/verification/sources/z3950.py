"""Our own catalogue and a union catalogue by Z39.50, through the YAZ library where it is installed."""

import base64
import ipaddress
import json
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from lxml import etree

from illdesk import outside
from illdesk.errors import AdapterError
from requests_app.verification.records import Answer, Record
from requests_app.verification.sources import Option, Settings, catalogue, pqf, source
from requests_app.verification.sources.catalogue import OWN, UNION, Catalogue, Found
from requests_app.verification.web import Web

_PROGRAM = Path(__file__).with_name("zoom.py")
_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
# Holdings first; then records without them; a few servers have XML alone.
_SYNTAXES = ("opac", "usmarc", "xml")
_PORT = 210
OPTIONS = (
    Option("url", _("Address"), _("host:port/database, for example catalogue.example.edu:210/INNOPAC."),
           required=True),
    Option("user", _("User")),
    Option("group", _("Group")),
    Option("secret", _("Password"), secret=True),
    Option("syntax", _("Record syntax"), _("opac, usmarc, unimarc or xml; empty: the first that it has.")),
    Option("encoding", _("Encoding of records"), _("Of those that are not in Unicode; empty: MARC-8.")),
    Option("query_encoding", _("Encoding of questions"), _("For example iso-8859-1; empty: UTF-8.")),
    *catalogue.COMMON_OPTIONS,
    *pqf.OPTIONS,
)
# What ZOOM says went wrong, as sentences; all but the first two may be better later.
_FAILURES = {
    "missing": _("The YAZ library is not installed on this server (Debian: libyaz5), so Z39.50 cannot be asked."),
    "refused": _("The catalogue refuses the question: %(why)s."),
    "connect": _("%(host)s cannot be reached by Z39.50."),
    "lost": _("%(host)s closed the connection."),
    "timeout": _("No answer within %(seconds)s seconds."),
    "talk": _("%(host)s does not answer as a Z39.50 server does: %(why)s."),
}
_PERMANENT = {"missing", "refused"}
# Failures of the server itself, which others who want to ask it learn of.
_UNREACHABLE = {"connect", "lost", "timeout", "talk"}


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    database: str

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


class Z3950(Catalogue):

    def no_address(self, url: str) -> str:
        """For the form in which it is entered: why this cannot be one, '' when it can."""
        try:
            _address(url)
        except AdapterError as failure:
            return str(failure)
        return ""

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        """By number first, then by title and author; the first question with hits counts."""
        queries = pqf.queries(wanted, settings)
        if not queries:
            return Answer()
        said = _talk(queries, settings, web)
        if not said["hits"] and not said.get("answered", True):
            raise AdapterError(
                _FAILURES["refused"] % {"why": said["refused"][0].rstrip(".")[:300]}, permanent=True)
        found = Found(
            self.code, self.role, settings, wanted=wanted, today=timezone.localdate(),
            encoding=settings.option("encoding"),
        )
        for syntax, data in said["records"]:
            _add(found, syntax, base64.b64decode(data))
        return found.answer(said["hits"])

    def test(self, settings: Settings, web: Web) -> str:
        said = _talk([pqf.trial(settings)], settings, web)
        if said["refused"]:
            raise AdapterError(
                _FAILURES["refused"] % {"why": said["refused"][0].rstrip(".")[:300]}, permanent=True)
        about = gettext("%(title)s answers: %(hits)s for a trial search.") % {
            "title": said["server"] or settings.url, "hits": catalogue.some(said["hits"])}
        if said.get("syntax"):
            about += " " + gettext("Records come as %(syntax)s.") % {"syntax": said["syntax"]}
        return about


def _add(found: Found, syntax: str, data: bytes) -> None:
    """OPAC and XML records are XML by now; everything else that ends so is a kind of MARC."""
    if syntax in ("OPAC", "XML"):
        try:
            found.add_xml(etree.fromstring(data, _XML))
        except (etree.XMLSyntaxError, ValueError):
            return
    elif syntax.lower().endswith("marc"):
        found.add_bytes(data)


def _talk(queries: list[str], settings: Settings, web: Web) -> dict[str, Any]:
    """What the server said. Raises AdapterError, at the latest when the time is over."""
    address = _address(settings.url)
    if why := web.down.get(address.name):
        raise AdapterError(why, permanent=False)
    host = _numeric(address, inside=web.inside)
    seconds = web.seconds_left
    if seconds <= 0.05:
        raise AdapterError(gettext("No time was left to ask."), permanent=False)
    own = settings.option("syntax").strip().lower()
    syntaxes = [own] if own else _best_first(web.kept.get("syntax", ""))
    web.calls += 1
    said = _run({
        "host": host, "port": address.port, "database": address.database, "queries": queries, "syntaxes": syntaxes,
        "charset": settings.option("encoding", "marc-8"), "query_charset": settings.option("query_encoding"),
        "most": catalogue.MOST_RECORDS, "seconds": seconds,
        "user": settings.option("user"), "group": settings.option("group"), "password": settings.secret,
    }, seconds)
    kind = said.get("failed", "")
    sentence = _FAILURES.get(kind, "") % {
        "host": address.name, "seconds": round(seconds, 1), "why": said.get("words", "").rstrip(".")[:300]}
    web.fared[address.name] = sentence if kind in _UNREACHABLE else ""
    if kind:
        raise AdapterError(sentence, permanent=kind in _PERMANENT)
    if said.get("syntax"):
        web.kept["syntax"] = said["syntax"]
    return said


def _best_first(known: str) -> list[str]:
    return sorted(_SYNTAXES, key=lambda syntax: syntax != known)


def _run(asked: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The program beside us: whatever it does, we go on when the time is over."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program, nothing of it comes from outside
            [sys.executable, "-I", "-S", str(_PROGRAM)], input=json.dumps(asked).encode(), capture_output=True,
            timeout=seconds, check=False,
        )
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"failed": "timeout"}
    except ValueError:
        return {"failed": "talk", "words": gettext("its answer broke off our reading")}
    return said if "failed" in said else {"records": [], "refused": [], "server": ""} | said


def _address(url: str) -> Address:
    """host[:port][/database], with or without "z3950://" or "tcp:" before it. Raises AdapterError."""
    wrong = AdapterError(
        gettext("%(url)s is not an address of a Z39.50 server (host:port/database).") % {"url": url[:200]},
        permanent=True,
    )
    text = url.strip().removeprefix("z3950://").removeprefix("z39.50s://").removeprefix("tcp:")
    server, _slash, database = text.partition("/")
    host, colon, port = server.rpartition(":") if not server.endswith("]") else (server, "", "")
    if not colon:
        host, port = server, str(_PORT)
    host = host.strip("[]")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536 or any(
        mark in host for mark in " ,;@\\\n"
    ):
        raise wrong
    return Address(host, int(port), database or "Default")


def _numeric(address: Address, *, inside: bool) -> str:
    """The address that will be connected to: looked up once and looked at, since a name may mean another one a
    moment later. A union catalogue is never inside our own network."""
    try:
        found = socket.getaddrinfo(address.host, address.port, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as failure:
        raise AdapterError(
            gettext("The name %(host)s is not known.") % {"host": address.host}, permanent=False) from failure
    if not inside and not django_settings.ALLOW_PRIVATE_ADDRESSES:
        for entry in found:
            if not outside.is_public(str(entry[4][0])):
                raise AdapterError(
                    gettext("%(host)s is an address inside a private network; partners there are refused.")
                    % {"host": address.host}, permanent=True)
    # IPv4 first: Z39.50 servers behind a name with both often listen on that alone.
    number = str(sorted(found, key=lambda entry: entry[0] != socket.AF_INET)[0][4][0])
    return f"[{number}]" if ipaddress.ip_address(number.partition("%")[0]).version == 6 else number


source(lambda: Z3950(
    "own_catalogue_z3950", _("Our own catalogue (Z39.50)"),
    _("Says what we own, where it stands and whether it is on the shelf, where the library system has no SRU."),
    OWN, OPTIONS,
))
source(lambda: Z3950(
    "union_catalogue_z3950", _("Union catalogue (Z39.50)"),
    _("Says which other libraries hold a work, where their catalogue has no SRU."),
    UNION, OPTIONS,
))
