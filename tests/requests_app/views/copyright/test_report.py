"""The page of a year, the page of a title, the lists and the paper: one figure for all of them."""

import csv
import io
import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from zipfile import ZipFile

import pytest
from django.utils import translation

from illdesk import actors
from illdesk.models import Attachment, Job
from requests_app.actions import perform
from requests_app.copyright import report_files, words
from requests_app.models import CopyrightTitle, CopyrightUse, Royalty, RoyaltyList
from requests_app.views.copyright import report as view
from tests import factories as f
from tests.requests_app.copyright.stories import OTHER, by_hand, ready, sent

pytestmark = pytest.mark.django_db
PAGE = "/copyright/report/"


@pytest.fixture
def clerk(client):
    row = f.user("borrowing staff")
    client.force_login(row)
    return row


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def a_year() -> list:
    """Two of one title, one filled; an old one of another; one with a royalty."""
    found = [sent(), sent(), sent(issn=OTHER, title="Other letters", year="1990"),
             by_hand(ready(part_title="Paid tides", note="For my class"), "US-CCL", ground="royalty")]
    perform(found[0], "lender_sent_copy", actor=actors.partner("HIL"), now=f.later(days=1))
    perform(found[3], "send", actor=f.staff(), now=f.NOW)
    CopyrightUse.objects.filter(ill=found[3]).update(royalty=Decimal("38.00"), currency="USD")
    return found


def test_the_page_says_the_year_its_calendar_and_each_title(client, clerk):
    rows = a_year()
    page = text(client.get(PAGE, {"year": 2026}))
    assert "Calendar year 2026 in the library" in page and "no law" in page
    assert "<dt>Requests sent</dt><dd>4</dd>" in page and "<dt>Filled</dt><dd>1</dd>" in page
    assert "Older than the years" in page and "USD 38.00" in page
    assert page.index("Marine Letters") < page.index("Other letters"), "most first"
    assert all(ill.number in page for ill in rows), "each use, folded"
    title = CopyrightTitle.objects.get(name="Marine Letters")
    assert f'href="/copyright/report/2026/{title.pk}/"' in page


def test_a_title_and_year_has_a_page_of_its_own(client, clerk):
    rows = a_year()
    title = CopyrightTitle.objects.get(name="Marine Letters")
    page = text(client.get(f"{PAGE}2026/{title.pk}/"))
    assert "1 of 5" in page and "2 of 5" in page and f'href="/requests/{rows[0].number}/"' in page
    assert "Paid tides" in page and rows[2].number not in page
    assert "Nothing of this title in this year" in text(client.get(f"{PAGE}2025/{title.pk}/"))
    assert client.get(f"{PAGE}2025/999999/").status_code == 404


def test_a_year_without_requests_says_so_and_nonsense_is_no_year(client, clerk):
    assert "No copy request left in this year" in text(client.get(PAGE))
    for asked in ("26", "abcd", "20266", "²⁰²⁶"):
        assert client.get(PAGE, {"year": asked}).status_code == 404
    assert client.get(PAGE, {"page": "x"}).status_code == 200


def test_who_has_no_right_sees_nothing(client):
    for role, status in (("patron", 403), ("lending staff", 403), ("administrator", 200), ("coordinator", 200)):
        client.force_login(f.user(role))
        assert client.get(PAGE).status_code == status
        assert client.get(f"{PAGE}2026.csv").status_code == status


def test_the_list_has_every_row_and_no_patron(client, clerk):
    rows = a_year()
    answer = client.get(f"{PAGE}2026.csv")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(lines) == 1 + CopyrightUse.objects.count()
    assert {line[2] for line in lines[1:]} == {ill.number for ill in rows}
    assert "Żak" not in str(lines) and _of(lines, "Paid tides")[8:12] == ["38.00", "USD", "", ""]


def _of(lines: list[list[str]], article: str) -> list[str]:
    return next(line for line in lines if line[12] == article)


def test_a_royalty_is_followed_from_agreed_to_paid_and_one_with_the_lenders_invoice_is_told_apart(client, clerk):
    a_year()
    use = CopyrightUse.objects.get(article="Paid tides")

    def said() -> tuple[str, str]:
        """On the title's page, and by title on the year's."""
        year = text(client.get(PAGE)).partition('id="titles"')[2]
        return text(client.get(f"{PAGE}2026/{use.title_id}/")), year

    assert all("USD 38.00 with the lender&#x27;s invoice" in page for page in said())
    assert "1 royalty with a lender" in text(client.get(PAGE))
    row = Royalty.objects.create(
        number=use.number, use=use, title="Marine Letters", year=2026, price="38.00", currency="USD", source="entered",
        source_on=use.asked_on, agreed=f.NOW,
    )
    assert all("USD 38.00 agreed" in page for page in said())
    assert "royalty with a lender" not in text(client.get(PAGE))
    row.state, row.used_on = Royalty.OWED, use.asked_on
    row.save()
    assert all("USD 38.00 owed" in page for page in said())
    row.list = RoyaltyList.objects.create(number="R-1", made=f.NOW, first=use.asked_on, last=use.asked_on, key="k")
    row.state, row.paid, row.paid_on = Royalty.PAID, Decimal("37.50"), use.asked_on
    row.save()
    assert all("USD 37.50 paid" in page for page in said())
    lines = csv.reader(io.StringIO(b"".join(client.get(f"{PAGE}2026.csv").streaming_content).decode("utf-8-sig")))
    assert _of(list(lines), "Paid tides")[8:12] == ["38.00", "USD", "Paid", "37.50"]


