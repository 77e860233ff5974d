"""Everybody asked side by side: real sources over real HTTP to a server that is slow, broken or silent."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from illdesk.models import OutsideHost
from requests_app.models import SourceAnswer, SourceSetting
from requests_app.verification import belonging, check, stored
from requests_app.verification.asking import Asking, Turn
from requests_app.verification.records import Answer, Held, Record
from requests_app.verification.sources import SOURCES
from requests_app.verification.web import Web
from tests.requests_app.verification.conftest import DOI, WANTED, WORK, free, on

pytestmark = pytest.mark.django_db(transaction=True)

FREE = free("https://oa.example/1.pdf")


def look(wanted=WANTED, **more) -> check.Checked:
    return check.look(wanted, now=timezone.now(), **({"seconds": 3.0} | more))


def states(checked) -> dict[str, str]:
    return {row.code: row.state for row in checked.asked}


def test_what_is_switched_off_is_not_asked(there):
    assert look().asked == () and look().outcome == "" and there.seen == []


def test_one_source_knows_it_and_another_where_it_is_free(there):
    on(there, "crossref", "unpaywall")
    there.says(f"/v2/{DOI}", FREE)
    checked = look()
    assert (checked.outcome, states(checked)) == ("verified", {"crossref": "found", "unpaywall": "found"})
    assert checked.best.record.volume == "12" and checked.best.origins["volume"] == "crossref"
    assert [(row.way, row.version, row.licence) for row in checked.access] == [("free", "accepted", "cc-by")]
    assert all("mailto:ill@riverside.example" in one.headers["user-agent"] for one in there.seen)


def test_a_number_that_only_another_source_knows_is_asked_for_in_a_second_round(there):
    on(there, "crossref", "unpaywall")
    there.says(f"/v2/{DOI}", FREE)
    checked = look(WANTED.with_(doi=""))
    assert checked.outcome == "verified" and states(checked)["unpaywall"] == "found"
    assert checked.access[0].url == "https://oa.example/1.pdf"


@pytest.mark.parametrize("way", ["slow", "trickling"])
def test_one_that_hangs_keeps_nobody_waiting_and_is_named(there, way):
    on(there, "crossref", "unpaywall")
    there.behaves("/v2", way)
    began = time.monotonic()
    checked = look(seconds=1.5)
    assert time.monotonic() - began < 2.2
    assert checked.outcome == "verified" and states(checked)["unpaywall"] in ("failed", "late")
    assert not checked.is_whole and checked.access == ()


def test_what_is_asked_twice_goes_out_once_until_it_is_asked_afresh(there):
    on(there, "crossref")
    look()
    calls = len(there.seen)
    again = look()
    assert len(there.seen) == calls and again.asked[0].remembered and again.outcome == "verified"
    look(fresh=True)
    assert len(there.seen) > calls


def test_an_answer_grows_old(there):
    on(there, "crossref")
    look()
    SourceAnswer.objects.update(until=timezone.now() - timedelta(seconds=1))
    calls = len(there.seen)
    look()
    assert len(there.seen) > calls
    assert stored.forget_old_answers(now=timezone.now() + timedelta(days=31)) == 1


def test_a_failure_is_not_kept_and_the_server_is_remembered(there):
    on(there, "crossref")
    there.behaves("/works", "limited")
    first = look()
    assert states(first) == {"crossref": "failed"} and SourceAnswer.objects.count() == 0
    assert OutsideHost.objects.get().not_before > timezone.now()
    calls = len(there.seen)
    second = look()
    assert len(there.seen) == calls, "who asks to wait is left alone"
    assert "wait" in second.asked[0].words


def test_an_answer_is_kept_for_those_who_read_its_language(there):
    on(there, "crossref")
    look()
    calls = len(there.seen)
    with translation.override("es"):
        look()
        assert len(there.seen) > calls, "its sentences would be English"
        calls = len(there.seen)
        look()
    look()
    assert len(there.seen) == calls


class _Forgetful:
    """A source of its own kind: neither its memory nor its answer can be kept."""

    code, label, about, options = "forgetful", "Forgetful", "", ()
    inside, gap, days, days_nothing = False, 0.0, 30, 7

    def can_ask(self, wanted, settings):
        return True

    def ask(self, wanted, settings, web):
        web.kept["token"] = object()
        return Answer(notes=(object(),))

    def test(self, settings, web):
        return ""


def test_what_cannot_be_kept_costs_only_itself(there, monkeypatch, caplog):
    monkeypatch.setitem(SOURCES, "forgetful", _Forgetful())
    on(there, "forgetful", "crossref")
    checked = look()
    assert checked.outcome == "verified" and states(checked) == {"forgetful": "found", "crossref": "found"}
    assert [row.source for row in SourceAnswer.objects.all()] == ["crossref"]
    assert "an answer of source forgetful could not be kept" in caplog.text
    assert "how the servers of source forgetful fared" in caplog.text


def test_a_reason_with_a_nul_in_it_is_remembered_without(there):
    on(there, "crossref")
    there.behaves("/works", "unprintable")
    checked = look()
    assert states(checked) == {"crossref": "failed"} and "\x00" not in checked.asked[0].words
    assert "\x00" not in OutsideHost.objects.get().why


def test_a_resolver_that_failed_is_named_and_patrons_read_nothing_of_it(there):
    on(there, "crossref", "link_resolver")
    SourceSetting.objects.filter(code="link_resolver").update(url=f"{there.url}/resolver", options={"system": "alma"})
    there.says("/resolver", "<html>", type="text/html")
    checked = look()
    assert checked.notes == () and not checked.is_whole and len(checked.links) == 1
    words = {row.code: row.words for row in checked.asked}
    assert words["link_resolver"].startswith("Our link resolver did not answer by itself") and not words["crossref"]


def test_calls_keep_the_pause_that_an_operator_asks_for(there):
    on(there, "crossref")
    row = SourceSetting.objects.get()
    row.free_at = timezone.now() + timedelta(seconds=0.6)
    row.save()
    began = time.monotonic()
    assert look().outcome == "verified" and time.monotonic() - began > 0.55
    SourceSetting.objects.update(free_at=timezone.now() + timedelta(hours=1))
    assert states(look(fresh=True)) == {"crossref": "failed"}


def test_nothing_of_a_stranger_is_taken_for_what_was_wanted(there):
    on(there, "crossref", "unpaywall")
    stranger = WORK | {"title": ["Bees of the Alps"], "author": [{"family": "Huber", "given": "F."}], "page": "1-9",
                       "container-title": ["Apidologie"], "ISSN": ["0044-8435"], "volume": "40",
                       "issued": {"date-parts": [[1999]]}}
    there.says(f"/works/{DOI}", {"status": "ok", "message": stranger})
    there.says("/works", {"status": "ok", "message": {"items": [stranger], "total-results": 1}})
    there.says(f"/v2/{DOI}", FREE | {"title": "Bees of the Alps"})
    checked = look()
    assert checked.outcome in ("ambiguous", "not_found") and checked.access == ()


def test_a_doi_with_a_wrong_digit_does_not_keep_it_from_being_found_by_its_words(there):
    on(there, "crossref")
    stranger = WORK | {"title": ["Bees of the Alps"], "author": [{"family": "Huber", "given": "F."}]}
    there.says("/works/10.5555/tides.2015", {"status": "ok", "message": stranger | {"DOI": "10.5555/tides.2015"}})
    checked = look(WANTED.with_(doi="10.5555/tides.2015"))
    assert checked.best.record.doi == DOI and checked.outcome in ("verified", "probable")


def test_who_is_slow_for_an_impatient_reader_is_not_taken_to_be_down(there):
    on(there, "crossref")
    there.behaves("/works", "slow")
    for _patron in range(4):
        assert states(look(seconds=0.8))["crossref"] in ("failed", "late")
    time.sleep(0.5)
    assert not OutsideHost.objects.filter(failures__gt=0).exists()


def test_who_refuses_is_noted_once_in_a_check(there):
    on(there, "crossref", "unpaywall")
    there.behaves("/", "away")
    look()
    assert max(OutsideHost.objects.values_list("failures", flat=True)) <= 2, "one for each source of that host"


def test_who_asks_to_wait_is_not_asked_again_in_the_next_round(there):
    on(there, "crossref", "openalex")
    there.behaves("/works", "limited")
    there.says("/works/doi:.*", {"id": "https://openalex.org/W1"})
    look(WANTED.with_(doi=""))
    assert [one.path for one in there.seen].count("/works") <= 2


def test_nobody_is_asked_while_a_transaction_is_open(there):
    from django.db import transaction

    on(there, "crossref")
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        look()
    assert there.seen == []


def test_ready_links_carry_what_another_source_told(there):
    on(there, "crossref", "ready_links")
    checked = look(Record(kind="thesis", title="Tides of the northern Gulf", author="Okafor", year="2014"))
    assert checked.links


def test_it_costs_the_same_queries_however_many_candidates(there, django_assert_max_num_queries):
    on(there, "crossref")
    look()
    with django_assert_max_num_queries(6):
        look()



# --- our own shelves, and journals under other names ------------------------------------------------


def _checked(*held: Held) -> check.Checked:
    return check.Checked(WANTED, "verified", held=held)


def test_our_shelf_is_told_by_our_own_catalogue_and_by_worldcat_only_where_that_is_silent():
    away = Held("Main", ours=True, available=False, source="own_catalogue")
    counted, other = Held("Riverside", "RIV", ours=True, source="worldcat"), Held("Hill", "HIL", source="worldcat")
    assert _checked(counted, away, other).ours == (away,)
    assert _checked(counted, other).ours == (counted,)


JOURNAL = Record(title="Harbour and lighthouse review", issn="1357-2466", issns=("1357-2466",),
                 also=(("title", "Journal of coastal heritage"),))
ARTICLE = Record(kind="article", part_title="The lamp at Skerry Point", title="Harbour and lighthouse review")


@pytest.mark.parametrize("title", [
    "Harbour and lighthouse review", "Harbour lighthouse rev", "Journal of coastal heritage", "J. Coast. Herit.",
])
def test_a_journal_is_known_by_its_names_before_and_after_a_change_and_when_abbreviated(title):
    assert belonging.same_container(ARTICLE.with_(title=title), JOURNAL)


@pytest.mark.parametrize("wanted, found", [
    (ARTICLE.with_(title="Journal of coastal engineering"), JOURNAL),
    (ARTICLE.with_(title=""), JOURNAL),
    (ARTICLE.with_(title="Bulletin", issns=("3579-1241",)), JOURNAL.with_(title="Bulletin", also=())),
    (ARTICLE, JOURNAL.with_(kind="book", title="Harbour and lighthouse review of 1974", also=())),
])
def test_another_journal_is_not_the_one(wanted, found):
    assert not belonging.same_container(wanted, found)


def test_what_was_kept_of_a_better_question_counts_before_a_poorer_answer_of_now(there):
    """Asked in words WorldCat found the holders of another work; by number it told the right ones lately."""
    SourceSetting.objects.create(code="worldcat", on=True, url=there.url, key="k", secret="s")
    [one] = stored.switched_on()
    richer = WANTED.with_(oclc="7")
    kept = Answer(records=(richer.with_(source="worldcat", source_id="7"),), held=(Held("Right", record_id="7"),))
    stored.keep_answer(one.source, stored.question(one.source, one.settings, richer), kept, now=timezone.now())
    asking = Asking([one], time.monotonic() + 3, timezone.now(), "x", {}, False)
    poor = Answer(records=(Record(title="Bees", oclc="1"),), held=(Held("Wrong"),))
    now = time.monotonic()
    asking.turns.append(Turn(one, WANTED, "words", Web(until=now, agent="x"), now, ended=now, answer=poor))
    asking.begin(richer)
    assert [row.name for answer in asking.answers() for row in answer.held] == ["Right"] and there.seen == []
    assert [row.remembered for row in asking.asked()] == [False], "its first word of this check was of now"
