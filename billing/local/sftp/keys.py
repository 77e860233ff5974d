"""Keys of SSH: ours, to sign in with, and the fingerprint of the server's. Pure."""

import base64
import hashlib
import io

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

_CLASSES: dict[str, type[paramiko.PKey]] = {
    "ssh-ed25519": paramiko.Ed25519Key, "ssh-rsa": paramiko.RSAKey, "ecdsa-sha2-nistp256": paramiko.ECDSAKey,
    "ecdsa-sha2-nistp384": paramiko.ECDSAKey, "ecdsa-sha2-nistp521": paramiko.ECDSAKey,
}
_SHORTEST_RSA = 2048
_PUBLIC = (b"ssh-", b"ecdsa-", b"---- BEGIN SSH2 PUBLIC", b"-----BEGIN PUBLIC")


class NotUsable(ValueError):
    """`why` is a code: putty, public, passphrase, weak, unreadable."""


def normal(text: str, passphrase: str = "") -> tuple[str, str]:
    """A private key as people paste it (OpenSSH, PKCS 1 or PKCS 8, with or without a passphrase): in OpenSSH's form
    without one, since we encrypt it ourselves; and its public line, which the server's administrators need."""
    data = (text.replace("\r\n", "\n").strip() + "\n").encode()
    if data.startswith(b"PuTTY-User-Key-File"):
        raise NotUsable("putty")
    if data.startswith(_PUBLIC):
        raise NotUsable("public")
    load = form.load_ssh_private_key if b"BEGIN OPENSSH" in data else form.load_pem_private_key
    try:
        key = load(data, passphrase.encode() or None)
    except TypeError as failure:
        if not passphrase:
            raise NotUsable("passphrase") from failure
        return normal(text)  # a passphrase was given for a key that has none
    except (ValueError, UnsupportedAlgorithm) as failure:
        # OpenSSH's and PEM's encrypted forms answer a wrong passphrase alike.
        encrypted = passphrase or b"ENCRYPTED" in data or "passphrase" in str(failure).lower()
        raise NotUsable("passphrase" if encrypted else "unreadable") from failure
    if not isinstance(key, (ed25519.Ed25519PrivateKey, rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise NotUsable("weak")
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < _SHORTEST_RSA:
        raise NotUsable("weak")
    try:
        public = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
        private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption()).decode()
    except (ValueError, UnsupportedAlgorithm) as failure:
        raise NotUsable("unreadable") from failure
    if public.split()[0] not in _CLASSES:
        raise NotUsable("weak")
    return private, public


def loaded(private: str, public: str) -> paramiko.PKey:
    """Of what `normal` gave."""
    return _CLASSES[public.split()[0]].from_private_key(io.StringIO(private))


def fingerprint(key: paramiko.PKey) -> str:
    """As `ssh-keygen -l` writes it: "SHA256:" and base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
