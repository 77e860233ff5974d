"""No address that a person or a link brings along is ever fetched inside our own network: every door, one by one.

The doors are also tried with the guard lifted: then what is inside is heard.
"""

from urllib.parse import quote

import pytest
from django.utils import timezone

from requests_app.models import ILLRequest
from requests_app.verification import check
from requests_app.verification.records import Record
from tests import factories as f
from tests.requests_app.verification.conftest import DOI, WORK, free

pytestmark = pytest.mark.django_db(transaction=True)
# Ways to write the same machine. "inner.example" is a name that somebody's name server answers with 127.0.0.1.
HOSTS = (
    "127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "inner.example", "INNER.example.",
    "user:secret@127.0.0.1", "8.8.8.8@127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]",
    "１２７.0.0.1", "127。0。0。1",
)


def look_for(client, what: str) -> str:
    answer = client.get("/my/new/", {"what": what})
    assert answer.status_code == 200
    return answer.content.decode()


# --- the free link that is tried for the patron ------------------------------------------------------


@pytest.mark.parametrize("host", HOSTS)
def test_a_free_link_into_our_network_is_neither_tried_nor_offered(patron, there, inner, host):
    there.says(f"/v2/{DOI}", free(inner.at(host)))
    page = look_for(patron, DOI)
    assert 'value="Marine Letters"' in page, "the rest of the answer is of use"
    assert f"/v2/{DOI}" in there.paths()
    assert (inner.came, inner.heard) == (0, []) and "Free to read" not in page


@pytest.mark.parametrize("scheme", ["file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "ftp://127.0.0.1:{port}/x",
                                    "dict://127.0.0.1:{port}/x", "//127.0.0.1:{port}/x", "http:127.0.0.1:{port}"])
def test_a_free_link_that_is_none_is_not_tried(patron, there, inner, scheme):
    there.says(f"/v2/{DOI}", free(scheme.format(port=inner.port)))
    assert "Free to read" not in look_for(patron, DOI) and inner.came == 0


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("onward", ["http://127.0.0.1:{port}/", "//localhost:{port}/x", "http://inner.example:{port}/"])
def test_a_public_link_that_leads_into_our_network_is_followed_no_further(patron, there, inner, code, onward):
    there.says("/hop", b"", code=code, headers=[("Location", "/paper.pdf")])
    there.says("/paper.pdf", b"", code=code, headers=[("Location", onward.format(port=inner.port))])
    there.says(f"/v2/{DOI}", free(f"{there.url}/hop"))
    page = look_for(patron, DOI)
    assert "/paper.pdf" in there.paths(), "as far as it is public it is followed"
    assert inner.came == 0 and "Free to read" not in page


@pytest.mark.parametrize("name, value", [
    ("Refresh", "0; url=http://127.0.0.1:{port}/"), ("Link", "<http://127.0.0.1:{port}/>; rel=next"),
    ("Content-Location", "http://127.0.0.1:{port}/"), ("Retry-After", "http://127.0.0.1:{port}/"),
    ("Location", "http://127.0.0.1:{port}/"), ("Alt-Svc", 'h2="127.0.0.1:{port}"'),
])
@pytest.mark.parametrize("code", [200, 201, 429, 503])
def test_what_else_an_answer_names_is_not_gone_to(patron, there, inner, code, name, value):
    """By the link that is tried, and by the source itself."""
    head = [(name, value.format(port=inner.port))]
    there.says("/paper.pdf", b"%PDF", code=code, headers=head)
    there.says(f"/v2/{DOI}", free(f"{there.url}/paper.pdf"), code=code, headers=head)
    there.says(f"/works/{DOI}", {"status": "ok", "message": WORK}, code=code, headers=head)
    look_for(patron, DOI)
    assert there.seen and inner.came == 0


def test_a_name_that_moves_while_it_is_looked_at_gets_not_a_byte(patron, there, inner):
    there.says(f"/v2/{DOI}", free(inner.at("moves.example")))
    page = look_for(patron, DOI)
    assert inner.heard == [] and "Free to read" not in page


def test_with_the_guard_lifted_the_link_is_tried(patron, there, inner, settings):
    """So that the tests above can fail."""
    settings.ALLOW_PRIVATE_ADDRESSES = True
    there.says(f"/v2/{DOI}", free(inner.at("inner.example")))
    page = look_for(patron, DOI)
    assert inner.heard[0].startswith(b"GET /secret") and "Free to read" in page


