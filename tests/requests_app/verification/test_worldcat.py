"""WorldCat: tokens, records, the libraries near us, promises to keep, editions, numbers that were merged."""

import base64
import time

import pytest

from illdesk.errors import AdapterError
from requests_app.verification.records import Held, Record, from_json, to_json
from requests_app.verification.sources import oclc_token
from tests.conftest import SAMPLES
from tests.peers import shapes
from tests.peers.web import Saying, peer, saying
from tests.requests_app.verification.asking import IN_WORDS, ask, settings_for, web

pytestmark = pytest.mark.nodb

recorded = pytest.mark.skipif(not (SAMPLES / "oclc").is_dir(), reason=f"the samples of {SAMPLES} are not here")


@pytest.fixture
def there():
    with peer() as there:
        shapes.everything(there)
        yield there


def _options(there, **more):
    return {"tokens": f"{there.url}/token", "country": "US", **more}


def test_a_book_by_number_with_who_holds_it_who_keeps_it_and_its_editions(there):
    answer = ask("worldcat", there)
    first = Record(
        kind="book", title="My brilliant friend & I", author="Ferrante, Elena", publisher="Europa Editions",
        place="New York", year="2012", isbn="9781609450786", oclc="778419313", language="eng", isbns=("9781609450786",),
        also=(("oclc", "811639683"),), source="worldcat", source_id="778419313",
        url="https://search.worldcat.org/title/778419313",
    )
    assert answer.records == (first, first.with_(
        edition="2nd ed.", oclc="859323121", source_id="859323121", url="https://search.worldcat.org/title/859323121"
    ))
    assert answer.held == (
        Held(
            name="Library CBY 's", symbol="CBY", country="US", region="US-ME", registry_id="1233", retained=True,
            record_id="778419313", location="Waterville",
        ),
        Held(
            name="Library OUR 's", symbol="OUR", ours=True, country="US", region="US-ME", registry_id="7",
            record_id="778419313", location="Waterville",
        ),
    )
    assert answer.incomplete == ""
    assert there.paths() == [
        "/token", "/worldcat/brief-bibs/778419313", "/worldcat/bibs-holdings", "/worldcat/bibs-retained-holdings",
        "/worldcat/brief-bibs/778419313/other-editions",
    ]
    assert there.seen[2].params == {
        "oclcNumber": "778419313", "holdingsAllVariantRecords": "true", "heldInCountry": "US", "limit": "50",
        "offset": "1",
    }


def test_the_token_is_bought_with_key_and_secret_and_kept(there):
    by = web()
    ask("worldcat", there, by=by)
    bought = there.seen[0]
    assert base64.b64decode(bought.headers["authorization"].removeprefix("Basic ")) == b"wskey:s3cret"
    assert bought.body == b"grant_type=client_credentials&scope=wcapi"
    assert {one.headers["authorization"] for one in there.seen[1:]} == {"Bearer tk_first"}
    assert by.kept["token"] == "tk_first"
    assert 1199 - 60 < by.kept["until"] - time.time() < 1199
    there.seen.clear()
    ask("worldcat", there, by=web(kept=by.kept))
    assert "/token" not in there.paths()
    ask("worldcat", there, by=web(kept=by.kept | {"until": time.time() - 1}))
    assert there.paths().count("/token") == 1


def test_another_key_buys_another_token(there):
    by = web()
    ask("worldcat", there, by=by)
    there.seen.clear()
    ask("worldcat", there, by=web(kept=by.kept), secret="an0ther")
    ask("worldcat", there, by=web(kept=by.kept), options=_options(there, scope="wcapi context:128807"))
    assert there.paths().count("/token") == 2
    assert b"scope=wcapi+context%3A128807" in [one.body for one in there.seen if one.path == "/token"][1]


@pytest.mark.parametrize("kept", [{"token": 7, "until": "x"}, {"until": 10**12}, {"token": "t", "until": None,
    "for": []}])
def test_a_token_that_was_kept_badly_is_bought_again(there, kept):
    assert ask("worldcat", there, by=web(kept=kept))
    assert there.paths()[0] == "/token"


def _only_with(token: str, what):
    def answer(seen):
        good = seen.headers.get("authorization") == f"Bearer {token}"
        return saying(what, 200, "application/json", ()) if good else Saying(401, b'{"message": "Access denied"}')

    return answer


