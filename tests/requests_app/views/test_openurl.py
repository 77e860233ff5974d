"""From a link resolver to the form: signed out or in, GET or POST, by value or from elsewhere."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client

from requests_app.models import ILLRequest
from tests import factories
from tests.conftest import SAMPLES
from tests.peers.web import peer

pytestmark = pytest.mark.django_db

LINK = (
    "/openurl?sid=google&genre=article&aulast=Mir%C3%B3&aufirst=Ana&atitle=On+the+Lake&title=Water+Today&volume=12"
    "&issue=3&date=2019&pages=45-67&issn=1368-8375&id=doi:10.1234/W.1"
)


@pytest.fixture
def patron(client):
    factories.institution()
    row = factories.patron()
    client.force_login(row.user)
    return row


def filled(page) -> dict:
    form = page.context["form"]
    values = {field.name: field.value() for field in form.plain_fields() if field.value()}
    return values | {name: value for name, value, _label in form.carried()}


def test_the_form_is_filled_in_and_says_where_from(client, patron):
    page = client.get(LINK)
    assert page.context["kind"] == "article"
    assert filled(page) | {"branch": None} == {
        "part_title": "On the Lake", "title": "Water Today", "part_author": "Miró, Ana", "year": "2019", "volume": "12",
        "issue": "3", "pages": "45-67", "issn": "1368-8375", "doi": "10.1234/w.1", "branch": None,
    }
    assert "Filled in from a link in Google Scholar. Look it over before you send it." in page.content.decode()
    assert ILLRequest.objects.count() == 0


def test_it_can_be_sent_and_what_has_no_field_goes_along(client, patron):
    page = client.get("/openurl?rft.genre=book&rft.btitle=Dust&rft.isbn=0330284983&rft.oclcnum=705628&rft.place=Rome"
                      "&rft_id=info:eric/ED605860&rfr_id=info:sid/EBSCO:ERIC")
    body = page.content.decode()
    assert "EBSCO: ERIC" in body and 'name="oclc" value="705628"' in body
    form = page.context["form"]
    data = filled(page) | {"kind": "book", "form_key": form["form_key"].value()}
    assert client.post("/my/new/", data).status_code == 302
    ill = ILLRequest.objects.get()
    assert (ill.citation.title, ill.citation.isbn, ill.citation.oclc) == ("Dust", "9780330284981", "705628")
    assert ill.citation.place == "Rome" and "info:eric/ED605860" in ill.asker_note


def test_whoever_must_sign_in_first_comes_back_to_the_whole_link(client):
    factories.institution()
    person = factories.patron().user
    person.set_password("correct horse battery")
    person.save()
    link = LINK + "&rft.stitle=" + quote("Wasser & Wärme / 水") + "&au=Li,+B&au=Ko,+C"
    there = client.get(link)
    assert there.status_code == 302 and there.url.startswith("/accounts/login/?next=")
    assert parse_qs(urlsplit(there.url).query)["next"] == [link]
    answer = client.post(there.url, {"login": person.username, "password": "correct horse battery",
                                     "next": parse_qs(urlsplit(there.url).query)["next"][0]})
    assert answer.status_code == 302 and answer.url == link
    assert filled(client.get(answer.url))["part_author"] == "Miró, Ana; Li, B; Ko, C"


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", None])
def test_a_post_from_elsewhere_becomes_a_link_although_no_session_comes_along(client, patron, content_type):
    fields = {"rft.genre": "article", "rft.atitle": "On the Lake", "rft.jtitle": "Wärme & Water", "rft.au": ["A", "B"],
              "rfr_id": "info:sid/jstor.org:jstor"}
    stranger = Client(enforce_csrf_checks=True)
    if content_type:
        body = "&".join(f"{key}={quote(one)}" for key, values in fields.items()
                        for one in ([values] if isinstance(values, str) else values))
        answer = stranger.post("/openurl", body, content_type=content_type)
    else:
        answer = stranger.post("/openurl", fields)
    assert answer.status_code == 302 and answer.url.startswith("/openurl?")
    page = client.get(answer.url)
    values = filled(page)
    assert (values["part_title"], values["title"], values["part_author"]) == ("On the Lake", "Wärme & Water", "A; B")
    assert "JSTOR" in page.content.decode()


def test_a_long_link_is_shortened_before_the_sign_in_and_still_says_the_work(client, patron):
    long = LINK + "&pid=" + "x" * 5000 + "&rft_dat=" + "%3Ca%3E" * 900
    answer = client.get(long)
    assert answer.status_code == 302 and len(answer.url) < 2100
    values = filled(client.get(answer.url))
    assert (values["part_title"], values["doi"], values["pages"]) == ("On the Lake", "10.1234/w.1", "45-67")
    endless = client.get("/openurl?genre=book&title=" + "%E6%B0%B4" * 5000 + "&au=" + "%E6%B0%B4" * 5000)
    assert endless.status_code == 302 and len(endless.url) < 2600
    assert client.get(endless.url).status_code == 200


def test_staff_who_may_not_ask_are_told_so(client):
    factories.institution()
    client.force_login(factories.user("student"))
    assert client.get(LINK).status_code == 403


@pytest.mark.parametrize("query", [
    "", "?", "?&&&", "?x", "?genre=%FF%FE", "?rft_ref=file:///etc/passwd", "?title=%22%3E<b>",
    "?genre=nonsense&title=T", "?genre=map&title=T", "?issn=edsupa&genre=article",
])
def test_a_link_that_says_little_or_nonsense_shows_the_form(client, patron, query):
    page = client.get("/openurl" + query)
    assert page.status_code == 200 and '<form method="post" action="/my/new/"' in page.content.decode()
    if "title" not in query:
        assert "says nothing about what you were looking at" in page.content.decode()


def test_a_known_pick_up_place_is_chosen(client, patron):
    factories.branch()
    other = type(factories.branch()).objects.create(code="ART", name="Art Library")
    page = client.get("/openurl?rft.genre=book&rft.btitle=Dust&svc.pickupLocation=ART")
    assert page.context["form"]["branch"].value() == other.pk


def test_every_real_link_fills_the_form(client, patron):
    path = SAMPLES / "openurl" / "nyu_100_random_openurls.txt"
    if not path.exists():
        pytest.skip("samples are not here")
    for line in path.read_text(encoding="utf-8").splitlines()[:40]:
        page = client.get("/openurl?" + quote(line.partition("?")[2], safe="&=+%?:/;,"), follow=True)
        assert page.status_code == 200 and filled(page), line


# --- what lies elsewhere -----------------------------------------------------------------------------------


@contextmanager
def serving(status: int, body: bytes):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_about):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ctx/1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


BOOK = (b'<ctx:context-objects xmlns:ctx="info:ofi/fmt:xml:xsd:ctx"><ctx:context-object><ctx:referent>'
        b"<ctx:metadata-by-val><ctx:metadata><rft:book xmlns:rft='info:ofi/fmt:xml:xsd:book'>"
        b"<rft:btitle>Dust</rft:btitle><rft:genre>book</rft:genre><rft:au>Ko, A</rft:au>"
        b"</rft:book></ctx:metadata></ctx:metadata-by-val>"
        b"</ctx:referent></ctx:context-object></ctx:context-objects>")


def by_reference(url: str) -> str:
    return f"/openurl?url_ver=Z39.88-2004&url_ctx_fmt=info:ofi/fmt:xml:xsd:ctx&url_ctx_ref={quote(url)}"


def test_a_description_that_lies_elsewhere_is_fetched(client, patron, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with serving(200, BOOK) as (url, asked):
        page = client.get(by_reference(url))
    assert asked == ["/ctx/1"]
    assert page.context["kind"] == "book" and filled(page)["title"] == "Dust" and filled(page)["author"] == "Ko, A"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
def test_nothing_inside_our_own_network_is_ever_fetched(client, patron, settings, host):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with serving(200, BOOK) as (url, asked):
        page = client.get(by_reference(url.replace("127.0.0.1", host)) + "&rft.volume=3")
        assert asked == []
    body = page.content.decode()
    assert page.status_code == 200 and "could not be read" in body and "private network" in body


def test_nobody_who_is_not_signed_in_makes_us_fetch(settings):
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with serving(200, BOOK) as (url, asked):
        Client().get(by_reference(url))
        Client().post("/openurl", {"url_ctx_ref": url, "url_ctx_fmt": "info:ofi/fmt:xml:xsd:ctx"})
        assert asked == []


@pytest.mark.parametrize("status,body,words", [
    (404, b"no", "404"), (302, b"", "302"), (200, b"x" * (1024 * 1024 + 1), "longer than"),
])
def test_what_cannot_be_read_there_is_said_and_the_rest_is_filled_in(client, patron, settings, status, body, words):
    settings.ALLOW_PRIVATE_ADDRESSES = True
    with serving(status, body) as (url, _asked):
        page = client.get(by_reference(url) + "&rft.btitle=Dust&rft.genre=book")
    assert page.status_code == 200 and words in page.content.decode() and filled(page)["title"] == "Dust"


def test_a_page_waits_once_for_all_that_lies_elsewhere(client, patron, settings, monkeypatch):
    settings.ALLOW_PRIVATE_ADDRESSES = True
    monkeypatch.setattr("requests_app.views.openurl.SECONDS", 2)
    with peer() as there:
        there.behaves("/", "trickling")
        began = time.monotonic()
        page = client.get(by_reference(f"{there.url}/1") + f"&rft_ref={there.url}/2&rft.btitle=Dust&rft.genre=book")
        assert time.monotonic() - began < 3.7 and sorted(there.paths()) == ["/1", "/2"]
    assert page.content.decode().count("No answer within 2 seconds.") == 2 and filled(page)["title"] == "Dust"


def test_a_description_posted_as_xml_is_read(client, patron):
    answer = Client().post("/openurl", {"url_ctx_fmt": "info:ofi/fmt:xml:xsd:ctx", "url_ctx_val": BOOK.decode()})
    assert filled(client.get(answer.url))["title"] == "Dust"
