"""The Checks tab: typed and found, taken over by a click, where else it might be, who was silent."""

import pytest

from requests_app.actions import perform
from requests_app.models import Citation, ILLRequest
from requests_app.verification import matching, stored
from requests_app.verification.asking import FOUND, LATE, Asked
from requests_app.verification.check import Checked
from requests_app.verification.records import Access, Held, Link, Record
from tests import factories as f

pytestmark = pytest.mark.django_db

FOUND_ONE = Record(
    kind="book", title="Tides and currents of the northern Gulf", author="Okafor, Ngozi", year="2014",
    publisher="Harbour Press", isbn="9780306406157", isbns=("9780306406157",), source="crossref", source_id="1",
)


@pytest.fixture
def clerk(client):
    client.force_login(f.user("borrowing staff"))
    f.institution()
    return client


def looked_at(*, records=(FOUND_ONE,), state="borrowing.in_review", **more) -> ILLRequest:
    row = f.ill(state)
    Citation.objects.filter(pk=row.citation_id).update(
        title="Tides and currents of the northern Golf", author="Okafor", year="2013", isbn="", edition="",
        publisher="", volume="", typed={"title": "Tides and currents of the northern Golf", "year": "2013"},
    )
    row = ILLRequest.objects.select_related("citation", "patron").get(pk=row.pk)
    wanted = stored.wanted_of(row.citation)
    conclusion = matching.conclude(wanted, records)
    checked = Checked(
        wanted, conclusion.outcome, conclusion.candidates,
        **({"asked": (Asked("crossref", FOUND, 612), Asked("unpaywall", LATE, 8000, "No answer in time."))} | more),
    )
    perform(row, "check", actor=f.staff(), now=f.NOW, checked=checked)
    return ILLRequest.objects.select_related("citation").get(pk=row.pk)


def page(client, row, **given) -> str:
    answer = client.get(f"/requests/{row.number}/", {"tab": "checks"} | given)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_anybody_was_asked_the_tab_says_so_and_offers_to_ask(clerk):
    text = page(clerk, f.ill("borrowing.in_review"))
    assert "Not yet checked" in text and "No source has been asked" in text and ">Verify<" in text


def test_typed_and_found_stand_side_by_side_with_source_and_agreement(clerk):
    text = page(clerk, looked_at())
    assert 'northern G<span class="ill-diff">o</span>lf' in text
    assert 'northern G<span class="ill-diff">u</span>lf' in text
    assert "one year apart" in text and "What differs: " in text
    assert "did not answer in time" in text


def test_one_field_is_taken_and_put_back(clerk):
    row = looked_at()
    newest = row.checks.get()
    answer = clerk.post(f"/requests/{row.number}/act/take_over/", {
        "version": row.version, "check_id": newest.pk, "candidate": "0", "fields_taken": "title",
        "next": f"/requests/{row.number}/?tab=checks",
    })
    assert answer.status_code == 302 and answer["Location"].endswith("?tab=checks")
    text = page(clerk, row)
    assert "taken from" in text and "took over: Title." in text
    fresh = ILLRequest.objects.select_related("citation").get(pk=row.pk)
    assert (fresh.citation.title, fresh.citation.year) == (FOUND_ONE.title, "2013")
    clerk.post(f"/requests/{row.number}/act/put_back/", {"version": fresh.version})
    assert ILLRequest.objects.get(pk=row.pk).citation.title == "Tides and currents of the northern Golf"


def test_all_at_once(clerk):
    row = looked_at()
    clerk.post(f"/requests/{row.number}/act/take_over/", {"version": row.version, "candidate": "0"})
    citation = ILLRequest.objects.get(pk=row.pk).citation
    assert (citation.year, citation.isbn, citation.publisher) == ("2014", "9780306406157", "Harbour Press")


def test_who_took_it_a_moment_ago_is_named_to_who_comes_late(clerk):
    row = looked_at()
    clerk.post(f"/requests/{row.number}/act/take_over/", {"version": row.version, "fields_taken": "title"})
    answer = clerk.post(f"/requests/{row.number}/act/take_over/", {"version": row.version, "fields_taken": "year"})
    assert answer.status_code == 409 and "was faster" in answer.content.decode()