def test_a_token_that_is_refused_is_renewed_once(there):
    there.says("/token", {**shapes.TOKEN, "access_token": "tk_second"}, method="POST")
    there.says("/worldcat/brief-bibs/778419313", _only_with("tk_second", shapes.brief()))
    settings = settings_for("worldcat", there)
    kept = {"token": "tk_old", "until": time.time() + 900, "for": oclc_token._fingerprint(settings, "wcapi")}
    by = web(kept=kept)
    assert ask("worldcat", there, by=by).records
    assert there.paths()[:3] == ["/worldcat/brief-bibs/778419313", "/token", "/worldcat/brief-bibs/778419313"]
    assert by.kept["token"] == "tk_second"


def test_a_key_that_may_not_is_an_error_for_good_and_asked_twice_at_most(there):
    there.says("/worldcat/brief-bibs/778419313", _only_with("nobody's", shapes.brief()))
    with pytest.raises(AdapterError, match="does not allow this for our key: 401") as refused:
        ask("worldcat", there)
    assert refused.value.permanent
    assert there.paths().count("/token") == 2
    there.says("/token", {"code": 401, "message": "bad"}, code=401, method="POST")
    with pytest.raises(AdapterError, match="gives no token for this key"):
        ask("worldcat", there)


@pytest.mark.parametrize("token", [{}, {"access_token": ""}, {"access_token": None},
    {"access_token": "a\r\nX-Evil: 1"}, []])
def test_a_token_that_makes_no_sense(there, token):
    there.says("/token", token, method="POST")
    with pytest.raises(AdapterError):
        ask("worldcat", there)
    assert there.paths() == ["/token"]


def test_a_merged_number_leads_to_the_record_that_lives(there):
    there.says("/worldcat/brief-bibs", {"numberOfRecords": 2, "briefRecords": [shapes.brief("5"), shapes.brief()]},
               q="no:811639683")
    there.says("/worldcat/brief-bibs", {"numberOfRecords": 1, "briefRecords": [shapes.brief("6",
    mergedOclcNumbers=[])]},
               q="no:12")
    found = ask("worldcat", there, Record(oclc="811639683"))
    assert {one.oclc for one in found.records} >= {"5", "778419313"}
    assert not ask("worldcat", there, Record(oclc="12"))  # that record is another one


@pytest.mark.parametrize(
    ("wanted", "question"),
    [
        (Record(kind="book", isbn="1-60945-078-7"), "bn:9781609450786"),
        (Record(kind="article", title="Nature", issn="0028-0836", part_title="X"), "in:0028-0836"),
        (Record(kind="book", lccn="62-9520"), "ln:62009520"),
        (IN_WORDS["worldcat"], "ti:My AND ti:brilliant AND ti:friend AND au:Ferrante"),
        (Record(kind="book", title="Hard times", year="1854"), "ti:Hard AND ti:times AND yr:1854"),
        (Record(kind="article", title="Nature", part_title="X", year="2013"), "ti:Nature"),
        (Record(kind="book", title='a") OR (kw:x', author="X"), "ti:a AND ti:kw AND ti:x AND au:X"),
    ],
)
def test_the_question(there, wanted, question):
    ask("worldcat", there, wanted)
    assert next(one for one in there.seen if one.path == "/worldcat/brief-bibs").params["q"] == question


def test_an_isbn_of_another_book_is_noticed(there):
    other = shapes.brief("1", title="Envisioning information", isbns=["9780961392116"])
    there.says("/worldcat/brief-bibs", {"numberOfRecords": 1, "briefRecords": [other]}, q="bn:9780961392116")
    found = ask("worldcat", there, IN_WORDS["worldcat"].with_(isbn="9780961392116"))
    assert [one.oclc for one in found.records] == ["1", "778419313"]


def _many(count: int, **more):
    return [shapes.library(f"L{number:03}", 1000 + number, **more) for number in range(count)]


def _paged(total: int):
    def answer(seen):
        offset = int(seen.params["offset"])
        return saying(shapes.holdings(total, _many(total)[offset - 1:offset + 49]), 200, "application/json", ())

    return answer


def test_holdings_are_read_page_by_page(there):
    there.says("/worldcat/bibs-holdings", _paged(120))
    assert len(ask("worldcat", there).held) == 120
    assert [one.params["offset"] for one in there.seen if one.path == "/worldcat/bibs-holdings"] == ["1", "51", "101"]


def test_of_a_book_that_everybody_has_two_hundred_are_enough(there):
    there.says("/worldcat/bibs-holdings", _paged(4000))
    assert len(ask("worldcat", there).held) == 200