def test_a_link_that_is_public_is_tried(patron, there):
    there.says("/paper.pdf", b"%PDF", type="application/pdf")
    there.says(f"/v2/{DOI}", free(f"{there.url}/paper.pdf"))
    assert "Free to read" in look_for(patron, DOI) and "/paper.pdf" in there.paths()


# --- what people type and links bring along ---------------------------------------------------------


@pytest.mark.parametrize("host", HOSTS)
def test_a_description_by_reference_is_not_fetched_from_inside(patron, inner, host):
    f.institution()
    where = quote(inner.at(host), safe="")
    answer = patron.get(f"/openurl?url_ver=Z39.88-2004&url_ctx_fmt=info:ofi/fmt:xml:xsd:ctx&url_ctx_ref={where}")
    assert answer.status_code == 200 and "could not be read" in answer.content.decode()
    assert inner.came == 0


def test_a_description_by_reference_that_redirects_is_not_followed(patron, there, inner):
    there.says("/ctx", b"", code=302, headers=[("Location", inner.at("127.0.0.1"))])
    where = quote(f"{there.url}/ctx", safe="")
    answer = patron.get(f"/openurl?url_ver=Z39.88-2004&url_ctx_fmt=info:ofi/fmt:xml:xsd:ctx&url_ctx_ref={where}")
    assert answer.status_code == 200 and there.paths() == ["/ctx"] and inner.came == 0


def test_a_description_shows_nothing_of_our_files(patron, there, tmp_path):
    (tmp_path / "secret").write_text("what-nobody-may-read")
    there.says("/ctx", f"""<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>
        <ctx:context-objects xmlns:ctx="info:ofi/fmt:xml:xsd:ctx"><ctx:context-object><ctx:referent>
        <ctx:metadata-by-val><ctx:metadata><rft:book xmlns:rft="info:ofi/fmt:xml:xsd:book"><rft:btitle>Dust</rft:btitle>
        <rft:genre>book</rft:genre><rft:au>&e;</rft:au></rft:book></ctx:metadata></ctx:metadata-by-val>
        </ctx:referent></ctx:context-object></ctx:context-objects>""", type="text/xml")
    where = quote(f"{there.url}/ctx", safe="")
    page = patron.get(f"/openurl?url_ver=Z39.88-2004&url_ctx_fmt=info:ofi/fmt:xml:xsd:ctx&url_ctx_ref={where}")
    assert there.paths() == ["/ctx"] and "what-nobody-may-read" not in page.content.decode()


@pytest.mark.parametrize("typed", [
    "{url}", "see {url} for it", "doi: {url}/10.5555/tides.2014", "10.5555/tides.2014@127.0.0.1:{port}/",
    "10.5555/../../../@127.0.0.1:{port}/x", "10.5555/x?y#z&url={url}", "10.5555/x\r\nHost: 127.0.0.1:{port}",
    "{url}?rft.isbn=9780306406157", "9780306406157 {url}",
])
def test_an_address_that_a_patron_pastes_is_only_read(patron, there, inner, typed):
    look_for(patron, typed.format(url=inner.at("127.0.0.1"), port=inner.port))
    assert inner.came == 0
    assert all(path.startswith(("/works", "/v2/")) for path in there.paths()), there.paths()
    assert all(one.headers["host"] == there.url.removeprefix("http://") for one in there.seen)


def test_an_address_in_any_field_of_the_form_is_only_stored(patron, there, inner):
    page = patron.get("/my/new/?kind=article").content.decode()
    key = page.split('name="form_key" value="')[1].split('"')[0]
    url = inner.at("127.0.0.1")
    named = ("part_title", "title", "part_author", "volume", "issue", "pages", "doi", "issn", "pmid", "note", "pasted",
             "languages")
    fields = dict.fromkeys(named, url)
    patron.post("/my/new/", fields | {"kind": "article", "form_key": key, "year": "2014", "issn_as_is": "on"})
    row = ILLRequest.objects.get()
    assert row.citation.title == url
    names = ("title", "part_title", "doi", "issn", "isbn", "oclc", "pmid", "pmcid", "arxiv", "lccn")
    check.look(Record(kind="article", **dict.fromkeys(names, url)), now=timezone.now(), seconds=2)
    assert inner.came == 0