def test_where_else_it_might_be(clerk):
    text = page(clerk, looked_at(
        held=(Held("Main library", ours=True, location="Main stacks", call_number="GC301 .O4", available=True),
              Held("Hillside", symbol="HIL")),
        access=(Access("https://proxy.example/login?url=https://j.example/1", "licensed", name="Journals of J"),
                Access("https://oa.example/1.pdf", "free", version="accepted", licence="cc-by", is_pdf=True)),
        links=(Link("Theses elsewhere", "https://theses.example/?q=tides"),),
    ))
    assert "Main stacks · GC301 .O4" in text and "on the shelf" in text and "HIL" in text
    assert "Journals of J" in text and "accepted manuscript, cc-by, PDF" in text and "Theses elsewhere" in text
    assert "We own it: document delivery" in text and "Send the link…" in text


def test_the_letter_with_the_link_is_seen_before_it_goes(clerk):
    row = looked_at(access=(Access("https://oa.example/1.pdf", "free"),))
    form = clerk.get(f"/requests/{row.number}/act/give_link/").content.decode()
    assert 'value="https://oa.example/1.pdf"' in form and "What you asked for is online" in form
    assert form.count("https://oa.example/1.pdf") == 2, "in the field and in the letter"
    clerk.post(f"/requests/{row.number}/act/give_link/", {"version": row.version, "url": "https://oa.example/1.pdf"})
    assert ILLRequest.objects.get(pk=row.pk).state == "borrowing.finished"


def test_candidates_can_be_looked_at_one_by_one(clerk):
    second = FOUND_ONE.with_(edition="2nd ed.", year="2019", isbn="9780262033848", isbns=("9780262033848",),
                             source_id="2", publisher="Other Press")
    row = looked_at(records=(FOUND_ONE, second))
    assert len(row.checks.get().found) == 2
    places = [one["record"]["year"] for one in row.checks.get().found]
    text = page(clerk, row, candidate=places.index("2019"))
    assert "Other Press" in text and 'aria-current="true"' in text
    assert clerk.get(f"/requests/{row.number}/", {"tab": "checks", "candidate": "99"}).status_code == 200


def test_a_possible_duplicate_is_named(clerk):
    row = looked_at()
    other = f.ill("borrowing.in_review", patron=row.patron)
    Citation.objects.filter(pk=other.citation_id).update(title=row.citation.title, volume="")
    text = page(clerk, row)
    assert "Possible duplicate, same patron:" in text and other.number in text


def test_what_a_source_says_is_never_markup(clerk):
    evil = FOUND_ONE.with_(title="<img src=x onerror=alert(1)>", author="<b>", url="javascript:alert(1)")
    row = looked_at(records=(evil.with_(title="Tides and currents of the northern Golf <img src=x>"),),
                    access=(Access("javascript:alert(1)", "free", name="<i>x"),))
    text = page(clerk, row)
    assert "<img src=x" not in text and "<i>x" not in text and 'href="javascript:' not in text


def test_verify_with_no_source_switched_on_says_so(clerk):
    row = f.ill("borrowing.in_review")
    answer = clerk.post(f"/requests/{row.number}/act/check/", {"version": row.version})
    assert answer.status_code == 302
    assert "No source is switched on" in page(clerk, row)


def test_who_may_only_look_is_offered_no_step(client):
    f.institution()
    client.force_login(f.user("student"))
    row = f.ill("lending.received")
    text = page(client, row)
    assert "act/check/" not in text and "act/take_over/" not in text


def test_of_requests_that_one_may_not_see_not_even_the_number_is_told(client):
    f.institution()
    lent, borrowed = f.ill("lending.received"), f.ill("borrowing.in_review")
    Citation.objects.filter(pk__in=[lent.citation_id, borrowed.citation_id]).update(isbn="9780306406157")
    client.force_login(f.user("student"))
    assert borrowed.number not in page(client, lent)
    client.force_login(f.user("coordinator"))
    assert borrowed.number in page(client, lent)
