"""A real sshd: signed in to only after it has shown its key, written into so that nobody finds half a file."""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from billing.local.sftp import connection, keys
from billing.local.sftp.connection import OtherKey, Refusal
from illdesk.errors import AdapterError
from tests.peers import sshd
from tests.peers.cut import wire

DATA = b"number,action\n" + b"PC-2026-00001,charge\n" * 5000
WRONG = keys.normal(Ed25519PrivateKey.generate().private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def nothing(begins: bool) -> None:
    pass


def put(folders, there, data=DATA, *, tried=False, naming=nothing) -> str:
    return folders.put(f"{there.name}/out", "LF-1.csv", data, tried=tried, naming=naming)


@pytest.mark.parametrize(("kind", "made"), [
    ("ssh-ed25519", "ed25519"), ("ssh-rsa", "rsa"), ("ecdsa-sha2-nistp256", "ecdsa")])
def test_whichever_of_the_servers_keys_was_confirmed_it_is_the_one_that_is_asked_for(there, kind, made):
    with connection.opened(there.place(key_kind=kind, fingerprint=there.server.keys[made])) as folders:
        assert folders.files(f"{there.name}/in") == []


def test_the_key_that_it_shows_is_the_one_that_ssh_keygen_names(there):
    assert connection.shown_key(there.place(fingerprint="")) == ("ssh-ed25519", there.server.keys["ed25519"])


def test_with_a_password_whatever_signs_it_has(there):
    if not there.server.password:
        pytest.skip("only root can make a user with a password")
    place = there.place(private="", public="", password=there.server.password)
    with connection.opened(place) as folders:
        assert put(folders, there) == "stored"
    with connection.opened(there.place(private=WRONG[0], public=WRONG[1], password=there.server.password)) as folders:
        assert folders.size(f"{there.name}/out", "LF-1.csv") == len(DATA), "the password, where the key is refused"


@pytest.mark.parametrize(("wrong", "words"), [
    ({"private": "", "public": "", "password": "no"}, "refused the user|does not take what is stored"),
    ({"private": WRONG[0], "public": WRONG[1]}, "refused the user"),
    ({"user": "nobody-of-that-name"}, "refused the user"),
    ({"port": 1}, "does not answer at this port"),
    ({"host": "no-such-host.invalid"}, "name of the server is not known"),
    ({"fingerprint": ""}, "not confirmed yet"),
])
def test_each_way_of_not_getting_in_has_its_sentence(there, wrong, words):
    with pytest.raises(AdapterError, match=words), connection.opened(there.place(**wrong)):
        pass


def test_a_server_with_another_key_is_told_neither_user_nor_password(there):
    for wrong in ({"fingerprint": "SHA256:x"}, {"key_kind": "ecdsa-sha2-nistp521"}):
        place = there.place(user="very-secret-user", password="very secret", **wrong)
        with pytest.raises(OtherKey, match="shows another key"), connection.opened(place):
            pass
    assert "very-secret-user" not in (there.server.base / "out.log").read_text(errors="replace")


def test_a_server_that_was_set_up_anew_is_refused_and_its_new_key_is_told(there):
    with sshd.server(kinds=("ed25519",)) as new:
        with pytest.raises(OtherKey) as refusal, connection.opened(there.place(port=new.port)):
            pass
        assert (refusal.value.kind, refusal.value.fingerprint) == ("ssh-ed25519", new.keys["ed25519"])
        place = there.place(port=new.port, key_kind="ssh-rsa", fingerprint=there.server.keys["rsa"])
        with pytest.raises(OtherKey) as refusal, connection.opened(place):
            pass
        assert refusal.value.fingerprint == "", "it has none of that kind"


@pytest.mark.parametrize("says", [
    b"", b"HTTP/1.1 400 Bad Request\r\n\r\n" * 200, b"SSH-2.0-x\r\n", b"\0" * 5000, b"SSH-1.0-a\0b\r\n",
])
def test_what_is_no_ssh_server_is_said_so_in_time(there, says, monkeypatch):
    monkeypatch.setattr(connection, "SILENT", 1)
    with socket.create_server(("127.0.0.1", 0)) as door:
        def answer():
            near, _address = door.accept()
            near.sendall(says)
            time.sleep(1.5)
            near.close()

        threading.Thread(target=answer, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(AdapterError) as failure, connection.opened(there.place(port=door.getsockname()[1])):
            pass
        assert not failure.value.permanent and time.monotonic() - began < 6 and "\0" not in str(failure.value)


def test_a_connection_has_so_much_time_and_is_cut_then(there):
    with wire(there.server.port) as line:
        line.slow = 0.2
        began = time.monotonic()
        with pytest.raises(AdapterError), connection.opened(there.place(port=line.port), limit=3) as folders:
            put(folders, there, DATA * 40)
        assert time.monotonic() - began < 8
    assert there.names() == [".LF-1.csv.part"]


# --- files -------------------------------------------------------------------------------------------------------


def test_a_file_has_its_name_when_it_is_whole_and_put_again_it_is_the_same(there):
    said = []
    with connection.opened(there.place()) as folders:
        assert put(folders, there, naming=said.append) == "stored" and said == [True]
        assert put(folders, there) == "there"
        assert folders.read(f"{there.name}/out", "LF-1.csv", most=10**6) == DATA
    assert there.names() == ["LF-1.csv"] and (there.folder / "out" / "LF-1.csv").read_bytes() == DATA


@pytest.mark.parametrize("other", [DATA[:-1], DATA + b"x", DATA[:-2] + b"x\n", b""])
def test_other_content_under_its_name_is_never_written_over(there, other):
    (there.folder / "out" / "LF-1.csv").write_bytes(other)
    with connection.opened(there.place()) as folders, pytest.raises(Refusal, match="with other content is there"):
        put(folders, there)
    assert (there.folder / "out" / "LF-1.csv").read_bytes() == other and there.names() == ["LF-1.csv"]


def test_a_name_that_somebody_else_gives_at_the_same_moment_is_not_written_over(there):
    def other(begins: bool) -> None:
        if begins:
            (there.folder / "out" / "LF-1.csv").write_bytes(b"theirs")
        said.append(begins)

    said: list[bool] = []
    with connection.opened(there.place()) as folders, pytest.raises(Refusal):
        put(folders, there, naming=other)
    assert (there.folder / "out" / "LF-1.csv").read_bytes() == b"theirs" and said == [True, False]


def test_what_was_stored_and_taken_before_we_heard_is_not_stored_again(there):
    with connection.opened(there.place()) as folders:
        assert put(folders, there, tried=True) == "taken" and there.names() == []
        (there.folder / "out" / ".LF-1.csv.part").write_bytes(DATA)
        assert put(folders, there, tried=True) == "stored", "it was whole and had not got its name"


@pytest.mark.parametrize(("folder", "words"), [("gone", "There is no .*gone"), ("shut", "does not let the user")])
def test_folders_that_are_missing_or_closed_have_their_sentence(there, folder, words):
    (there.folder / "shut").mkdir(mode=0o500)
    os.chmod(there.folder / "shut", 0o555)
    with connection.opened(there.place()) as folders:
        if folder == "shut" and os.getuid() and os.access(there.folder / "shut", os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(Refusal, match=words):
            folders.put(f"{there.name}/{folder}", "LF-1.csv", DATA, tried=False, naming=nothing)
        with pytest.raises(Refusal, match=words):
            folders.may_write(f"{there.name}/{folder}", ".trial")
        assert put(folders, there) == "stored", "the connection goes on"
        with pytest.raises(Refusal, match="There is no"):
            put_to = f"{there.name}/gone"
            folders.put(put_to, "LF-1.csv", DATA, tried=True, naming=nothing)


def test_a_full_disk_leaves_nothing_behind_and_has_its_sentence(there):
    (there.folder / "out" / ".LF-1.csv.part").symlink_to("/dev/full")
    with connection.opened(there.place()) as folders:
        with pytest.raises(Refusal, match="may be full"):
            put(folders, there)
        assert there.names() == []
        assert put(folders, there) == "stored"


@pytest.mark.parametrize("after", [0, 10, 700, 1500, 2500, 3500, 5000, 20_000, 60_000, 100_000, 107_000, 107_500])
def test_cut_off_anywhere_no_half_file_has_its_name_and_the_next_try_makes_it_whole(there, after):
    tried = []
    with wire(there.server.port) as line:
        line.cut_after = after
        with pytest.raises(AdapterError) as failure, connection.opened(there.place(port=line.port)) as folders:
            put(folders, there, naming=tried.append)
            pytest.fail("it was not cut")
        assert not isinstance(failure.value, Refusal)
    if "LF-1.csv" in there.names():
        assert tried == [True] and (there.folder / "out" / "LF-1.csv").read_bytes() == DATA
    with connection.opened(there.place()) as folders:
        assert put(folders, there, tried=bool(tried)) in ("stored", "there")
    assert there.names() == ["LF-1.csv"] and (there.folder / "out" / "LF-1.csv").read_bytes() == DATA


def test_deaf_at_any_moment_it_is_stored_once(there):
    """Our bytes arrive, and their answers do not."""
    with wire(there.server.port) as line, connection.opened(there.place(port=line.port)) as folders:
        put(folders, there)
        whole = line.answered
    (there.folder / "out" / "LF-1.csv").unlink()
    taken = 0
    for answers in range(whole - 900, whole, 60):
        tried: list[bool] = []
        with wire(there.server.port) as line:
            line.deaf_after = answers
            try:
                with connection.opened(there.place(port=line.port)) as folders:
                    put(folders, there, naming=tried.append)
            except AdapterError:
                pass
        mine = there.folder / "out" / "LF-1.csv"
        if mine.exists():  # the billing office takes it away at once
            assert mine.read_bytes() == DATA
            mine.unlink()
            taken += 1
            with connection.opened(there.place()) as folders:
                assert put(folders, there, tried=bool(tried and tried[-1])) == "taken"
        assert "LF-1.csv" not in there.names()
    assert taken, "the answers to the last steps were never lost"


def test_our_process_killed_in_the_middle_leaves_half_a_file_that_nobody_takes(there):
    script = (
        "import os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'illdesk.settings')\n"
        "import django; django.setup()\n"
        "from billing.local.sftp import connection\n"
        "place = connection.Place(*eval(sys.stdin.read()))\n"
        "with connection.opened(place) as folders:\n"
        f"    folders.put('{there.name}/out', 'LF-1.csv', b'x' * 3_000_000, tried=False, naming=lambda begins: None)\n")
    with wire(there.server.port) as line:
        line.slow = 0.01
        place = there.place(port=line.port)
        with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, text=True,
                              cwd=Path(__file__).parents[4]) as process:
            assert process.stdin is not None
            process.stdin.write(repr(dataclasses.astuple(place)))
            process.stdin.close()
            half = there.folder / "out" / ".LF-1.csv.part"
            until = time.monotonic() + 30
            while not (half.exists() and half.stat().st_size > 200_000) and time.monotonic() < until:
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
    assert there.names() == [".LF-1.csv.part"] and 0 < half.stat().st_size < 3_000_000
    with connection.opened(there.place()) as folders:
        assert folders.files(f"{there.name}/out") == [], "what begins with a dot is not looked at"
        assert put(folders, there) == "stored"
    assert there.names() == ["LF-1.csv"] and (there.folder / "out" / "LF-1.csv").read_bytes() == DATA


def test_listed_are_files_with_harmless_names_only(there):
    there.lays("b.csv", b"1")
    there.lays("a b'\"ü.csv", b"12")
    there.lays(".hidden.csv", b"1")
    there.lays("two\nlines.csv", b"1")
    (there.folder / "in" / "folder.csv").mkdir()
    (there.folder / "in" / "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(there.folder / "in" / "pipe.csv")
    with open(os.fsencode(there.folder / "in") + b"/latin-\xfc.csv", "wb") as file:
        file.write(b"1")
    with connection.opened(there.place()) as folders:
        assert [(one.name, one.size) for one in folders.files(f"{there.name}/in")] == [
            ("a b'\"ü.csv", 2), ("b.csv", 1)]
