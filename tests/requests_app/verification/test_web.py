"""The network as a source sees it: in time, polite, and never into our own network."""

import json
import time

import pytest

from illdesk import hosts
from illdesk.errors import AdapterError
from requests_app.verification.web import Web, json_of, xml_of
from tests.peers.web import peer
from tests.requests_app.verification.asking import web

pytestmark = pytest.mark.nodb


@pytest.fixture
def there():
    with peer() as there:
        there.says("/here", {"well": "come"})
        yield there


def test_it_says_who_asks_and_what(there):
    by = web()
    answer = by.get(f"{there.url}/here?a=1", {"q": "größer & kleiner"}, headers={"Accept": "application/json"})
    assert json_of(answer) == {"well": "come"}
    assert there.seen[0].params == {"a": "1", "q": "größer & kleiner"}
    assert there.seen[0].headers["user-agent"] == "ILL Desk (mailto:ill@library.example)"
    assert by.calls == 1
    assert by.fared == {hosts.of(there.url): ""}


def test_a_post_carries_its_body(there):
    there.says("/token", {"ok": True}, method="POST")
    web().post(f"{there.url}/token", b"grant_type=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (there.seen[0].method, there.seen[0].body) == ("POST", b"grant_type=x")


def test_without_time_nobody_is_asked(there):
    with pytest.raises(AdapterError, match="No time was left") as refused:
        web(seconds=0).get(f"{there.url}/here")
    assert not refused.value.permanent
    assert there.seen == []


@pytest.mark.parametrize("way", ["slow", "trickling"])
def test_an_answer_that_takes_longer_than_the_time_left_is_given_up(there, way):
    there.behaves("/here", way)
    by, begun = web(seconds=0.4), time.monotonic()
    with pytest.raises(AdapterError, match="No answer within") as refused:
        by.get(f"{there.url}/here")
    assert not refused.value.permanent
    assert time.monotonic() - begun < 2
    assert by.fared == {}, "who had no time does not say that a server is down"


def test_who_is_silent_for_long_is_told_to_be_down(there, monkeypatch):
    from requests_app.verification import web as room

    monkeypatch.setattr(room, "PATIENT", 0.3)
    there.behaves("/here", "slow")
    by = web(seconds=0.6)
    with pytest.raises(AdapterError):
        by.get(f"{there.url}/here")
    assert by.fared[hosts.of(there.url)].startswith("No answer")


def test_the_time_is_that_of_all_calls_together(there):
    by = web(seconds=0.3)
    by.get(f"{there.url}/here")
    by.pause(0.25)
    with pytest.raises(AdapterError, match="No time was left"):
        by.get(f"{there.url}/here")
    assert len(there.seen) == 1


def test_a_pause_longer_than_the_time_left_is_not_begun():
    by, begun = web(seconds=0.2), time.monotonic()
    with pytest.raises(AdapterError, match="No time was left"):
        by.pause(5)
    assert time.monotonic() - begun < 2


def test_a_server_known_to_be_down_is_not_knocked_at(there):
    by = web(down={hosts.of(there.url): "It does not answer at the moment."})
    with pytest.raises(AdapterError, match="does not answer at the moment") as refused:
        by.get(f"{there.url}/here")
    assert not refused.value.permanent
    assert (there.seen, by.fared, by.calls) == ([], {}, 0)


@pytest.mark.parametrize(
    ("way", "at_least", "at_most"), [("limited", 7, 7), ("limited until", 3600, 3600), ("unavailable", 60, 60)]
)
def test_who_wants_to_be_left_alone_says_for_how_long(there, way, at_least, at_most):
    """Seconds as they are, a date forty years away as an hour, nothing as a minute."""
    there.behaves("/here", way)
    by = web()
    with pytest.raises(AdapterError, match="asks us to wait") as refused:
        by.get(f"{there.url}/here")
    assert not refused.value.permanent
    assert at_least <= by.not_before[hosts.of(there.url)] <= at_most


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("0", 1), ("-5", 1), ("86400", 3600), ("soon", 60), ("nan", 60), ("1e400", 3600),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
     ("Wed, 99 Oct 2015", 60)],
)
def test_odd_words_for_how_long(there, said, seconds):
    there.says("/here", b"", code=429, headers=[("Retry-After", said)])
    by = web()
    with pytest.raises(AdapterError):
        by.get(f"{there.url}/here")
    assert by.not_before[hosts.of(there.url)] == seconds


@pytest.mark.parametrize(("code", "permanent"), [(400, True), (401, True), (500, False), (502, False), (504, False)])
def test_a_code_nobody_reckoned_with_is_an_error(there, code, permanent):
    there.says("/here", "x", code=code)
    with pytest.raises(AdapterError, match=f"answered {code}") as refused:
        web().get(f"{there.url}/here")
    assert refused.value.permanent is permanent


