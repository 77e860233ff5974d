"""Files at every door of the staff: what is refused is refused in a sentence, and nothing of it is kept."""

import threading
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from illdesk.models import Attachment, Event, OutboxMessage
from requests_app.copyright.notices import LEGEND
from requests_app.models import Delivery, ILLRequest
from requests_app.scans import covers, stored
from tests import factories as f
from tests.illdesk.paper import page_texts
from tests.requests_app.scans import pdfs

pytestmark = pytest.mark.django_db

# Door: the state and service of the request that it belongs to, the action, what else is asked.
DOORS = {
    "receive_copy": ("borrowing.shipped", "receive_copy", {}),
    "deliver_scan": ("lending.preparing", "deliver_scan", {"notice": "included"}),
    "deliver_copy": ("documents.scanning", "deliver_copy", {"notice": "included"}),
    "add_file": ("borrowing.shipped", "", {}),
}
BAD = {
    "nothing": (b"", "empty"),
    "a page of the web": (b"<!doctype html><script>alert(1)</script>", "not a PDF"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "not a PDF"),
    "a program": (b"MZ\x90\x00 a program" + bytes(99), "not a PDF"),
    "locked": (pdfs.locked(user="secret"), "locked with a password"),
    "damaged": (pdfs.of_pages(30)[:9000], "damaged"),
    "too many pages": (pdfs.of_pages(2001), "more than 2000 pages"),
    "a branch that is its own": (pdfs.own_child(), "cannot be read|more than can be read"),
}


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    """The file store, empty."""
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    return tmp_path


def lying(store: Path) -> list[Path]:
    return [path for path in store.rglob("*") if path.is_file()]


@pytest.fixture
def clerk(client):
    f.institution()
    client.force_login(f.user("supervisor"))
    return client


def at(door: str) -> ILLRequest:
    state, _action, _more = DOORS[door]
    f.by_hand()
    row = f.ill(state, service="copy")
    for path in Attachment.objects.values_list("file", flat=True):
        default_storage.delete(path)
    return row


def bring(client, door: str, row: ILLRequest, content: bytes, *, name: str = "scan.pdf", version: int | None = None):
    _state, action, more = DOORS[door]
    url = f"/requests/{row.number}/act/{action}/" if action else f"/requests/{row.number}/files/"
    data = {"file": SimpleUploadedFile(name, content), "version": row.version if version is None else version} | more
    return client.post(url, data, follow=not action)


@pytest.mark.parametrize("door", DOORS)
def test_a_good_file_is_taken_and_what_acts_in_it_is_gone(clerk, store, door):
    row = at(door)
    answer = bring(clerk, door, row, pdfs.acting(), name="Überblick.png")
    assert answer.status_code in (200, 302), answer.content.decode()[:2000]
    attachment = Attachment.objects.latest("pk")
    assert attachment.name.endswith(".pdf") and attachment.content_type == "application/pdf"
    kept = attachment.file.read()
    assert attachment.size == len(kept)
    assert len(lying(store)) == 1
    assert "innocent" in page_texts(kept)[-1]
    for word in (b"JavaScript", b"Launch", b"EmbeddedFile", b"MZ-a-program", b"OpenAction"):
        assert word not in kept


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("door", [door for door in DOORS if door != "add_file"])
def test_what_is_no_readable_pdf_is_refused_and_nothing_is_kept(clerk, store, door, what):
    content, words = BAD[what]
    row = at(door)
    before = (Event.objects.count(), OutboxMessage.objects.count(), Delivery.objects.count())
    answer = bring(clerk, door, row, content)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert any(word in page for word in words.split("|"))
    assert lying(store) == []
    assert (Event.objects.count(), OutboxMessage.objects.count(), Delivery.objects.count()) == before
    assert ILLRequest.objects.get(pk=row.pk).version == row.version


@pytest.mark.parametrize("what", ["nothing", "a program", "locked", "damaged", "a branch that is its own"])
def test_a_file_added_to_a_request_is_looked_at_too(clerk, store, what):
    row, count = at("add_file"), Attachment.objects.count()
    page = bring(clerk, "add_file", row, BAD[what][0]).content.decode()
    assert any(word in page for word in ("empty", "is no PDF", "locked", "damaged", "unfolds"))
    assert lying(store) == [] and Attachment.objects.count() == count


@pytest.mark.parametrize("door", DOORS)
def test_a_file_over_the_limit_is_refused(clerk, store, settings, door):
    settings.MAX_UPLOAD_BYTES = 400
    row = at(door)
    assert "is larger than" in bring(clerk, door, row, pdfs.of_pages(9)).content.decode()
    assert lying(store) == []


@pytest.mark.parametrize("door", ["receive_copy", "deliver_scan", "deliver_copy"])
def test_the_file_of_a_step_that_somebody_else_took_first_does_not_stay(clerk, store, door):
    row = at(door)
    answer = bring(clerk, door, row, pdfs.page(), version=row.version - 1)
    assert answer.status_code == 409
    assert lying(store) == [] and ILLRequest.objects.get(pk=row.pk).version == row.version


