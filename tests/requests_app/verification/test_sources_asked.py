"""What all public sources have in common: whom they ask, with what, and what their Test button says."""

import pytest

from illdesk.errors import AdapterError
from requests_app.verification.records import Record
from requests_app.verification.sources import SOURCES, Settings
from tests.peers import shapes
from tests.peers.web import peer
from tests.requests_app.verification.asking import CONTACT, PLACES, ask, settings_for, web

pytestmark = pytest.mark.nodb


@pytest.fixture
def there():
    with peer() as there:
        shapes.everything(there)
        yield there


@pytest.mark.parametrize("code", sorted(PLACES))
def test_the_test_button_says_what_answered(there, code):
    if code == "worldcat":
        there.says("/worldcat/brief-bibs/424023", shapes.brief("424023", title="Infinite series"))
    assert SOURCES[code].test(settings_for(code, there), web()).startswith("It answers, for example with “")


@pytest.mark.parametrize("code", sorted(PLACES))
def test_the_test_button_notices_a_wrong_address(code):
    with peer() as nobody:
        nobody.says("/token", shapes.TOKEN, method="POST")
        with pytest.raises(AdapterError):
            SOURCES[code].test(settings_for(code, nobody), web())


@pytest.mark.parametrize("code", sorted(PLACES))
def test_who_asks_is_said_in_every_question(there, code):
    ask(code, there)
    assert {one.headers["user-agent"] for one in there.seen} == {f"ILL Desk (mailto:{CONTACT})"}


@pytest.mark.parametrize("code", sorted(PLACES))
def test_nobody_is_asked_with_nothing(code):
    settings = Settings(key="k", secret="s", contact=CONTACT)
    for wanted in (Record(), Record(kind="article", title="Nature"), Record(kind="film", title="Nature", year="1999"),
                   Record(kind="book", title="?!", author="X"), Record(doi="not a doi", isbn="123", oclc="x")):
        if code == "worldcat" and wanted.kind in ("article", "film"):
            continue  # a journal is looked up by its title, a film by title and year
        assert not SOURCES[code].can_ask(wanted, settings), wanted
    assert SOURCES[code].gap >= 0
    assert SOURCES[code].days >= SOURCES[code].days_nothing > 0
    assert not SOURCES[code].inside
