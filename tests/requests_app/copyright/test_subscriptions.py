"""Files of subscriptions: read by the names of their columns, shown first, swapped at once."""

import contextlib
import io
import zipfile
from datetime import date

import pytest
import xlsxwriter

from illdesk.errors import NotAllowed
from illdesk.models import Event
from requests_app.copyright.subscriptions import lines, loads, xlsx
from requests_app.models import Subscription, SubscriptionLoad, SubscriptionNumber
from tests import factories as f

pytestmark = pytest.mark.django_db


def read(text: str, encoding: str = "utf-8") -> lines.Sheet:
    return lines.read(text.encode(encoding))


def workbook(*rows) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write(number, place, value)
    return out.getvalue()


HEAD = "Title;ISSN;Start date;End date\n"


# --- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "encoding"), [
    ("Title,Print ISSN,E-ISSN,Start Date,Vendor\nÁgora,1234-5679,2049-3630,2020-01-01,Oak\n", "utf-8"),
    ("\ufeffTitle\tPrint ISSN\tE-ISSN\tStart Date\tVendor\nÁgora\t1234-5679\t2049-3630\t2020-01-01\tOak\n",
     "utf-16-le"),
    ("Título;ISSN impreso;ISSN electrónico;Fecha de inicio;Proveedor\nÁgora;1234-5679;2049-3630;01.01.2020;Oak\n",
     "cp1252"),
    ("title|issn|e-issn|from|supplier\n\"Ágora\"|12345679|20493630|2020|Oak\n", "utf-8-sig"),
])
def test_columns_are_known_by_their_names_in_two_languages_and_any_encoding(text, encoding):
    sheet = read(text, encoding)
    assert sheet.problems == [] and sheet.ignored == []
    row = sheet.rows[0]
    assert (row.name, row.keys, row.begins, row.supplier, row.kind) == (
        "Ágora", ("issn:1234-5679", "issn:2049-3630"), date(2020, 1, 1), "Oak", "periodical")


def test_a_workbook_is_read_as_it_stands_with_dates_as_numbers():
    data = workbook(["Title", "ISSN", "Order date", "Format", "Color"], [],
                        ["Marine Letters", "1234-5679", date(2026, 6, 10), "Print + Online", "red"],
                    ["Tides", 20493630, "", ""])
    sheet = lines.read(data)
    assert [(row.line, row.name, row.keys, row.ordered, row.form) for row in sheet.rows] == [
        (3, "Marine Letters", ("issn:1234-5679",), date(2026, 6, 10), "both"),
        (4, "Tides", ("issn:2049-3630",), None, "print"),
    ]
    assert sheet.ignored == ["Color"]


def test_books_are_known_by_their_numbers_or_by_what_the_file_says():
    sheet = read("title,isbn,oclc,type\nMiddlemarch,978-0-14-143954-9,,\nWalden,,12345678,\nX,1234-5679,,Book\n")
    assert [(row.kind, row.keys) for row in sheet.rows] == [
        ("work", ("isbn:9780141439549",)), ("work", ("oclc:12345678",)), ("work", ("issn:1234-5679",)),
    ]


@pytest.mark.parametrize(("row", "code", "kept"), [
    (";1234-5679;2020;", "no_title", False),
    ("A;1234-5679;soon;", "date", False),
    ("A;1234-5679;03/04/2020;", "date", False),
    ("A;1234-5679;2020;2019", "order", False),
    ("A;1234-5678;2020;", "number", True),
    ("A;;2020;", "no_number", True),
])
def test_what_is_wrong_is_told_by_line(row, code, kept):
    sheet = read(f"{HEAD}Good;0028-0836;2020;\n{row}\n")
    assert (3, code) in [(line, why) for line, why, _about in sheet.problems]
    assert len(sheet.rows) == (2 if kept else 1) and sheet.rejected == (0 if kept else 1)


def test_coverage_that_ends_before_it_begins_is_left_out():
    sheet = read("title,issn,coverage start,coverage end\nA,1234-5679,2020,2010\nB,0028-0836,2020-03,2020\n")
    assert [row.name for row in sheet.rows] == ["B"] and sheet.rejected == 1
    assert sheet.problems == [(2, "covers_order", "2020 – 2010")]