def test_a_server_in_front_that_says_the_other_is_away_counts_as_down(there):
    there.behaves("/here", "away")
    by = web()
    with pytest.raises(AdapterError):
        by.get(f"{there.url}/here")
    assert by.fared[hosts.of(there.url)] == "502 Bad Gateway"


def test_codes_a_source_understands_come_back(there):
    assert web().get(f"{there.url}/nowhere").status_code == 404
    there.says("/here", "x", code=422)
    assert web().get(f"{there.url}/here", fine=(422,)).status_code == 422
    with pytest.raises(AdapterError, match="answered 404"):
        web().get(f"{there.url}/nowhere", fine=())


def test_nobody_is_followed_to_another_address(there):
    there.behaves("/here", "redirecting")
    there.says("/inside", {"secret": 1})
    with pytest.raises(AdapterError, match="answered 302"):
        web().get(f"{there.url}/here")
    assert there.paths() == ["/here"]


def test_an_address_in_our_own_network_is_refused(there, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    for address in (f"{there.url}/here", there.url.replace("127.0.0.1", "localhost"), "http://169.254.169.254/latest/",
                    "http://[::ffff:10.0.0.1]/", "http://10.0.0.1/"):
        with pytest.raises(AdapterError, match="private network") as refused:
            web().get(address)
        assert refused.value.permanent
    assert there.seen == []


def test_a_system_of_our_own_may_lie_inside(there, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = False
    assert json_of(web(inside=True).get(f"{there.url}/here")) == {"well": "come"}


@pytest.mark.parametrize("address", ["file:///etc/passwd", "gopher://x/", "http:///x", "http://[", "//x", "",
    "http://x:y/"])
def test_what_is_no_web_address_is_an_error(address):
    with pytest.raises(AdapterError, match="not an http or https address"):
        web().get(address)


@pytest.mark.parametrize("private", [True, False])
def test_signs_that_cannot_be_sent(there, settings, private):
    settings.ALLOW_PRIVATE_ADDRESSES = private
    long_name = f"http://{'a' * 70}.example/"
    with pytest.raises(AdapterError):
        web().get(long_name)
    with pytest.raises(AdapterError, match="signs that cannot be sent") as refused:
        web(inside=True).get(f"{there.url}/here", headers={"Authorization": "Bearer schlüssel€"})
    assert refused.value.permanent
    web(inside=True).get(f"{there.url}/here", {"q": "half \ud800"})
    assert [one.params for one in there.seen] == [{"q": "half ?"}]


@pytest.mark.parametrize("way", ["enormous", "bomb"])
def test_nothing_endless_is_read_to_its_end(there, way):
    there.behaves("/here", way)
    begun = time.monotonic()
    with pytest.raises(AdapterError, match="longer than"):
        web().get(f"{there.url}/here")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("way", ["hung up", "garbage", "truncated", "not gzip"])
def test_a_broken_conversation_is_an_error(there, way):
    there.behaves("/here", way)
    with pytest.raises(AdapterError, match="Cannot be reached") as refused:
        web().get(f"{there.url}/here")
    assert not refused.value.permanent


def test_where_nobody_listens():
    by = web()
    with pytest.raises(AdapterError, match="Cannot be reached"):
        by.get("http://127.0.0.1:9/here")
    assert by.fared["127.0.0.1:9"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b'{"a": "\xf6"}', b"[" * 100_000,
    b'{"a":' + b"9" * 9999 + b"}"])
def test_what_is_no_json(there, body):
    there.says("/here", body)
    with pytest.raises(AdapterError, match="not JSON"):
        json_of(web().get(f"{there.url}/here"))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_in_the_codings_it_may_have(there, coding):
    there.says("/here", json.dumps({"a": "größer"}, ensure_ascii=False).encode(coding))
    assert json_of(web().get(f"{there.url}/here")) == {"a": "größer"}


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<a>", b"<a>\xff\xfe</a>", b'<?xml version="1.0" encoding="klingon"?><a/>', b"<a>" * 100_000,
    b"<a>\x00</a>"],
)
def test_what_is_no_xml(there, body):
    there.says("/here", body, type="text/xml")
    with pytest.raises(AdapterError, match="not XML"):
        xml_of(web().get(f"{there.url}/here"))


def test_xml_may_not_reach_for_files_nor_grow(there):
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    for entities in ('<!ENTITY e11 SYSTEM "file:///etc/passwd">', f'<!ENTITY e0 "lol">{bomb}'):
        there.says("/here", f"<!DOCTYPE a [{entities}]><a>&e11;</a>", type="text/xml")
        try:
            root = xml_of(web().get(f"{there.url}/here"))
        except AdapterError:
            continue
        assert str(root.xpath("string()")) == ""


def test_what_is_kept_is_handed_in_and_out():
    kept = {"token": "t"}
    by = Web(until=time.monotonic() + 1, agent="x", kept=kept)
    by.kept["token"] = "u"
    assert kept == {"token": "t"}
