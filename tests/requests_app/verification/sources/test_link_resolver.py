"""The library's link resolver: a link always, and what Alma, SFX and 360 Link answer to programs."""

import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from illdesk.errors import AdapterError
from requests_app.verification.records import Access, Record
from requests_app.verification.sources import SOURCES, Settings, link_resolver
from requests_app.verification.web import Web
from tests.illdesk.test_outside import serving

pytestmark = pytest.mark.nodb
ARTICLE = Record(
    kind="article", title="Oak & Galls", part_title="On galls", issn="0378-5955", year="2010", volume="12", issue="3",
    pages="41–58", part_author="Lee, Kim; Roe, Ann", doi="10.1/x", pmid="99",
)
SOURCE = SOURCES[link_resolver.LinkResolver.code]

ALMA = """<?xml version="1.0" encoding="UTF-8"?>
<uresolver_content xmlns="http://com/exlibris/urm/uresolver/xmlbeans/u">
 <context_object><keys><key id="rft.issn">0378-5955</key></keys></context_object>
 <context_services>
  <context_service service_type="getFullTxt"><keys>
    <key id="package_name">OAK</key><key id="package_public_name">Oak Complete</key><key id="Is_free">0</key>
    <key id="Availability">Available from 1998 until 2015.&lt;br&gt;Most recent 1 year(s) not available</key></keys>
   <resolution_url>https://oak.example/view/action/uresolver.do?package_service_id=1</resolution_url></context_service>
  <context_service service_type="getFullTxt"><keys><key id="package_display_name">DOAJ</key><key id="Is_free">1</key>
    </keys><resolution_url>https://oak.example/free</resolution_url></context_service>
  <context_service service_type="getFullTxt"><keys><key id="package_public_name">Elm</key>
    <key id="Filtered">true</key><key id="Filter reason">Date Filter</key>
    <key id="Availability">Available until 1990</key></keys><resolution_url>https://elm.example/</resolution_url>
   </context_service>
  <context_service service_type="getFullTxt"><keys/><resolution_url>javascript:alert(1)</resolution_url>
   </context_service>
  <context_service service_type="getHolding"><keys/><resolution_url>https://print.example/</resolution_url>
   </context_service>
 </context_services></uresolver_content>"""

SFX = """<?xml version="1.0" encoding="UTF-8"?>
<ctx_obj_set><ctx_obj identifier=""><ctx_obj_attributes>x</ctx_obj_attributes><ctx_obj_targets>
 <target><target_name>OAK</target_name><target_public_name>Oak Complete</target_public_name>
  <service_type>getFullTxt</service_type><target_url>https://oak.example/1</target_url><is_related>no</is_related>
  <coverage><coverage_text><threshold_text><coverage_statement>Available from 1998</coverage_statement>
  </threshold_text><embargo_text><embargo_statement>not the last year</embargo_statement></embargo_text></coverage_text>
  </coverage></target>
 <target><target_public_name>Elm</target_public_name><service_type>getSelectedFullTxt</service_type>
  <target_url>https://elm.example/</target_url></target>
 <target><service_type>getFullTxt</service_type><target_url>https://other.example/</target_url>
  <is_related>yes</is_related></target>
 <target><service_type>getDocumentDelivery</service_type><target_url>https://ill.example/</target_url></target>
</ctx_obj_targets></ctx_obj></ctx_obj_set>"""

