"""A list as its address and the person's memory arrange it."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from requests_app.models import ILLRequest, ListPreference
from tests import factories

pytestmark = pytest.mark.django_db
HERE = "/borrowing/submitted/"


@pytest.fixture
def clerk(client):
    factories.institution()
    row = factories.user("borrowing staff", "lending staff")
    client.force_login(row)
    return row


def _numbers(page) -> list[str]:
    return [row["ill"].number for row in page.context["rows"]]


def test_filters_stand_in_the_address_and_as_chips_with_a_count(client, clerk):
    for title in ("Reef maps", "Reef fish", "Oak galls"):
        factories.asked(title=title)
    page = client.get(HERE, {"words": "reef", "sort": "-title"})
    assert [row["title"] for row in page.context["rows"]] == ["Reef maps", "Reef fish"]
    text = page.content.decode()
    assert "2 of 3" in text and "Words: reef" in text and 'aria-sort="descending"' in text
    without = page.context["arrangement"].chips()[0]["url"]
    assert len(_numbers(client.get(HERE + without, follow=True))) == 3


def test_an_empty_filtered_list_says_so_and_offers_the_way_out(client, clerk):
    factories.asked()
    text = client.get(HERE, {"service": "copy"}).content.decode()
    assert "Nothing fits these filters" in text and "1 request stands in this list without them" in text
    assert "Clear the filters" in text


def test_what_was_chosen_is_remembered_for_this_person_and_this_list_until_forgotten(client, clerk):
    factories.asked()
    chosen = client.get(HERE, {"service": "loan", "cols": "title,status", "keep": "1", "words": ""})
    assert chosen.status_code == 302 and chosen.url == f"{HERE}?service=loan&cols=title%2Cstatus"
    assert client.get(HERE).url == chosen.url
    assert client.get("/borrowing/in-review/").status_code == 200
    assert client.get(HERE, {"open": "B-2026-00001"}).url == f"{chosen.url}&open=B-2026-00001"
    # Looking at a colleague's address changes nothing of it.
    assert client.get(HERE, {"sort": "age"}).status_code == 200
    assert client.get(HERE).url == chosen.url
    client.force_login(factories.user("borrowing staff"))
    assert client.get(HERE).status_code == 200
    client.force_login(clerk)
    assert client.get(HERE, {"house": "1"}).url == HERE
    assert client.get(HERE).status_code == 200 and not ListPreference.objects.exists()


def test_clearing_the_last_filter_forgets(client, clerk):
    client.get(HERE, {"service": "copy", "keep": "1"})
    assert client.get(HERE, {"keep": "1"}).url == HERE
    assert client.get(HERE).status_code == 200


def test_columns_are_chosen_and_moved_without_script(client, clerk):
    factories.asked()
    form = {"col": ["number", "title", "status"], "keep": "1", "menu": "columns"}
    moved = client.get(HERE, form | {"up": "status"})
    assert moved.url == f"{HERE}?cols=number%2Cstatus%2Ctitle&menu=columns"
    page = client.get(moved.url)
    assert page.context["arrangement"].names == ["number", "status", "title"]
    assert "Other" in page.content.decode()
    assert client.get(HERE, {"cols": "age"}).context["arrangement"].names == ["age", "title"]
    house = client.get(HERE, {"cols": "no,such,columns"}).context["arrangement"].names
    assert house == ["number", "title", "who", "age", "date", "flags"]


def test_every_column_of_every_list_can_be_shown(client, clerk):
    factories.ill("borrowing.checked_out")
    factories.ill("lending.received")
    for address in ("/borrowing/checked-out/", "/lending/received/", "/borrowing/mine/", "/lending/attention/"):
        names = list(client.get(address).context["arrangement"].offered)
        for name in names:
            page = client.get(address, {"cols": name})
            assert page.status_code == 200 and name in page.context["arrangement"].names


@pytest.mark.parametrize("given", [
    {"service": "x"}, {"material": "'"}, {"flag": "x"}, {"asked_from": "yesterday"}, {"need_to": "9999-99-99"},
    {"sort": "flags"}, {"sort": "--title"}, {"cols": ","}, {"words": "%"}, {"library": "x" * 500}, {"branch": "🎼"},
    {"after": "x", "sort": "title"}, {"mine": "maybe"}, {"asked_from": "0001-01-01", "asked_to": "9999-12-31"},
])
def test_no_address_breaks_a_list(client, clerk, given):
    factories.asked()
    assert client.get(HERE, given).status_code == 200
    assert client.get(f"{HERE}export.csv", given).status_code == 200


def test_a_date_nobody_can_read_is_told_and_leaves_nothing_out(client, clerk):
    factories.asked()
    page = client.get(HERE, {"asked_from": "yesterday"})
    assert "Enter a date" in page.content.decode() and len(_numbers(page)) == 1


def test_pages_keep_filters_and_order(client, clerk):
    for place in range(60):
        factories.asked(title=f"Reef {place:02}")
    page = client.get(HERE, {"words": "reef", "sort": "-title"})
    seen = [row["title"] for row in page.context["rows"]]
    more = client.get(HERE, {"words": "reef", "sort": "-title", "after": page.context["after"]})
    seen += [row["title"] for row in more.context["rows"]]
    assert seen == [f"Reef {place:02}" for place in reversed(range(60))]
    assert "words=reef&amp;sort=-title&amp;after=" in page.content.decode().replace("&sort", "&amp;sort")


def test_the_export_is_the_list_as_shown_all_of_it(client, clerk):
    for place in range(60):
        factories.asked(title=f"=Reef {place:02}")
    factories.asked(title="Oak")
    answer = client.get(f"{HERE}export.csv", {"words": "reef", "sort": "-title", "cols": "title,number,age"})
    body = b"".join(answer.streaming_content)
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows[0] == ["Title", "Number", "Age"] and len(rows) == 61
    assert rows[1][0] == "'=Reef 59" and rows[1][2].isdecimal()
    assert answer["Content-Disposition"].startswith('attachment; filename="borrowing-submitted-')


def test_the_export_for_excel_can_be_read_back(client, clerk):
    import zipfile

    ill = factories.asked(title="Reef")
    ILLRequest.objects.filter(pk=ill.pk).update(need_by=timezone.localdate())
    body = b"".join(client.get(f"{HERE}export.xlsx", {"cols": "number,title,date,asked"}).streaming_content)
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml").decode()
    assert ill.number in sheet and "Reef" in sheet and "<f>" not in sheet


def test_who_does_not_see_a_kind_exports_nothing_of_it(client):
    client.force_login(factories.user("lending staff"))
    assert client.get(f"{HERE}export.csv").status_code == 403
    client.force_login(factories.user("patron"))
    assert client.get(f"{HERE}export.csv").status_code == 403


ALL = {"words": "m", "service": "loan", "status": "other", "branch": "main", "flag": ["attention", "late"],
       "asked_from": "2020-01-01", "mine": "on"}


@pytest.mark.parametrize("rows", [0, 1, 200])
@pytest.mark.parametrize("given", [
    {}, {"cols": "number,title,author,material,who,status,lender,state,branch,waits,next,flags"}, {"sort": "title"},
    {"service": "loan", "words": "middle"}, ALL,
], ids=["house", "columns", "sort", "filters", "all"])
def test_a_list_costs_the_same_whatever_its_length_and_arrangement(client, clerk, rows, given):
    made = factories.asked()
    ILLRequest.objects.filter(pk=made.pk).update(state="borrowing.in_review")
    _copies(made, rows)
    client.get(HERE, given)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(HERE, given)
    assert page.status_code == 200
    assert len(asked) <= 8 + bool(set(given) - {"cols", "sort"}), [row["sql"][:90] for row in asked]


def _copies(ill: ILLRequest, count: int) -> None:
    """Many like this one, quicker than asking for each."""
    from requests_app import search
    from requests_app.models import Citation

    citation = ill.citation
    for place in range(count):
        citation.pk = None
        citation._state.adding = True
        citation.save()
        ill.pk, ill.citation = None, Citation.objects.get(pk=citation.pk)
        ill.number, ill.state = f"B-2020-{place:05}", "borrowing.submitted"
        ill.form_key, ill.changed = None, ill.changed + timedelta(seconds=1)
        ill._state.adding = True
        ill.save()
        search.index(ill)
