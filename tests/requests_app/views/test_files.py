"""Files of a request: staff of its kind add and fetch them; for everybody else they are not there."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from illdesk.models import Attachment
from tests import factories
from tests.illdesk.paper import page_texts

pytestmark = pytest.mark.django_db
PDF = factories.pdf("A page of clouds")


@pytest.fixture
def files(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    return tmp_path


def upload(client, ill, *, name="Über den Wolken.pdf", body=PDF):
    return client.post(f"/requests/{ill.number}/files/", {"file": SimpleUploadedFile(name, body)}, follow=True)


def test_a_file_is_kept_and_fetched_under_its_own_name(client, files):
    ill = factories.asked()
    client.force_login(factories.user("borrowing staff"))
    assert "Über den Wolken.pdf" in upload(client, ill).content.decode()
    row = Attachment.objects.get()
    assert "Wolken" not in row.file.name  # random on disk
    answer = client.get(f"/files/{row.pk}/")
    assert "A page of clouds" in page_texts(b"".join(answer.streaming_content))[0]
    assert answer["Content-Disposition"].startswith("attachment") and "Wolken" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_page_with_script_is_plain_text_to_whoever_fetches_it(client, files):
    ill = factories.asked()
    client.force_login(factories.user("borrowing staff"))
    upload(client, ill, name="page.html", body=b"<script>alert(1)</script>")
    answer = client.get(f"/files/{Attachment.objects.get().pk}/")
    assert answer["Content-Type"].startswith("text/plain") and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name,body", [("empty.pdf", b""), ("disguised.pdf", b"MZ\x90\x00 a program")])
def test_what_is_no_document_is_refused_in_a_sentence(client, files, name, body):
    ill = factories.asked()
    client.force_login(factories.user("borrowing staff"))
    upload(client, ill, name=name, body=body)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("role", ["patron", "lending staff", "student", "budget", "administrator"])
def test_strangers_find_nothing(client, files, role):
    ill = factories.asked()
    clerk = factories.user("borrowing staff")
    client.force_login(clerk)
    upload(client, ill)
    client.force_login(factories.user(role))
    assert client.get(f"/files/{Attachment.objects.get().pk}/").status_code == 404
    assert client.post(f"/requests/{ill.number}/files/", {}).status_code == 404