_360 = """<ssopenurl:openURLResponse xmlns:ssopenurl="http://xml.serialssolutions.com/ns/openurl/v1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><ssopenurl:version>1.0</ssopenurl:version><ssopenurl:results>
 <ssopenurl:result format="journal"><ssopenurl:citation><dc:title>On galls</dc:title></ssopenurl:citation>
 <ssopenurl:linkGroups><ssopenurl:linkGroup type="holding"><ssopenurl:holdingData>
   <ssopenurl:startDate>1998</ssopenurl:startDate><ssopenurl:providerName>Oak</ssopenurl:providerName>
   <ssopenurl:databaseName>Oak Complete</ssopenurl:databaseName></ssopenurl:holdingData>
   <ssopenurl:url type="source">https://oak.example/</ssopenurl:url>
   <ssopenurl:url type="journal">https://oak.example/j</ssopenurl:url>
   <ssopenurl:url type="article">https://oak.example/a</ssopenurl:url></ssopenurl:linkGroup>
  <ssopenurl:linkGroup type="holding"><ssopenurl:url type="source">https://elm.example/</ssopenurl:url>
  </ssopenurl:linkGroup></ssopenurl:linkGroups></ssopenurl:result></ssopenurl:results></ssopenurl:openURLResponse>"""


def answering(body: str | bytes, head: str = "200 OK"):
    data = body.encode() if isinstance(body, str) else body
    return lambda line: line.sendall(f"HTTP/1.1 {head}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)


def ask(body, system: str, wanted=ARTICLE, head="200 OK", seconds=5.0):
    """The answer, and the keys of what was asked for."""
    with serving(answering(body, head)) as (url, got):
        settings = Settings(url=url, options={"system": system})
        answer = SOURCE.ask(wanted, settings, Web(until=time.monotonic() + seconds, agent="ill", inside=True))
    asked = dict(parse_qsl(urlsplit(got[0].split()[1].decode()).query)) if got else {}
    return answer, asked


def test_a_link_carries_the_question_to_any_resolver():
    answer = SOURCE.ask(ARTICLE, Settings(url="https://resolver.example/?a=b"), Web(until=0, agent="x"))
    url = answer.links[0].url
    assert answer.access == () and url.startswith("https://resolver.example/?a=b&url_ver=Z39.88-2004&")
    said = parse_qsl(urlsplit(url).query)
    assert said[6:] == [
        ("rft.genre", "article"), ("rft.atitle", "On galls"), ("rft.jtitle", "Oak & Galls"), ("rft.issn", "0378-5955"),
        ("rft.date", "2010"), ("rft.volume", "12"), ("rft.issue", "3"), ("rft.pages", "41–58"), ("rft.spage", "41"),
        ("rft.epage", "58"), ("rft.aulast", "Lee"), ("rft.aufirst", "Kim"), ("rft_id", "info:doi/10.1/x"),
        ("rft_id", "info:pmid/99"),
    ]
    assert said[5] == ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal")


@pytest.mark.parametrize(("wanted", "part"), [
    (Record(kind="book", title="Oak", isbn="9780306406157", author="UNESCO"),
     {"rft.genre": "book", "rft.btitle": "Oak", "rft.isbn": "9780306406157", "rft.au": "UNESCO"}),
    (Record(kind="chapter", title="Oak", part_title="Two"),
     {"rft.genre": "bookitem", "rft.btitle": "Oak", "rft.atitle": "Two"}),
    (Record(kind="thesis", title="Oak", degree="PhD"),
     {"rft_val_fmt": "info:ofi/fmt:kev:mtx:dissertation", "rft.title": "Oak", "rft.degree": "PhD"}),
    (Record(title="Oak", issn="0378-5955"), {"rft.genre": "journal", "rft.jtitle": "Oak"}),
    (Record(title="Oak"), {"rft.btitle": "Oak", "rft.genre": "unknown"}),
])
def test_kinds_have_their_formats(wanted, part):
    said = dict(link_resolver.openurl(wanted))
    assert part.items() <= said.items() and all(said.values())


def test_alma_answers_what_can_be_read_and_what_is_ours_for_other_years():
    answer, asked = ask(ALMA, "alma")
    assert answer.access == (
        Access("https://oak.example/view/action/uresolver.do?package_service_id=1", "licensed", name="Oak Complete",
               coverage="Available from 1998 until 2015. Most recent 1 year(s) not available", source="link_resolver"),
        Access("https://oak.example/free", "free", name="DOAJ", source="link_resolver"),
    )
    assert answer.notes == ("Elm is ours, but not for this date: Available until 1990",)
    assert (asked["svc_dat"], asked["response_type"], asked["rft.issn"]) == ("CTO", "xml", "0378-5955")


def test_sfx_answers_full_text_of_this_title():
    answer, asked = ask(SFX, "sfx")
    assert answer.access == (
        Access("https://oak.example/1", "licensed", name="Oak Complete",
               coverage="Available from 1998, not the last year", source="link_resolver"),
        Access("https://elm.example/", "licensed", name="Elm", limited=True, source="link_resolver"),
    )
    assert asked["sfx.response_type"] == "multi_obj_xml"


def test_360_link_answers_the_deepest_link():
    answer, asked = ask(_360, "360")
    assert answer.access == (Access("https://oak.example/a", "licensed", name="Oak Complete", coverage="1998 –",
                                    source="link_resolver"),)
    assert asked["version"] == "1.0"
    result = _360[_360.index("<ssopenurl:result "):_360.index("</ssopenurl:results>")]
    two = _360.replace(result, result * 2)
    assert ask(two, "360")[0].access == (), "several results: the question was ambiguous"


@pytest.mark.parametrize(("address", "system"), [
    ("https://x.alma.exlibrisgroup.com/view/uresolver/01X/openurl", "alma"), ("https://sfx.x.example/sfx_local", "sfx"),
    ("http://ab1cd2ef3g.search.serialssolutions.com/", "360"), ("https://resolver.ebscohost.com/openurl", "link"),
])
def test_the_system_is_known_by_its_address(address, system):
    assert link_resolver._system(Settings(url=address)) == system
    assert link_resolver._system(Settings(url=address, options={"system": "360 Link"})) == "360"


def test_360_has_another_address_for_programs():
    from requests_app.verification.sources.resolver_answers import SYSTEMS

    address = SYSTEMS["360"].address
    assert address("http://ab1.search.serialssolutions.com/") == "http://ab1.openurl.xml.serialssolutions.com/openurlxml"
    own = "http://ab1.openurl.xml.serialssolutions.com/openurlxml"
    assert address(own) == own


@pytest.mark.parametrize(("body", "head"), [
    ("<html><body>Sign in<br></body>", "200 OK"), ("", "200 OK"), ("gone", "404 Not Found"), ("x", "503 Busy"),
    (ALMA[:900], "200 OK"), ("<a>" * 100_000, "200 OK"), (b"<a>" + b"x" * 5_000_000 + b"</a>", "200 OK"),
    ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;', "200 OK"), (b"\xff\xfe\x00", "200 OK"),
])
def test_what_is_no_answer_costs_only_the_answer(body, head):
    answer, _asked = ask(body, "alma", head=head)
    assert answer.access == () and len(answer.links) == 1
    assert answer.notes == (), "patrons read notes"
    assert answer.incomplete.startswith("Our link resolver did not answer by itself: ")


@pytest.mark.parametrize("system", ["alma", "sfx", "360"])
@pytest.mark.parametrize("body", ["<a/>", "<result/>", "<context_service service_type='getFullTxt'/>",
                                  "<x><target><service_type>getFullTxt</service_type></target></x>"])
def test_missing_elements_are_nothing(system, body):
    answer, _asked = ask(body, system)
    assert answer.access == () and answer.notes == ()


def test_the_test_button_says_what_answered_and_raises_what_did_not():
    web = Web(until=time.monotonic() + 5, agent="ill", inside=True)
    with serving(answering(ALMA)) as (url, _got):
        assert "(Alma): 2 places" in SOURCE.test(Settings(url=url, options={"system": "alma"}), web)
    with serving(answering("<html>")) as (url, _got):
        with pytest.raises(AdapterError, match="not XML"):
            SOURCE.test(Settings(url=url, options={"system": "alma"}), web)
        assert "links lead there" in SOURCE.test(Settings(url=url), web)
    with pytest.raises(AdapterError, match="not an http"):
        SOURCE.test(Settings(url="resolver"), web)
