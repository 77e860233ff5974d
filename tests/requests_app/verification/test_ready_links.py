"""Pages of other catalogues with the question filled in."""

import pytest

from illdesk.errors import AdapterError
from requests_app.verification.records import Record
from requests_app.verification.sources import SOURCES, Settings, ready_links
from requests_app.verification.sources.ready_links import READY, filled
from tests.requests_app.verification.asking import web

pytestmark = pytest.mark.nodb

THESIS = Record(kind="thesis", title='A Symbolic Analysis of "Relay" & Switching Circuits',
    author="Shannon, Claude E.", year="1940")


def _links(wanted: Record, **options) -> dict[str, str]:
    by, source = web(), SOURCES["ready_links"]
    settings = Settings(options=options)
    if not source.can_ask(wanted, settings):
        return {}
    answer = source.ask(wanted, settings, by)
    assert by.calls == 0
    return {link.label: link.url for link in answer.links}


def test_a_thesis_has_links_with_the_question_filled_in():
    links = _links(THESIS)
    assert list(links) == ["ProQuest Dissertations & Theses", "OATD", "NDLTD", "DART-Europe"]
    assert links["OATD"] == (
        "https://oatd.org/oatd/search?q=A%20Symbolic%20Analysis%20of%20Relay%20Switching%20Circuits%20Shannon"
    )
    assert "rft.title=A%20Symbolic%20Analysis%20of%20%22Relay%22%20%26%20Switching" in links[
        "ProQuest Dissertations & Theses"]
    assert links["ProQuest Dissertations & Theses"].endswith("&rft.au=Shannon%2C%20Claude%20E.&rft.date=1940")


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        ("report", ["NASA NTRS", "OSTI", "DTIC"]), ("patent", ["Espacenet", "Google Patents"]),
        ("standard", ["ISO", "ANSI Webstore", "IEEE Standards"]),
        ("newspaper", ["Chronicling America", "Trove", "British Newspaper Archive"]), ("book", []), ("article", []),
    ],
)
def test_each_kind_has_its_own(kind, labels):
    assert list(_links(Record(kind=kind, title="Wind tunnel tests of gliders", year="1901"))) == labels


def test_a_patent_is_looked_up_by_number_where_there_is_one():
    links = _links(Record(kind="patent", title="Flying-machine", document_number="US 821,393 A"))
    assert links["Google Patents"] == "https://patents.google.com/?q=US821393A"
    assert _links(Record(kind="patent",
        title="Flying-machine"))["Google Patents"] == "https://patents.google.com/?q=Flying%20machine"


def test_a_newspaper_article_by_its_own_title():
    wanted = Record(kind="newspaper", title="Dayton Daily News", part_title="Flight at last", year="1903")
    assert _links(wanted)["Chronicling America"].endswith("/?q=Flight%20at%20last&dates=1903")


def test_a_library_changes_adds_and_leaves_out():
    links = _links(
        THESIS, oatd="https://example.org/?t={title}", ndltd="-", dart="javascript:alert('{title}')",
        ethos="https://ethos.bl.uk/?q={words}",
        more="thesis | Theses Canada | https://tc.example/?q={family}|{year}\nnonsense\n"
             "report | X | https://x.example/{title}",
    )
    assert list(links) == ["ProQuest Dissertations & Theses", "OATD", "EThOS", "Theses Canada"]
    assert links["OATD"].startswith("https://example.org/?t=A%20Symbolic")
    assert _links(Record(kind="report", title="Y"),
        more="report|X|https://x.example/{title}")["X"] == "https://x.example/Y"


def test_nothing_known_makes_no_link():
    assert _links(Record(kind="thesis")) == {}
    assert filled("https://a.example/?q={words}", {"words": ""}) == ""
    assert filled("https://a.example/", {"words": "x"}) == ""
    assert filled("https://a.example/?q={words}", {"words": "half \ud800"}) == "https://a.example/?q=half%20%3F"
    assert filled("https://a.example/?q={nobody}", {"words": "x"}) == ""
    assert filled("https://a.example/?q={words}", {"words": "語" * 1000}) == ""
    assert filled("https://a.example/?q={title}", {"title": '"/><script>&x=1#\r\n{words}'}) == (
        "https://a.example/?q=%22%2F%3E%3Cscript%3E%26x%3D1%23%0D%0A%7Bwords%7D"
    )


def test_the_test_button_finds_templates_that_make_no_address():
    source = SOURCES["ready_links"]
    assert source.test(Settings(), web()) == f"{len(READY) - 1} links are ready."
    with pytest.raises(AdapterError, match="no address: OATD"):
        source.test(Settings(options={"oatd": "oatd.org/{words}"}), web())
    assert {option.name for option in source.options} == {ready.name for ready in READY} | {"more"}
    assert ready_links.OFF == "-"