def test_a_list_keeps_its_readers_language_to_the_last_row(client, clerk):
    """It is sent while it is read, when the page's language has gone again."""
    clerk.language = "es"
    clerk.save()
    a_year()
    said = b"".join(client.get(f"{PAGE}2026.csv").streaming_content).decode()
    with translation.override("es"):
        assert str(words.GROUNDS["older"]) in said
    assert str(words.GROUNDS["older"]) not in said


def test_the_workbook_has_three_sheets(client, clerk):
    a_year()
    answer = client.get(f"{PAGE}2026.xlsx")
    book = ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert [f"xl/worksheets/sheet{n}.xml" in book.namelist() for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert client.get(f"{PAGE}2026.doc").status_code == 404


def test_a_workbook_of_a_long_year_says_where_the_uses_are(client, clerk, monkeypatch):
    rows = a_year()
    monkeypatch.setattr(view, "MOST_IN_A_WORKBOOK", 3)
    book = ZipFile(io.BytesIO(b"".join(client.get(f"{PAGE}2026.xlsx").streaming_content)))
    words_in_it = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "take the list as CSV" in words_in_it and rows[0].number not in words_in_it


def test_the_paper_says_the_same(client, clerk, tmp_path):
    rows = a_year()
    answer = client.get(f"{PAGE}2026.pdf")
    assert answer["Content-Type"] == "application/pdf"
    (tmp_path / "report.pdf").write_bytes(answer.content)
    said = subprocess.run(["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True,
                          check=True).stdout
    assert "Copyright report 2026" in said and "Riverside University Library" in said
    assert all(ill.number in said for ill in rows)
    assert "USD 38.00" in said and "Calendar year 2026" in said and "Żak" not in said


def _later_first() -> tuple[CopyrightTitle, list[str]]:
    """A title whose row stored last was sent first, as after a correction; its requests by their day."""
    rows = [sent(now=f.later(days=day)) for day in (2, 1)] + [sent(now=f.later(days=2))]
    return CopyrightTitle.objects.get(), [rows[1].number, rows[0].number, rows[2].number]


def test_uses_stand_by_the_day_they_were_sent_in_every_form(client, clerk, tmp_path):
    title, wanted = _later_first()
    lines = list(csv.reader(io.StringIO(
        b"".join(client.get(f"{PAGE}2026.csv").streaming_content).decode("utf-8-sig"))))
    assert [line[2] for line in lines[1:]] == wanted
    (tmp_path / "report.pdf").write_bytes(client.get(f"{PAGE}2026.pdf").content)
    paper = subprocess.run(["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True,
                           check=True).stdout
    for said in (paper, text(client.get(PAGE, {"year": 2026})), text(client.get(f"{PAGE}2026/{title.pk}/"))):
        assert sorted(wanted, key=said.index) == wanted


def test_the_next_page_of_a_title_goes_on_behind_the_last_day_shown(client, clerk, monkeypatch):
    title, wanted = _later_first()
    monkeypatch.setattr(view, "_USES", 1)
    seen, after = [], ""
    for _page in range(3):
        answer = client.get(f"{PAGE}2026/{title.pk}/", {"after": after} if after else {})
        seen += [one["use"].number for one in answer.context["rows"]]
        after = answer.context["next"]
    assert seen == wanted and after is None
    for nonsense in ("x", "17", "2026-13-45.1", "2026-01-01."):
        first = client.get(f"{PAGE}2026/{title.pk}/", {"after": nonsense})
        assert [one["use"].number for one in first.context["rows"]] == wanted[:1]


def test_a_short_year_needs_no_volumes(client, clerk):
    a_year()
    assert client.get(f"{PAGE}2026/volumes/")["Location"] == f"{PAGE}2026.pdf"


def test_a_long_year_is_made_in_volumes_by_a_job(client, clerk, monkeypatch):
    a_year()
    monkeypatch.setattr(report_files, "AT_ONCE", 3)
    asked = client.get(f"{PAGE}2026.pdf")
    assert asked.status_code == 302 and asked["Location"] == f"{PAGE}2026/volumes/"
    assert "4 rows are too many" in text(client.get(asked["Location"]))
    started = client.post(asked["Location"])
    job = Job.objects.get()
    assert started["Location"] == f"/jobs/{job.pk}/" and job.state == Job.FINISHED
    items = list(job.items.order_by("pk"))
    assert [(item.state, item.words) for item in items] == [("done", "Ready: open it by its number.")] * 2
    for item in items:
        file = client.get(item.url)
        assert file.status_code == 200 and b"".join(file.streaming_content).startswith(b"%PDF")
    assert Attachment.objects.filter(subject_kind="copyright_report", subject_id=2026).count() == 2
    client.force_login(f.user("lending staff"))
    assert client.get(items[0].url).status_code == 404


def test_the_page_costs_the_same_with_many_titles(client, clerk, django_assert_max_num_queries):
    for number in range(12):
        sent(issn=f"{number:04d}-000{_check(number)}", title=f"Letters {number}")
    with django_assert_max_num_queries(19):
        assert client.get(PAGE, {"year": 2026}).status_code == 200


def _check(number: int) -> str:
    digits = f"{number:04d}000"
    rest = sum(int(sign) * weight for sign, weight in zip(digits, range(8, 1, -1), strict=True)) % 11
    return "0" if rest == 0 else "X" if rest == 1 else str(11 - rest)


def test_a_december_copy_filled_in_january_stands_in_decembers_year(client, clerk):
    ill = sent(now=datetime(2025, 12, 30, 15, tzinfo=UTC))
    perform(ill, "lender_sent_copy", actor=actors.partner("HIL"), now=datetime(2026, 1, 5, 15, tzinfo=UTC))
    assert ill.number in text(client.get(PAGE, {"year": 2025}))
    assert ill.number not in text(client.get(PAGE, {"year": 2026}))
