import hashlib
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from illdesk import attachments
from illdesk.errors import BadAnswer
from illdesk.models import Attachment, Event
from requests_app.models import Citation, ILLRequest

PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }


@pytest.fixture
def ill(db):
    now = timezone.now()
    return ILLRequest.objects.create(
        number="B-2026-00007", kind="borrowing", state="borrowing.sent", created=now, changed=now,
        citation=Citation.objects.create(title="Tides"),
    )


def _store(ill, content: bytes, name: str = "scan.pdf") -> Attachment:
    return attachments.store(ill.subject, SimpleUploadedFile(name, content), by=None, now=timezone.now())


def _zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


def test_a_file_comes_back_as_it_was_under_its_own_name(ill, signed_in):
    row = _store(ill, PDF, "تقرير 2026.pdf")
    answer = signed_in("borrowing staff").get(f"/files/{row.pk}/")
    assert answer.getvalue() == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%D8%AA")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert answer["Cache-Control"] == "private, no-store"
    assert row.sha256 == hashlib.sha256(PDF).hexdigest()
    assert Event.objects.get(name="request.file_added").data == {"file": row.pk}


@pytest.mark.parametrize("role", ["patron", "lending staff", "budget"])
def test_whoever_may_not_fetch_it_learns_nothing(ill, signed_in, role):
    row, browser = _store(ill, PDF), signed_in(role)
    assert browser.get(f"/files/{row.pk}/").status_code == 404
    assert browser.get("/files/99999/").status_code == 404


def test_a_stranger_signs_in_first(ill, client):
    assert client.get(f"/files/{_store(ill, PDF).pk}/")["Location"].startswith("/accounts/login/")


def test_files_of_what_nobody_answers_for_stay_closed(ill, signed_in):
    row = _store(ill, PDF)
    Attachment.objects.update(subject_kind="cellar")
    assert signed_in("supervisor").get(f"/files/{row.pk}/").status_code == 404


def test_a_file_lost_on_the_disk_is_a_sentence(ill, signed_in):
    row = _store(ill, PDF)
    row.file.storage.delete(row.file.name)
    answer = signed_in("borrowing staff").get(f"/files/{row.pk}/")
    assert answer.status_code == 409
    assert "cannot be read on our side" in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"junk\n" + PDF, "pdf"), (b"\x89PNG\r\n\x1a\nx", "png"), (b"\xff\xd8\xff\xe0x", "jpeg"),
        (b"II*\x00x", "tiff"), (b"MM\x00*x", "tiff"), ("Über ﷽\n".encode(), "txt"), (b"\xef\xbb\xbfhello", "txt"),
        (_zip("[Content_Types].xml", "word/document.xml"), "docx"),
        (_zip("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (_zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (_zip("evil.exe"), None), (b"PK\x03\x04 no zip", None), (b"MZ\x90\x00\x03", None), (b"\xfe\xff\x00h", None),
        (b"a" * 65535 + "é".encode(), "txt"), (b"caf\xe9", None),
    ],
)
def test_the_content_says_what_it_is(content, kind):
    assert attachments.kind_of(io.BytesIO(content)) == kind


def test_a_program_is_refused_whatever_it_calls_itself(ill):
    with pytest.raises(BadAnswer, match="no PDF, image") as refusal:
        _store(ill, b"MZ\x90\x00\x03", "invoice.pdf")
    assert refusal.value.field == "file"
    assert not Attachment.objects.exists()


def test_empty_missing_and_too_large_files_are_refused(ill, settings):
    with pytest.raises(BadAnswer, match="is empty"):
        _store(ill, b"")
    with pytest.raises(BadAnswer, match="No file was chosen"):
        attachments.store(ill.subject, None, by=None, now=timezone.now())
    settings.MAX_UPLOAD_BYTES = 10
    with pytest.raises(BadAnswer, match="larger than"):
        _store(ill, PDF)


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("../../etc/passwd", "txt", "passwd.txt"), ("C:\\scans\\a.PDF", "pdf", "a.PDF"),
        ("evil.exe", "pdf", "evil.exe.pdf"),
        ("gpj.\u202eexe.pdf", "pdf", "gpj.exe.pdf"), ('a"\r\nX: y.png', "png", "aX y.png"), ("", "pdf", "file.pdf"),
        (".pdf", "pdf", "pdf.pdf"), ("写真.jpeg", "jpeg", "写真.jpeg"),
    ],
)
def test_names_are_made_harmless(name, kind, kept):
    assert attachments.safe_name(name, kind) == kept


def test_a_long_name_keeps_its_ending():
    name = attachments.safe_name("x" * 500 + ".pdf", "pdf")
    assert (len(name), name[-4:]) == (200, ".pdf")
