"""Private keys as people paste them."""

import subprocess

import pytest

from billing.local.sftp import keys
from tests.peers import sshd

P = "correct horse"


@pytest.fixture(params=[("ed25519",), ("rsa", "-b", "2048"), ("rsa", "-b", "2048", "-m", "PEM"),
                        ("rsa", "-b", "2048", "-m", "PKCS8"), ("ecdsa", "-b", "256", "-m", "PEM"),
                        ("ecdsa", "-b", "521")], ids=" ".join)
def made(request, tmp_path):
    """Path, and how ssh-keygen names it."""
    sshd.needs("ssh-keygen", "openssh-client")
    return tmp_path / "key", sshd.new_key(tmp_path / "key", *request.param)


def test_every_form_that_ssh_keygen_writes_is_read(made):
    path, name = made
    private, public = keys.normal(path.read_text().replace("\n", "\r\n") + "\r\n\r\n")
    assert keys.fingerprint(keys.loaded(private, public)) == name
    assert path.with_suffix(".pub").read_text().startswith(public)
    assert keys.normal(private) == (private, public) or keys.normal(private)[1] == public


def test_with_a_passphrase_it_is_kept_without_and_a_wrong_one_is_said_so(made):
    path, name = made
    plain = path.read_text()
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", P, "-f", str(path)], check=True)
    text = path.read_text()
    private, public = keys.normal(text, P)
    assert keys.fingerprint(keys.loaded(private, public)) == name
    for wrong in ("", "wrong"):
        with pytest.raises(keys.NotUsable, match="passphrase"):
            keys.normal(text, wrong)
    assert keys.normal(plain, "not needed")[1] == public


@pytest.mark.parametrize(("text", "why"), [
    ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "putty"),
    ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL me@here", "public"),
    ("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----", "public"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----", "unreadable"),
    ("-----BEGIN RSA PRIVATE KEY-----\nxx\n-----END RSA PRIVATE KEY-----", "unreadable"),
    ("my password", "unreadable"), ("", "unreadable"), ("\x00", "unreadable"), ("Schlüssel", "unreadable"),
])
def test_what_is_no_private_key_is_said_so(text, why):
    with pytest.raises(keys.NotUsable, match=why):
        keys.normal(text)


def test_short_rsa_keys_are_refused(tmp_path):
    sshd.needs("ssh-keygen", "openssh-client")
    sshd.new_key(tmp_path / "key", "rsa", "-b", "1024")
    with pytest.raises(keys.NotUsable, match="weak"):
        keys.normal((tmp_path / "key").read_text())
