"""The pages of titles: found, read, merged, moved; what is beyond the limit gets its ground."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from illdesk.models import Event
from requests_app.actions import perform
from requests_app.copyright import corrections, ledger, listed
from requests_app.models import CopyrightTitle, CopyrightUse, TitleLink
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, OTHER, article, by_hand, place_of, sent, use_of
from tests.requests_app.copyright.test_corrections import made_over
from tests.requests_app.copyright.test_ledger import on, title
from tests.requests_app.copyright.test_titles import counted

pytestmark = pytest.mark.django_db
TITLES = "/copyright/titles/"


@pytest.fixture
def clerk(client):
    client.force_login(f.user("borrowing staff"), backend="illdesk.accounts.backend.RoleBackend")
    return client


def words(answer) -> str:
    return " ".join(html.fromstring(answer.content.decode()).text_content().split())


def names(answer) -> list[str]:
    return [row.name for row, _numbers, _left in answer.context["rows"]]


def page_of(browser, row: CopyrightTitle, **asked):
    return browser.get(f"{TITLES}{row.pk}/", {"year": 2026} | asked)


def _sent_all_the_same(ill) -> CopyrightUse:
    """As a person decides where the rules would ask."""
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    if ill.state == "borrowing.copyright_review":
        by_hand(ill)
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    return use_of(ill)


# --- the list -------------------------------------------------------------------------------------------------------


def test_titles_of_a_year_stand_by_use_and_are_found_by_name_and_number(clerk):
    for _time in range(2):
        sent(issn=OTHER, title="Nature of Tides")
    sent(), sent(year="1990")
    assert names(clerk.get(TITLES, {"year": 2026})) == ["Nature of Tides", "Marine Letters"]
    row = clerk.get(TITLES, {"year": 2026, "q": "marine"}).context["rows"][0][0]
    assert (row.used, row.pending, row.outside, row.over) == (0, 1, 1, 0)
    for text in ("1234-5679", "12345679", "MARINE let"):
        assert names(clerk.get(TITLES, {"year": 2026, "q": text})) == ["Marine Letters"], text
    assert names(clerk.get(TITLES, {"year": 2026, "kind": "work"})) == []
    assert "Nothing was asked for in this year" in words(clerk.get(TITLES, {"year": 2019}))
    assert names(clerk.get(TITLES, {"year": 2019, "q": ISSN})) == ["Marine Letters"], "known, with nothing in that year"
    assert "No title found" in words(clerk.get(TITLES, {"q": "zebra"}))
    for nonsense in ("x", "-1", "99999999", "٢٠٢٦"):
        assert clerk.get(TITLES, {"year": nonsense}).status_code == 200


def test_the_list_is_downloaded_as_it_is_shown(clerk):
    sent(title="=1+Marine"), sent(issn=OTHER, title="Nature")
    csv = b"".join(clerk.get(f"{TITLES}export.csv", {"year": 2026, "q": ISSN}).streaming_content).decode()
    assert "'=1+Marine" in csv and "Nature" not in csv and f"ISSN {ISSN}" in csv
    book = b"".join(clerk.get(f"{TITLES}export.xlsx", {"year": 2026}).streaming_content)
    assert io.BytesIO(book).read(2) == b"PK"


def test_a_download_is_cut_off_nowhere(clerk, monkeypatch):
    """Read piece by piece to its end, with no limit in its question."""
    over = made_over()
    real = listed.in_chunks
    monkeypatch.setattr(listed, "in_chunks", lambda rows: real(rows, 2))
    for where, one in ((f"{TITLES}export.csv?year=2026", over.title.name), ("/copyright/over/export.csv", over.number)):
        with CaptureQueriesContext(connection) as asked:
            text = b"".join(clerk.get(where).streaming_content).decode()
        uses = [query["sql"] for query in asked if "copyrightuse" in query["sql"] and "ORDER BY" in query["sql"]]
        assert one in text and uses and not any("LIMIT" in sql for sql in uses), where


def test_the_length_of_the_list_costs_no_query_more(clerk, django_assert_max_num_queries):
    for number in range(12):
        counted(f"Publisher {number}")
    with django_assert_max_num_queries(13):
        assert len(clerk.get(TITLES, {"year": 2026}).context["rows"]) == 12


# --- one title --------------------------------------------------------------------------------------------------------


def test_a_title_shows_its_places_its_requests_and_what_counts_no_more(clerk):
    first, second = sent(), sent(year="1990")
    ended = sent()
    ledger.free(ended, "unfilled", now=f.NOW)
    ledger.fill(first, now=f.NOW)
    said = words(page_of(clerk, title(ISSN)))
    assert "1 used, 0 pending, 4 left of 5 in 2026" in said
    assert first.number in said and second.number in said and "Older than the years" in said
    assert "1 row that counts no more" in said and "It ended without a copy" in said
    assert f"/requests/{first.number}/" in page_of(clerk, title(ISSN)).content.decode()


def test_who_only_reads_sees_no_step(client):
    sent(), sent(issn=OTHER)
    client.force_login(f.user("administrator"), backend="illdesk.accounts.backend.RoleBackend")
    said = page_of(client, title(ISSN)).content.decode()
    assert "merge/" not in said and "/requests/" not in said
    assert client.get(f"{TITLES}{title(ISSN).pk}/merge/").status_code == 403
    assert client.post(f"{TITLES}{title(ISSN).pk}/merge/", {"with": title(OTHER).pk}).status_code == 403


def test_a_number_put_right_is_told_with_a_way_to_move_it(clerk):
    ill = sent()
    ill.citation.issn = OTHER
    ill.citation.save()
    page = page_of(clerk, title(ISSN))
    assert "leads elsewhere now" in words(page) and f"move/?use={use_of(ill).pk}" in page.content.decode()
    where = f"{TITLES}{title(ISSN).pk}/move/"
    form = {"uses": use_of(ill).pk, "number": OTHER}
    missing = clerk.post(where, form)
    assert missing.status_code == 422 and "enter the name of the title" in words(missing)
    looked = clerk.post(where, form | {"name": "Nature"})
    assert looked.status_code == 200 and "What “Nature” would have afterwards" in words(looked)
    assert use_of(ill).title == title(ISSN), "looking moves nothing"
    assert clerk.post(where, form | {"name": "Nature", "move": "1"}).url == f"{TITLES}{title(OTHER).pk}/"
    assert use_of(ill).title.name == "Nature" and place_of(ill) == 1
    again = clerk.post(where, form | {"move": "1"})
    assert again.status_code == 422, "it stands there no more"


@pytest.mark.parametrize(("form", "sentence"), [
    ({"number": OTHER}, "Tick at least one request."),
    ({"uses": 999999, "number": OTHER}, "counted elsewhere by now"),
    ({"uses": "own", "number": "1234-5670"}, "check digit is wrong"),
    ({"uses": "own", "number": ISSN}, "the title's own"),
    ({"uses": "x", "number": "x"}, "is no ISSN"),
])
def test_a_bad_move_says_why(clerk, form, sentence):
    mine = use_of(sent())
    form = form | ({"uses": mine.pk} if form.get("uses") == "own" else {})
    answer = clerk.post(f"{TITLES}{mine.title_id}/move/", form | {"name": "Typed name", "move": "1"})
    assert answer.status_code == 422 and sentence in words(answer).replace("’", "'")
    assert "Typed name" in answer.content.decode(), "what was typed stays"


def test_two_names_of_one_journal_are_stated_and_taken_back(clerk):
    sent()
    row = title(ISSN)
    where = f"{TITLES}{row.pk}/names/"
    for bad in ({"kind": "continues", "number": "1"}, {"kind": "x", "number": OTHER},
                {"kind": "continues", "number": ISSN}):
        assert clerk.post(where, bad).status_code == 422
    assert clerk.post(where, {"kind": "continues", "number": OTHER}).status_code == 302
    assert f"Continues ISSN {OTHER}" in words(page_of(clerk, row))
    assert "stated already" in words(clerk.post(where, {"kind": "continued", "number": OTHER}))
    assert use_of(sent(issn=OTHER)).title == row
    link = TitleLink.objects.get()
    assert clerk.post(f"{where}{link.pk}/remove/").status_code == 302 and not TitleLink.objects.exists()
    assert clerk.post(f"{where}{link.pk}/remove/").status_code == 404
    assert "Another name of it was stated" in words(page_of(clerk, row))


# --- merging ----------------------------------------------------------------------------------------------------------


def test_of_two_who_merge_the_same_pair_the_second_is_told(clerk):
    sent(), sent(issn=OTHER)
    keep, gone = title(ISSN), title(OTHER)
    where = f"{TITLES}{keep.pk}/merge/"
    assert '1<span class="ill-phone-only"> request</span>' in clerk.get(where, {"with": gone.pk}).content.decode()
    assert clerk.post(where, {"with": gone.pk}).status_code == 302
    second = clerk.post(where, {"with": gone.pk})
    assert second.status_code == 409 and "one already" in words(second)
    assert Event.objects.filter(name="copyright.merged").count() == 1
    said = words(page_of(clerk, keep))
    assert "Merged into it:" in said and "Another title was merged into it" in said
    left = words(page_of(clerk, gone))
    assert "It was merged into another title" in left
    assert "known by its name" not in left and "left of 5" not in left, "its numbers and places are the other's now"
    assert "left of 5" in said


def test_what_cannot_be_merged_is_told_before_and_when_tried(clerk):
    chapter = {"kind": "chapter", "issn": "", "isbn": "9780141439549", "volume": "", "issue": ""}
    work, journal = use_of(sent(**chapter)).title, use_of(sent()).title
    where = f"{TITLES}{journal.pk}/merge/"
    for chosen, sentence in ((work.pk, "different rules"), (journal.pk, "one already")):
        assert sentence in words(clerk.get(where, {"with": chosen}))
        assert clerk.post(where, {"with": chosen}).status_code == 409
    assert clerk.post(where).status_code == 422 and clerk.post(where, {"with": "x"}).status_code == 409
    assert clerk.get(where, {"with": 999999}).status_code == 404
    assert CopyrightTitle.objects.filter(merged_into=None).count() == 2


def test_titles_of_one_name_are_proposed_until_somebody_says_that_they_are_two(clerk):
    named, elm = counted("Oak"), counted("Elm")
    numbered = _sent_all_the_same(article(title="Bulletin")).title
    same = f"{TITLES}same/"

    def proposed() -> list[list[int]]:
        return [[row.pk for row, _n in group] for group in clerk.get(same).context["groups"]]

    assert proposed() == [[named.pk, numbered.pk], [elm.pk, numbered.pk]], "two publishers are two titles"
    assert f"{named.pk}/merge/?with={numbered.pk}" in clerk.get(same).content.decode()
    assert "Perhaps the same title" in words(page_of(clerk, named))
    assert clerk.post(f"{TITLES}{named.pk}/apart/", {"with": numbered.pk}).status_code == 302
    assert proposed() == [[elm.pk, numbered.pk]]
    assert clerk.post(f"{TITLES}{named.pk}/apart/", {"with": numbered.pk}).status_code == 409
    for nonsense in ("", "x", str(named.pk), "9" * 30):
        assert clerk.post(f"{TITLES}{named.pk}/apart/", {"with": nonsense}).status_code == 409
    assert clerk.post(f"{TITLES}{named.pk}/apart/", {"with": "999999"}).status_code == 404


def test_a_conflict_leads_from_the_decision_to_both_titles(clerk):
    mine, former = use_of(sent()).title, use_of(sent(issn=OTHER)).title
    corrections.link(former, TitleLink.CONTINUED_BY, f"issn:{ISSN}", actor=f.staff(), now=f.NOW)
    ill = article()
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    assert ill.state == "borrowing.copyright_review"
    page = clerk.get(f"/requests/{ill.number}/act/decide_copyright/").content.decode()
    assert f"{TITLES}{mine.pk}/merge/?with={former.pk}" in page or f"{TITLES}{former.pk}/merge/?with={mine.pk}" in page


# --- beyond the limit -------------------------------------------------------------------------------------------------


def test_over_ones_are_listed_counted_in_the_column_and_settled_with_a_royalty(clerk):
    assert "Nothing is beyond the limit" in words(clerk.get("/copyright/over/"))
    over = made_over()
    assert over.number in words(clerk.get("/copyright/over/"))
    assert "Beyond the limit1" in words(clerk.get(TITLES)), "in the column of every page"
    csv = b"".join(clerk.get("/copyright/over/export.csv").streaming_content).decode()
    assert over.number in csv
    where = reverse("copyright_settle", args=[over.pk])
    for bad, sentence in (
        ({"record": "1"}, "Choose the ground."), ({"ground": "royalty"}, "Write the reason"),
        ({"ground": "fair_use", "reason": "x", "royalty": "3"}, "belongs to a royalty alone"),
        ({"ground": "royalty", "reason": "x", "royalty": "-3"}, "Enter 0 or more."),
        ({"ground": "royalty", "reason": "x", "royalty": "3", "currency": "E"}, "three letters"),
        ({"ground": "because", "reason": "Typed reason"}, "because"),
    ):
        answer = clerk.post(where, bad)
        assert answer.status_code == 422 and sentence in words(answer), sentence
    good = {"ground": "royalty", "reason": "Paid by invoice 7.", "royalty": "38.00", "currency": "usd"}
    assert clerk.post(where, good).status_code == 302
    use = use_of(over.ill)
    assert (use.ground, str(use.royalty), use.currency) == ("royalty", "38.00", "USD")
    second = clerk.post(where, good)
    assert second.status_code == 409 and "settled already" in words(second)
    assert "settled already" in words(clerk.get(where))
    assert "Paid by invoice 7." in words(page_of(clerk, title(ISSN)))


def test_a_place_that_is_free_is_offered_and_taken(clerk):
    over = made_over()
    where = reverse("copyright_settle", args=[over.pk])
    assert "Take the place" not in words(clerk.get(where))
    assert clerk.post(where, {"take": "1"}).status_code == 409
    ledger.free(CopyrightUse.objects.exclude(state="freed").get(place=2).ill, "unfilled", now=on(12))
    assert "a place is free" in words(clerk.get("/copyright/over/"))
    assert "Take the place that is free in 2026" in words(clerk.get(where))
    assert clerk.post(where, {"take": "1"}).status_code == 302 and place_of(over.ill) == 2