def test_the_file_of_a_refused_step_does_not_stay(clerk, store):
    """The rule of the copyright statement speaks after the file is stored."""
    row = at("deliver_scan")
    ILLRequest.objects.filter(pk=row.pk).update(compliance="")
    answer = bring(clerk, "deliver_scan", row, pdfs.page())
    assert answer.status_code == 409 and "neither CCG nor CCL" in answer.content.decode()
    assert lying(store) == []


def test_the_file_of_somebody_without_the_right_is_not_even_read(client, store):
    """Who reads this file says 422: it is no PDF. And nobody can look at a file while all room is taken."""
    row = at("deliver_scan")
    client.force_login(f.user("student"))
    assert bring(client, "deliver_scan", row, b"no PDF at all").status_code == 403
    assert lying(store) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_file_stays(store):
    f.institution()
    row = at("deliver_scan")
    people = [f.user("supervisor") for _n in range(2)]
    answers: list[int] = []

    def send(person):
        browser = Client()
        browser.force_login(person)
        try:
            answers.append(bring(browser, "deliver_scan", row, pdfs.page(person.last_name)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]
    assert len(lying(store)) == 1 and Delivery.objects.count() == 1


def test_no_more_children_at_once_than_the_machine_holds(store, monkeypatch):
    monkeypatch.setattr(stored, "SECONDS", 0.01)
    taken = [stored._room.acquire() for _child in range(stored.AT_ONCE)]
    try:
        with pytest.raises(stored.BadAnswer, match="Many files"):
            stored.store(SimpleUploadedFile("a.pdf", pdfs.page()))
    finally:
        for _child in taken:
            stored._room.release()
    assert lying(store) == []


def test_the_child_learns_no_secret(monkeypatch, store):
    seen: list[dict] = []
    run = stored.subprocess.run
    monkeypatch.setenv("ILLDESK_SECRET_KEY", "x" * 50)
    monkeypatch.setattr(stored.subprocess, "run", lambda *args, **more: seen.append(more["env"]) or run(*args, **more))
    stored.store(SimpleUploadedFile("a.pdf", pdfs.page()))
    assert seen and not [name for name in seen[0] if name.startswith(("ILLDESK", "DATABASE", "REDIS"))]


# --- what is put in front and on it -------------------------------------------------------------------


def test_a_scan_without_a_notice_goes_with_the_legend_and_one_with_it_as_it_is(clerk, store):
    for notice, said in (("none", True), ("included", False)):
        row = at("deliver_scan")
        DOORS["deliver_scan"][2]["notice"] = notice
        try:
            assert bring(clerk, "deliver_scan", row, pdfs.of_pages(2)).status_code == 302
        finally:
            DOORS["deliver_scan"][2]["notice"] = "included"
        texts = page_texts(Attachment.objects.latest("pk").file.read())
        assert len(texts) == 2  # what goes to a library has no cover of ours
        assert (LEGEND in " ".join(texts[0].split())) is said and LEGEND not in texts[1]


def test_the_patrons_copy_has_a_cover_with_its_number_source_and_warning_and_no_name(clerk, store):
    row = at("receive_copy")
    bring(clerk, "receive_copy", row, pdfs.of_pages(2))
    delivery = Delivery.objects.get(ill=row, to=Delivery.PATRON)
    cover, *pages = page_texts(delivery.attachment.file.read())
    words = " ".join(cover.split())
    assert row.number in words and row.citation.shown_title in words and "Riverside University Library" in words
    assert "WARNING CONCERNING COPYRIGHT RESTRICTIONS" in words.upper()
    assert row.patron.last_name not in words and row.patron.user.last_name not in words
    assert [text.strip() for text in pages] == ["page 1", "page 2"] and delivery.pages == 2


def test_the_cover_speaks_the_patrons_language(clerk):
    row = f.ill("borrowing.shipped", service="copy", patron=f.patron(language="es"))
    in_spanish = " ".join(page_texts(covers.cover_of(row, now=f.NOW))[0].split())
    row.patron.language = "en"
    assert in_spanish != " ".join(page_texts(covers.cover_of(row, now=f.NOW))[0].split())


@pytest.mark.parametrize("title", [
    "", "x" * 5000, "\u202eevil\u202c \x07", "漢字 ק \u0301" * 50, "<b>&amp;</b></para><font size=90>{{7*7}}%s%(x)s",
])
def test_no_title_breaks_the_cover(title):
    row = f.ill("borrowing.shipped", service="copy")
    row.citation.part_title = row.citation.title = row.citation.author = title
    document = pypdfium2.PdfDocument(covers.cover_of(row, now=f.later() + timedelta(days=1)))
    assert len(document) == 1
    if title.startswith("<b>"):
        assert "{{7*7}}" in document[0].get_textpage().get_text_range().replace("\r\n", "")
