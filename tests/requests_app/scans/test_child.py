"""The child that reads strangers' PDFs: what it refuses, what it leaves behind, where it puts the legend."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass

import pypdfium2
import pytest
from django.conf import settings
from pypdf import PdfReader

from requests_app.copyright.notices import LEGEND
from requests_app.scans.child import MEMORY, MOST_PAGES, SECONDS
from tests.illdesk.paper import page_texts
from tests.requests_app.scans import pdfs

pytestmark = pytest.mark.nodb


# Started by a small process: what a process held before it became the child counts as the child's.
_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stdout.buffer.write(done.stdout)
sys.stderr.write(f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}")
"""


@dataclass
class Said:
    """What the child printed and wrote, and what it cost."""

    told: dict
    written: bytes
    cpu: float
    megabytes: float


@pytest.fixture
def child(tmp_path):
    def ask(content: bytes, *, legend: bool = False, cover: bytes = b"") -> Said:
        (tmp_path / "in").write_bytes(content)
        more = ["--legend", LEGEND] if legend else []
        if cover:
            (tmp_path / "cover").write_bytes(cover)
            more += ["--cover", str(tmp_path / "cover")]
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _MEASURED, sys.executable, "-m", "requests_app.scans.child",
             str(tmp_path / "in"), str(tmp_path / "out"), *more],
            cwd=settings.BASE_DIR, capture_output=True, check=True,
        )
        said, used = done.stdout, done.stderr.split()
        written = (tmp_path / "out").read_bytes() if (tmp_path / "out").exists() else b""
        told = json.loads(said or b'{"problem": "too_big"}')  # as stored.py takes a child that died
        return Said(told, written, float(used[0]), int(used[1]) / 1024)

    return ask


@pytest.fixture(scope="module")
def packed():
    return pdfs.bomb()


