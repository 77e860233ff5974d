"""KBART files as providers write them: what can be read is read, the rest is told by line."""

import io

import pytest

from requests_app.verification import kbart, kbart_lines
from requests_app.verification.kbart import Problem, Row

pytestmark = pytest.mark.nodb

HEAD = "\t".join(list(kbart.COLUMNS))
SHORT = "\t".join(["publication_title", "print_identifier", "online_identifier", "date_first_issue_online",
                   "date_last_issue_online", "title_url"])
URL = "https://read.example/j"


def whole(**cells) -> str:
    """A line with all 25 columns of phase II."""
    assert set(cells) <= set(kbart.COLUMNS)
    return "\t".join(cells.get(name, "") for name in kbart.COLUMNS)


def read(text: str | bytes, encoding: str = "utf-8") -> tuple[list[Row], list[Problem]]:
    file = io.BytesIO(text if isinstance(text, bytes) else text.encode(encoding))
    rows, problems = [], []
    for one in kbart.read(file).rows:
        if isinstance(one, Row):
            rows.append(one)
        else:
            problems += one
    return rows, problems


def test_all_columns_of_phase_two_are_kept():
    assert len(kbart.COLUMNS) == 25
    line = whole(
        publication_title="The Journal of Oak Galls", print_identifier="0378-5955", online_identifier="24340561",
        date_first_issue_online="1998", num_first_vol_online="3", num_first_issue_online="2",
        date_last_issue_online="2015-06", num_last_vol_online="20", num_last_issue_online="4", title_url=URL,
        first_author="Lee", title_id="JOG", embargo_info="P1Y", coverage_depth="Selected articles", notes="n",
        publisher_name="Oak", publication_type="Serial", parent_publication_title_id="P", monograph_edition="2nd",
        preceding_publication_title_id="Q", access_type="F", first_editor="Kim", monograph_volume="2",
        date_monograph_published_print="1997", date_monograph_published_online="1998-01-02",
    )
    (row,), problems = read(f"{HEAD}\n{line}\n")
    assert problems == []
    assert row == Row(
        kind="serial", title="The Journal of Oak Galls", title_key="journal of oak galls",
        print_identifier="0378-5955", online_identifier="2434-0561", first_date="1998", first_volume="3",
        first_issue="2", last_date="2015-06", last_volume="20", last_issue="4", embargo="P1Y", depth="selected",
        url=URL, title_id="JOG", first_author="Lee", first_editor="Kim", edition="2nd", volume="2", publisher="Oak",
        published_print="1997", published_online="1998-01-02", parent_id="P", preceding_id="Q", free=True, note="n",
        line=2,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_ends_of_lines(encoding, end):
    text = end.join([SHORT, f"Über Bäume\t0378-5955\t\t1998\t\t{URL}", "", f"Ærø\t2434-561X\t\t1999\t\t{URL}", ""])
    rows, _problems = read(text, encoding)
    assert [(row.title, row.title_key, row.first_date, row.line) for row in rows] == [
        ("Über Bäume", "uber baume", "1998", 2), ("Ærø", "aero", "1999", 4),
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_letters_whose_bytes_look_like_an_end_of_line_are_none(encoding):
    text = f"{SHORT}\nਅĀ Āਊ ĊĀ\t0378-5955\t\t\t\t{URL}\nOak\t\t\t\t\t{URL}\n"
    assert b"\n\x00" in "ਅĀ".encode("utf-16-le")[1:] and b"\x00\n" in "Āਊ".encode("utf-16-be")[1:]
    rows, problems = read(text, encoding)
    assert [(row.title, row.line) for row in rows] == [("ਅĀ Āਊ ĊĀ", 2), ("Oak", 3)] and problems == []


def test_one_line_in_another_encoding_spoils_only_itself():
    text = f"{SHORT}\nÜber\t0378-5955\t\t\t\t{URL}\n".encode() + f"Größe\t\t\t\t\t{URL}\n".encode("latin-1")
    rows, _problems = read(text)
    assert [row.title for row in rows] == ["Über", "Größe"]


def test_an_old_macintosh_ends_lines_with_a_carriage_return():
    rows, _problems = read(f"{SHORT}\rOak\t0378-5955\t\t\t\t{URL}\rElm\t\t\t\t\t{URL}")
    assert [(row.title, row.line) for row in rows] == [("Oak", 2), ("Elm", 3)]


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_other_separators_header_case_and_an_order_of_its_own(delimiter):
    lines = [
        ["Online_Identifier", "Publication Title", "TITLE-URL", "Colour"],
        ["2434-0561", f'"Oak{delimiter} elm and ""ash"""', URL, "green"],
    ]
    file = io.BytesIO("\n".join(delimiter.join(cells) for cells in lines).encode())
    reading = kbart.read(file)
    (row,) = list(reading.rows)
    assert (row.title, row.online_identifier) == (f'Oak{delimiter} elm and "ash"', "2434-0561")
    assert (reading.delimiter, reading.ignored) == (delimiter, ["Colour"])


def test_names_of_phase_one_and_of_other_programs_are_known():
    rows, _problems = read(f"title,issn,eissn,date_first_issue_subscribed,url\nOak,0378-5955,24340561,1998,{URL}\n")
    assert (rows[0].print_identifier, rows[0].online_identifier, rows[0].first_date) == (
        "0378-5955", "2434-0561", "1998")


def test_a_line_before_the_names_of_the_columns_is_passed_over():
    rows, _problems = read(f"\nOak Complete Package, October 2026\n{SHORT}\nOak\t0378-5955\t\t\t\t{URL}\n")
    assert [(row.title, row.line) for row in rows] == [("Oak", 4)]


@pytest.mark.parametrize(("text", "code"), [
    ("", "empty"), ("\n \n", "empty"), ("<!DOCTYPE html>\n<html>", "no_header"), ("print_identifier\n1", "no_header"),
])
def test_what_is_no_such_file_is_refused(text, code):
    with pytest.raises(kbart.NotReadable) as refused:
        read(text)
    assert refused.value.code == code


def test_each_bad_row_is_told_by_its_line_and_the_rest_is_read():
    rows, problems = read("\n".join([
        SHORT,
        f"Good\t0378-5955\t\t1998\t2001\t{URL}",
        f"\t0378-5955\t\t1998\t\t{URL}",
        "",
        f"Bad date\t0378-5955\t\tsince 1998\t\t{URL}",
        f"Bad month\t0378-5955\t\t1998-13\t\t{URL}",
        f"Backwards\t0378-5955\t\t2001\t1998-05\t{URL}",
        f"Digit off\t0378-5956\t\t1998\t\t{URL}",
        "Bad link\t0378-5955\t\t1998\t\tjavascript:alert(1)",
        "Total: 7 titles",
        f"Last\t0378-5955\t\t2001\t2001-05\t{URL}",
    ]))
    assert [row.title for row in rows] == ["Good", "Digit off", "Bad link", "Last"]
    assert [(one.line, one.why, one.about, one.kept) for one in problems] == [
        (3, "no_title", "", False), (5, "date", "since 1998", False), (6, "date", "1998-13", False),
        (7, "order", "2001 – 1998-05", False), (8, "identifier", "0378-5956", True),
        (9, "url", "javascript:alert(1)", True), (10, "bare", "", False),
    ]
    assert rows[1].print_identifier == "" and rows[2].url == ""


def test_a_stray_quote_does_not_swallow_the_lines_that_follow():
    rows, problems = read("\n".join([
        SHORT, f'"Oak" and other words\t0378-5955\t\t\t\t{URL}', f'"Oak, an open quote\t0378-5955\t\t\t\t{URL}',
        *(f"Elm {n}\t\t\t\t\t{URL}" for n in range(30)), f'5" disks\t\t\t\t\t{URL}',
    ]))
    assert len(rows) == 33 and problems == []
    assert rows[0].title == "Oak and other words" and rows[1].title == "Oak, an open quote"
    assert rows[1].url == rows[2].url == URL and rows[-1].title == '5" disks'


def test_a_quoted_cell_may_go_over_lines():
    rows, _problems = read(f'{SHORT}\n"Oak\nand elm"\t0378-5955\t\t\t\t{URL}\nAsh\t\t\t\t\t{URL}\n')
    assert [(row.title, row.line) for row in rows] == [("Oak and elm", 2), ("Ash", 4)]


def test_a_line_without_end_is_told_and_not_kept_in_memory():
    long = b"x" * (kbart_lines.LONGEST_LINE * 3)
    text = f"{SHORT}\n".encode() + long + f"\nOak\t0378-5955\t\t\t\t{URL}\n".encode()
    for data in (text, text.decode().encode("utf-16")):
        rows, problems = read(data)
        assert [(row.title, row.line) for row in rows] == [("Oak", 3)]
        assert [(one.line, one.why) for one in problems] == [(2, "long")]


@pytest.mark.parametrize(("said", "date"), [
    ("1998", "1998"), ("1998-03", "1998-03"), ("1998-03-05", "1998-03-05"), ("1998/3/5", "1998-03-05"),
    ("19980305", "1998-03-05"), ("199803", "1998-03"), ("25/03/1998", "1998-03-25"), ("3/25/1998", "1998-03-25"),
    ("03.04.1998", "1998"), ("04/04/1998", "1998-04-04"), ("3/1998", "1998-03"), ("1998-00-00", "1998"),
    ("1998-03-05T00:00:00Z", "1998-03-05"), ("1998-03-05 00:00:00", "1998-03-05"), ("", ""), ("present", ""),
    ("9999-12-31", ""), ("1998-02-30", None), ("0998", None), ("soon", None), ("1998-3x", None), ("12/13/14", None),
])
def test_dates(said, date):
    assert kbart.partial_date(said) == date


@pytest.mark.parametrize(("said", "normal"), [
    ("03785955", "0378-5955"), (" 0378-5955 ", "0378-5955"), ("2434-561x", "2434-561X"), ("3785955", "0378-5955"),
    ("0378-5956", ""), ("0-306-40615-2", "9780306406157"), ("9780306406157", "9780306406157"),
    ("306406152", "9780306406157"), ("978-0-306-40615-8", ""), ("12345", ""), ("", ""), ("none", ""),
])
def test_identifiers(said, normal):
    assert kbart.normal_identifier(said) == normal


def test_of_several_in_one_cell_the_first_right_one_counts():
    rows, problems = read(f"{SHORT}\nOak\t0378-5956; 0378-5955\tn/a\t\t\t{URL}\n")
    assert (rows[0].print_identifier, problems) == ("0378-5955", [])


@pytest.mark.parametrize(("cells", "kind"), [
    ({"print_identifier": "0378-5955"}, "serial"), ({"online_identifier": "9780306406157"}, "monograph"),
    ({"publication_type": "Monograph"}, "monograph"), ({"publication_type": "e-journal"}, "serial"),
    ({"date_monograph_published_online": "2001"}, "monograph"), ({}, "serial"),
])
def test_kind(cells, kind):
    (row,), _problems = read(f"{HEAD}\n{whole(publication_title='Oak', title_url=URL, **cells)}")
    assert row.kind == kind


@pytest.mark.parametrize("title", [
    "The Cell & its World", "Cell and its world", "CELL AND IT'S WORLD", "cell: and its, world", "Cęll and its World",
])
def test_spellings_of_one_title_share_a_key(title):
    assert kbart.title_key(title) == "cell and its world"


def test_a_title_in_another_script_has_a_key_too():
    assert kbart.title_key("Война и мир") == "voyna i mir" and kbart.title_key("The") == "the"


def test_500_megabytes_are_read_line_by_line(monkeypatch):
    """No more than a line is asked of the file at once."""
    class Watched(io.BytesIO):
        most = 0

        def read(self, size=-1):
            assert size > 0
            type(self).most = max(self.most, size)
            return super().read(size)

        def readline(self, size=-1):
            assert size > 0
            return super().readline(size)

    line = f"Oak\t0378-5955\t\t1998\t\t{URL}\n"
    for encoding in ("utf-8", "utf-16"):
        rows = kbart.read(Watched((SHORT + "\n" + line * 3000).encode(encoding))).rows
        assert sum(1 for _row in rows) == 3000
    assert Watched.most <= 64 * 1024
