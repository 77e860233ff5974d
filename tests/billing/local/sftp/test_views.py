"""The pages: entering the server, confirming its key, trying it, exchanging now, what failed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from billing.local.sftp import actions
from billing.local.sftp.models import SftpArrival, SftpServer
from tests import factories as f
from tests.billing.charges.cast import charged, fresh

pytestmark = pytest.mark.django_db
PAGE, SETTINGS = "/billing/local/", "/billing/local/settings/"
FORM = f"{SETTINGS}?kind=sftp"


def as_(client, role: str):
    client.force_login(f.user(role))


def given(there, **more) -> dict:
    return {"kind": "sftp", "after_days": 0, "host": "127.0.0.1", "port": there.server.port,
            "user": there.server.user, "new_password": "", "new_private_key": there.server.private, "passphrase": "",
            "out_folder": f"{there.name}/out", "in_folder": f"./{there.name}/in/", "done_folder": f"{there.name}/done",
            } | more


def text(page) -> str:
    return page.content.decode()


def test_from_an_empty_page_to_an_acknowledged_charge(client, there, storage):
    as_(client, "coordinator")
    assert "SFTP server" in text(client.get(FORM))
    page = text(client.post(FORM, given(there), follow=True))
    assert "Not confirmed" in page and "Fetch the server’s key" in page and "Our public key" in page
    row = SftpServer.objects.get()
    assert row.public_key in page and (row.in_folder, LocalSystem.current().kind) == (f"{there.name}/in", "sftp")
    assert "key is not confirmed" in text(client.get(PAGE))

    page = text(client.post(f"{SETTINGS}sftp/key/fetch/", follow=True))
    assert there.server.keys["ed25519"] in page and "confirm this key" in page
    page = text(client.post(f"{SETTINGS}sftp/key/confirm/", {"fingerprint": there.server.keys["ed25519"]},
                            follow=True))
    assert "The key is confirmed. Try it once." in page and "confirmed by" in page
    page = text(client.post(f"{SETTINGS}sftp/try/", follow=True))
    assert "It lets the user" in page and "What was read can be moved" in page

    one = charged()
    LocalSystem.objects.update(after_days=0)
    page = text(client.post(f"{PAGE}file/", {"key": "2f6b2f0e-8f0f-4c53-9f0a-000000000001"}, follow=True))
    file = LocalFile.objects.get()
    assert f"{file.number} is made. It is put on the server within minutes." in page and "not sent yet" in page
    (there.folder / "in" / "ack.csv").write_bytes(f"number,state,reference\n{one.number},accepted,X\n".encode())
    page = text(client.post(f"{PAGE}exchange/", follow=True))
    assert "Files sent: 1. Acknowledgements read: 0" in page and "1 file may still be being written" in page
    assert "on the server since" in page and "seen" in page and there.names() == [f"{file.number}.csv"]
    SftpArrival.objects.update(looked=f.NOW)
    page = text(client.post(f"{PAGE}exchange/", follow=True))
    assert "Acknowledgements read: 1" in page and fresh(one).handed == fresh(one).open


@pytest.mark.parametrize(("more", "words"), [
    ({"host": ""}, "Enter this: SFTP server."), ({"host": "sftp://bursar.example/x"}, "name of the server only"),
    ({"host": "a b"}, "name of the server only"), ({"host": "bursar.example:22"}, "name of the server only"),
    ({"port": 0}, "from 1 to 65535"), ({"port": "x"}, "whole number"), ({"port": 70000}, "from 1 to 65535"),
    ({"in_folder": "out", "out_folder": "./out/"}, "read as acknowledgements"),
    ({"in_folder": ".", "out_folder": ""}, "read as acknowledgements"),
    ({"in_folder": "in", "done_folder": "in//"}, "cannot be moved to the folder it comes from"),
    ({"new_private_key": "", "new_password": ""}, "Enter a password or a private key."),
    ({"new_private_key": "x"}, "This is no private key."),
    ({"new_private_key": "ssh-ed25519 AAAA"}, "public half"), ({"after_days": 400}, "365"),
])
def test_a_form_that_cannot_be_is_shown_again_with_what_was_typed(client, there, more, words):
    as_(client, "coordinator")
    page = client.post(FORM, given(there, user="typed-user") | more)
    assert page.status_code == 422 and words in text(page) and "typed-user" in text(page)
    assert not SftpServer.objects.exists() and LocalSystem.current().kind == "none"


def test_what_is_stored_is_never_shown_and_goes_to_no_other_server(client, there, server):
    as_(client, "coordinator")
    SftpServer.objects.update(password="very secret")
    secret = server.private_key.splitlines()[1]
    kept = given(there, new_private_key="")
    assert client.post(FORM, kept).status_code == 302
    assert fresh(server).password == "very secret" and fresh(server).fingerprint == server.fingerprint
    page = text(client.get(FORM))
    assert "very secret" not in page and secret not in page and "Leave it empty to keep it" in page
    for other in ({"host": "other.example"}, {"port": 2222}, {"user": "somebody"}):
        page = client.post(FORM, kept | other)
        assert page.status_code == 422 and "Enter the password or the key again" in text(page)
    assert client.post(FORM, kept | {"host": "other.example", "new_password": "new"}).status_code == 302
    row = fresh(server)
    assert (row.password, row.private_key, row.public_key) == ("new", "", "")
    assert (row.fingerprint, row.confirmed, row.seen_fingerprint) == ("", None, ""), "nobody has seen its key"
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM billing_sftpserver")
        assert cursor.fetchone()[0] not in ("", "new"), "encrypted"


def test_a_key_with_a_wrong_passphrase_is_said_so_at_the_passphrase(client, there, tmp_path):
    import subprocess

    (tmp_path / "key").write_text(there.server.private)
    (tmp_path / "key").chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "correct horse", "-f", str(tmp_path / "key")], check=True)
    locked = given(there, new_private_key=(tmp_path / "key").read_text())
    as_(client, "coordinator")
    page = client.post(FORM, locked | {"passphrase": "wrong"})
    assert page.status_code == 422 and "passphrase of this key is missing or wrong" in text(page)
    assert client.post(FORM, locked | {"passphrase": "correct horse"}).status_code == 302
    assert "OPENSSH" in SftpServer.objects.get().private_key


def test_a_key_that_changed_on_the_way_is_not_confirmed(client, there, server):
    as_(client, "coordinator")
    SftpServer.objects.update(seen_kind="ssh-ed25519", seen_fingerprint="SHA256:new", seen_at=f.NOW)
    page = text(client.post(f"{SETTINGS}sftp/key/confirm/", {"fingerprint": "SHA256:older"}, follow=True))
    assert "Nothing was confirmed" in page and fresh(server).fingerprint == server.fingerprint
    assert client.post(f"{SETTINGS}sftp/key/other/").status_code == 404
    SftpServer.objects.update(port=1)
    assert "does not answer" in text(client.post(f"{SETTINGS}sftp/key/fetch/", follow=True))


def test_what_fails_stands_on_the_page_with_its_reason(client, there, server):
    as_(client, "coordinator")
    charged()
    LocalSystem.objects.update(after_days=0)
    client.post(f"{PAGE}file/", {"key": "2f6b2f0e-8f0f-4c53-9f0a-000000000002"})
    SftpServer.objects.update(out_folder="gone")
    (there.folder / "in" / "bad.csv").write_bytes(b"no list\n")
    SftpArrival.objects.create(name="bad.csv", size=8, looked=f.NOW, modified=int(
        (there.folder / "in" / "bad.csv").stat().st_mtime))
    page = text(client.post(f"{PAGE}exchange/", follow=True))
    assert "There is no gone on the server." in page and "the first line must name the columns" in page
    arrival = SftpArrival.objects.get()
    said = client.get(f"/files/{arrival.file_id}/")
    assert b"".join(said.streaming_content if said.streaming else [said.content]) == b"no list\n"
    page = text(client.post(f"{PAGE}arrivals/{arrival.pk}/aside/", follow=True))
    assert "It is set aside and kept." in page and "bad.csv" not in page
    assert "already" in text(client.post(f"{PAGE}arrivals/{arrival.pk}/aside/", follow=True))
    SftpServer.objects.update(port=1)
    page = text(client.post(f"{PAGE}exchange/", follow=True))
    assert "does not answer at this port" in page and "next try" in page and "1 file waits to be sent" in page


def test_an_upload_by_hand_still_counts_and_only_once(client, there, server):
    as_(client, "coordinator")
    row = charged()
    LocalSystem.objects.update(after_days=0)
    client.post(f"{PAGE}file/", {"key": "2f6b2f0e-8f0f-4c53-9f0a-000000000003"})
    data = f"number,state,reference,paid\n{row.number},paid,X,5\n".encode()
    client.post(f"{PAGE}answers/", {"file": SimpleUploadedFile("ack.csv", data)})
    (there.folder / "in" / "same.csv").write_bytes(data)
    SftpArrival.objects.create(name="same.csv", size=len(data), looked=f.NOW, modified=int(
        (there.folder / "in" / "same.csv").stat().st_mtime))
    client.post(f"{PAGE}exchange/")
    assert LocalAnswer.objects.count() == 1 and fresh(row).paid == 5 and there.names("done") == ["same.csv"]
    assert LocalPart.objects.get().state == "there"


@pytest.mark.parametrize(("role", "status"), [("borrowing staff", 302), ("coordinator", 302), ("patron", 403)])
def test_who_works_charges_may_exchange(client, role, status, server, monkeypatch):
    SftpServer.objects.update(port=1)
    as_(client, role)
    assert client.post(f"{PAGE}exchange/").status_code in (status, 404 if status == 403 else status)
    assert bool(fresh(server).failures) == (status == 302)


def test_only_who_sets_the_rules_of_money_may_confirm_or_try(client, there, server):
    as_(client, "borrowing staff")
    for url in (f"{SETTINGS}sftp/key/fetch/", f"{SETTINGS}sftp/key/confirm/", f"{SETTINGS}sftp/try/"):
        assert client.post(url).status_code == 403
        assert client.get(url).status_code in (403, 405)


def test_where_files_do_not_go_over_sftp_nothing_is_exchanged(client, server):
    LocalSystem.objects.update(kind="file")
    as_(client, "coordinator")
    assert "Nothing was exchanged" in text(client.post(f"{PAGE}exchange/", follow=True))
    assert actions.unsent().count() == 0