HOSTILE = {
    "a password to open it": (lambda _: pdfs.locked(user="secret"), {"encrypted"}),
    "no pages": (lambda _: pdfs.raw({1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [] >>"}),
                 {"no_pages"}),
    "a page too many": (lambda _: pdfs.of_pages(MOST_PAGES + 1), {"too_long"}),
    "an object stream that unfolds to gigabytes": (pdfs.object_stream_bomb, {"too_big"}),
    "a table that unfolds to gigabytes": (pdfs.xref_stream_bomb, {"too_big", "unreadable"}),
    "a page that unfolds to gigabytes": (pdfs.content_bomb, {"too_big"}),
    "a tree of pages 20,000 deep": (lambda _: pdfs.nested_tree(), {"too_big"}),
    "arrays 100,000 deep": (lambda _: pdfs.nested_arrays(), {"too_big", "unreadable"}),
    "a tree that bites its tail": (lambda _: pdfs.cycle(), {"too_big", "unreadable"}),
    "a branch that is its own": (lambda _: pdfs.own_child(), {"too_big", "unreadable"}),
    "one page a million times": (lambda _: pdfs.one_page_a_million_times(), {"too_big", "too_long"}),
    "what 2,000 pages inherit": (lambda _: pdfs.fat_inheritance(), {"too_big"}),
    "half of it": (lambda _: pdfs.of_pages(30)[:9000], {"unreadable"}),
    "noise": (lambda _: b"%PDF-1.4\n" + bytes(range(256)) * 20, {"unreadable"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_file_is_refused_within_its_memory_and_time(child, packed, name):
    make, problems = HOSTILE[name]
    said = child(make(packed))
    assert said.told.get("problem") in problems
    assert said.megabytes < MEMORY / 1024**2
    assert said.cpu < SECONDS


def test_the_legend_does_not_unfold_what_was_not_looked_at(child, packed):
    assert child(pdfs.content_bomb(packed), legend=True).told == {"problem": "too_big"}


def test_a_broken_table_is_mended_and_the_pages_are_there(child):
    rows = {1: "<< /Type /Catalog /Pages 2 0 R >>", 2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>"}
    said = child(pdfs.raw(rows, xref=False))
    assert said.told == {"pages": 1} and len(pypdfium2.PdfDocument(said.written)) == 1


def test_an_owner_password_only_forbids_and_is_gone_afterwards(child):
    said = child(pdfs.locked(user=""))
    assert said.told == {"pages": 1}
    assert b"/Encrypt" not in said.written and "page 1" in page_texts(said.written)[0]


@pytest.mark.parametrize("count", [1, 500, MOST_PAGES])
def test_all_pages_come_over_in_their_order(child, count):
    said = child(pdfs.of_pages(count))
    assert said.told == {"pages": count}
    document = pypdfium2.PdfDocument(said.written)
    assert len(document) == count
    for number in (0, count // 2, count - 1):
        assert document[number].get_textpage().get_text_range().strip() == f"page {number + 1}"


def test_the_cover_stands_first_and_is_not_counted(child):
    said = child(pdfs.of_pages(3), cover=pdfs.page("cover of it"))
    assert said.told == {"pages": 3}
    assert [text.strip() for text in page_texts(said.written)] == ["cover of it", "page 1", "page 2", "page 3"]


# --- what could act is left behind --------------------------------------------------------------------

_GONE = [
    b"JavaScript", b"/JS", b"app.alert", b"/Launch", b"evil.exe", b"cmd.exe", b"MZ-a-program", b"EmbeddedFile",
    b"/EF", b"Filespec", b"/AA", b"/OpenAction", b"AcroForm", b"XFA", b"xfa-script", b"/Names", b"Widget",
    b"FileAttachment", b"javascript:", b"/Popup", b"/PieceInfo", b"private-data", b"/Metadata",
]


def _unfolded(content: bytes) -> bytes:
    """All objects as text, whatever they were packed in."""
    reader = PdfReader(io.BytesIO(content))
    found = [content]
    for number in range(1, int(reader.trailer["/Size"])):
        thing = reader.get_object(number)
        found.append(repr(thing).encode())
        if hasattr(thing, "get_data"):
            found.append(thing.get_data())
    return b"\n".join(found)


def test_scripts_programs_attached_files_and_forms_are_gone(child):
    before = pdfs.acting()
    assert [word for word in _GONE if word not in before] == []  # the file holds what it is about
    said = child(before)
    assert said.told == {"pages": 1} and "innocent" in page_texts(said.written)[0]
    kept = _unfolded(said.written)
    assert [word for word in _GONE if word in kept] == []


def test_a_plain_link_and_a_highlight_stay(child):
    notes = [note.get_object() for note in PdfReader(io.BytesIO(child(pdfs.acting()).written)).pages[0]["/Annots"]]
    assert [note["/Subtype"] for note in notes] == ["/Link", "/Highlight"]
    assert notes[0]["/A"] == {"/S": "/URI", "/URI": "https://doi.example/10.1"}


def test_what_hides_under_the_print_is_gone_too(child):
    said = child(pdfs.hidden())
    assert said.told == {"pages": 1}
    kept = _unfolded(said.written)
    assert [word for word in (b"/JS", b"hidden-script", b"MZ-a-program", b"evil.exe", b"/PS", b"/etc/passwd")
            if word in kept] == []
    assert b"/Transparency" in kept  # what is only printed differently is not lost


# --- the legend ---------------------------------------------------------------------------------------

_DARK = b"0 g 0 0 20000 20000 re f"
PAGES = {
    "letter": {"size": pdfs.LETTER}, "A4": {"size": pdfs.A4}, "a slip of paper": {"size": (90, 120)},
    "a label": {"size": (200, 60)}, "a map": {"size": (5000, 3400)}, "as large as can be": {"size": (14400, 14400)},
    "a quarter turned": {"rotate": 90}, "upside down": {"rotate": 180}, "three quarters turned": {"rotate": 270},
    "turned the other way": {"rotate": -90},
    "cropped": {"entries": "/CropBox [100 300 500 700]"},
    "cropped and turned": {"entries": "/CropBox [100 300 500 700]", "rotate": 90},
    "a crop larger than the paper": {"entries": "/CropBox [-500 -500 2000 2000]"},
    "a crop beside the paper": {"entries": "/CropBox [9000 9000 9500 9500]"},
    "not at the corner": {"box": "/MediaBox [100 150 712 942]"},
    "corners the wrong way round": {"box": "/MediaBox [612 792 0 0]"},
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("content", [b"", _DARK], ids=["white", "dark"])
def test_the_legend_can_be_read_at_the_foot_of_the_first_page(child, name, content):
    said = child(pdfs.page(content=content, **PAGES[name]), legend=True)
    assert said.told == {"pages": 1}
    page = pypdfium2.PdfDocument(said.written)[0]
    text = page.get_textpage()
    assert LEGEND in " ".join(text.get_text_range().split())
    # Rendered as a reader's program shows it: white ground under the words, in the lower third, upright.
    scale = 1200 / max(page.get_size())
    picture = page.render(scale=scale).to_pil().convert("L")
    width, height = picture.size
    foot = picture.crop((0, int(height * 0.6), width, height))
    shades = foot.getextrema()
    assert shades[0] < 100 and shades[1] > 200
    if not content:
        left, top, right, bottom = foot.point(lambda shade: 255 * (shade < 160)).getbbox()
        assert right - left > bottom - top or name == "a slip of paper"  # along the edge, as it is read
        assert left > 0 and right < width and bottom < foot.size[1]  # whole, within the page
        assert abs((left + right) / 2 - width / 2) < width / 20


def test_other_pages_carry_no_legend(child):
    texts = page_texts(child(pdfs.of_pages(3), legend=True).written)
    assert ["Title 17" in text for text in texts] == [True, False, False]


def test_a_page_without_a_size_is_damaged(child):
    assert child(pdfs.page(size=(10**9, 10**9)), legend=True).told == {"problem": "unreadable"}