def test_an_order_of_a_year_exempts_nothing_before_its_end():
    row = read("title,order date,begins,ends\nA,2026,2026-03,2026-11\n").rows[0]
    assert (row.ordered, row.begins, row.ends) == (date(2026, 12, 31), date(2026, 3, 1), date(2026, 11, 30))


@pytest.mark.parametrize(("data", "code"), [
    (b"", "empty"), (b"\n \n", "empty"), (b"Symbol,Name of it\nA,B\n", "no_title"), (b"PK\x03\x04broken", "broken"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old_excel"),
])
def test_a_file_that_is_none_is_refused_as_a_whole(data, code):
    with pytest.raises(lines.NotReadable) as told:
        lines.read(data)
    assert told.value.code == code


def test_a_zip_that_is_no_workbook_and_one_that_explodes_are_refused(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("x.txt", "x")
    with pytest.raises(lines.NotReadable):
        lines.read(out.getvalue())
    monkeypatch.setattr(xlsx, "MOST_BYTES", 500)
    with pytest.raises(lines.NotReadable, match="too large"):
        lines.read(workbook(["Title"], *([f"T{n}"] for n in range(100))))


def test_an_entity_in_a_workbook_reads_no_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("xq-secret")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["Title"], ["A"]))) as whole, zipfile.ZipFile(out, "w") as book:
        for name in whole.namelist():
            text = whole.read(name)
            if name == "xl/sharedStrings.xml":
                main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                text = (f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><sst xmlns="{main}">'
                        '<si><t>Title</t></si><si><t>A&e;</t></si></sst>').encode()
            book.writestr(name, text)
    with contextlib.suppress(lines.NotReadable):
        assert "xq-secret" not in str(lines.read(out.getvalue()).rows)


# --- in force ---------------------------------------------------------------------------------------------------------


def draft(*issns: str) -> SubscriptionLoad:
    text = HEAD + "".join(f"T{issn};{issn};2020;\n" for issn in issns)
    return loads.draft(text.encode(), name="agent.csv", actor=f.staff(), now=f.NOW)


def counting() -> set[str]:
    return set(SubscriptionNumber.objects.filter(subscription__in=Subscription.objects.counting()).values_list(
        "key", flat=True))


def test_a_file_counts_from_somebodys_yes_on_and_the_one_before_stays_as_history():
    first, who = draft("1234-5679"), f.staff()
    assert counting() == set()
    loads.confirm(first, actor=who, now=f.NOW)
    assert counting() == {"issn:1234-5679"}
    second = draft("1234-5679", "0028-0836")
    loads.confirm(second, actor=who, now=f.NOW)
    first.refresh_from_db()
    assert (first.state, first.subscriptions.count(), Subscription.objects.count()) == ("replaced", 1, 3)
    assert counting() == {"issn:1234-5679", "issn:0028-0836"}
    names = list(Event.objects.filter(subject_kind="subscription_load").values_list("name", flat=True))
    assert sorted(names) == ["subscriptions.in_force"] * 2 + ["subscriptions.read"] * 2


def test_a_file_that_has_lost_half_waits_for_somebody_who_says_that_it_is_right():
    loads.confirm(draft("1234-5679", "0028-0836", "2049-3630"), actor=f.staff(), now=f.NOW)
    short = draft("1234-5679")
    assert (short.lost, short.before, short.lost_half) == (2, 3, True)
    with pytest.raises(NotAllowed, match="2 of the 3"):
        loads.confirm(short, actor=f.staff(), now=f.NOW)
    assert len(counting()) == 3
    loads.confirm(short, actor=f.staff(), now=f.NOW, half_is_right=True)
    assert counting() == {"issn:1234-5679"}


def test_a_second_decision_is_told_and_changes_nothing():
    load = draft("1234-5679")
    loads.confirm(load, actor=f.staff(), now=f.NOW)
    for again in (loads.confirm, loads.discard):
        with pytest.raises(NotAllowed, match="already"):
            again(load, actor=f.staff(), now=f.NOW)
    assert counting() == {"issn:1234-5679"}, "the former file was not taken out of force either"


def test_what_is_thrown_away_leaves_only_that_it_was_read():
    load = draft("1234-5679")
    loads.discard(load, actor=f.staff(), now=f.NOW)
    assert not Subscription.objects.exists() and SubscriptionLoad.objects.get().state == "discarded"