def test_a_total_that_lies_does_not_keep_us_asking(there):
    there.says("/worldcat/bibs-holdings", shapes.holdings(10**9, []))
    ask("worldcat", there)
    assert there.paths().count("/worldcat/bibs-holdings") == 1


def test_those_near_us_come_first_and_may_be_enough(there):
    there.says("/worldcat/bibs-holdings", shapes.holdings(1, [shapes.library("NYP", 1)]), heldInState="US-NY")
    options = _options(there, states="US-NY, US-NJ")
    there.says("/worldcat/bibs-holdings", shapes.holdings(1, []), heldInState="US-NJ")
    assert [one.symbol for one in ask("worldcat", there, options=options).held] == ["NYP", "CBY", "OUR"]
    there.says("/worldcat/bibs-holdings", shapes.holdings(20, _many(20)), heldInState="US-NJ")
    there.seen.clear()
    assert len(ask("worldcat", there, options=options).held) == 21
    assert [one.params.get("heldInCountry") for one in there.seen if one.path == "/worldcat/bibs-holdings"] == [None,
        None]


def test_all_countries(there):
    ask("worldcat", there, options=_options(there, country="*"))
    assert "heldInCountry" not in there.seen[2].params
    ask("worldcat", there, options={"tokens": f"{there.url}/token"}, country="ES")
    assert there.seen[-3].params["heldInCountry"] == "ES"


def test_what_was_found_is_kept_when_a_later_question_fails(there):
    there.behaves("/worldcat/bibs-retained-holdings", "broken")
    answer = ask("worldcat", there)
    assert (len(answer.records), len(answer.held)) == (1, 2)
    assert answer.incomplete == (
        "Not all libraries and editions could be asked for: It answered 500 Internal Server Error."
    )
    assert from_json(to_json(answer)) == answer
    there.behaves("/worldcat/bibs-holdings", "slow")
    answer = ask("worldcat", there, by=web(seconds=1.6))
    assert (len(answer.records), answer.held) == (1, ())
    assert answer.incomplete


def test_no_page_is_begun_that_cannot_end(there):
    by = web(seconds=0.9)
    answer = ask("worldcat", there, by=by)
    assert (len(answer.records), answer.held) == (1, ())
    assert "No time was left" in answer.incomplete
    assert there.paths() == ["/token", "/worldcat/brief-bibs/778419313"]


def test_an_unknown_number_is_nothing(there):
    there.says("/worldcat/brief-bibs", {"type": "NOT_FOUND"}, code=404)
    assert not ask("worldcat", there, Record(oclc="999999999999"))


def test_theses_films_and_scores(there):
    for given, kind in (({"generalFormat": "Video"}, "film"), ({"generalFormat": "MsScr"}, "score"),
                        ({"specificFormat": "Thesis"}, "thesis"), ({"generalFormat": "Jrnl"}, "")):
        there.says("/worldcat/brief-bibs/778419313", shapes.brief(**given))
        assert ask("worldcat", there).records[0].kind == kind


@recorded
def test_records_as_recorded(there):
    shapes.recorded_worldcat(there)
    asked = {"q": "bn:0-9613921-1-8", "limit": 10, "orderBy": "bestMatch"}
    said = web().get(f"{there.url}/worldcat/brief-bibs", asked)
    there.says("/worldcat/brief-bibs", said.content, q="bn:9780961392116")
    answer = ask("worldcat", there, Record(kind="book", isbn="0961392118"))
    assert len(answer.records) == 5
    assert answer.more == 88
    first, second = answer.records[:2]
    assert (first.oclc, first.title, first.author, first.edition, first.year, first.language) == (
        "892660693", "Envisioning information", "Tufte, Edward R.", "14. printing", "2013", "eng"
    )
    assert second.oclc == "21270160"
    assert second.isbns == ("9780961392116", "9781930824140")
    assert "22729823" in second.forms("oclc")


@recorded
def test_holdings_as_documented(there):
    there.says("/worldcat/bibs-holdings", (shapes.OCLC / "bookops_docs_response_06.json").read_bytes())
    there.says("/worldcat/bibs-retained-holdings", (shapes.OCLC / "bookops_docs_response_05.json").read_bytes())
    assert ask("worldcat", there).held == (Held(
        name="Colby College", symbol="CBY", country="US", region="US-ME", registry_id="1233", record_id="778419313",
        location="Waterville",
    ),)
    there.says("/worldcat/brief-bibs/778419313/other-editions",
        (shapes.OCLC / "bookops_docs_response_03.json").read_bytes())
    assert ask("worldcat", there).records[1].title == "My brilliant friend. book one : childhood, adolescence"
