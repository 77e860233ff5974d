"""Folders on somebody's SFTP server: signed in to, listed, written into, read. Never in a transaction, and no database.

By paramiko: it blocks, as our workers and pages do, and goes over a socket that we open and can cut off (asyncssh,
as well kept, would bring an event loop for one upload an hour). Every failure is an AdapterError with a sentence:
`Refusal` where the server gave a clear answer and the connection goes on, `OtherKey` where it is not the server
whose key was confirmed: that one is told neither user nor password.
"""

import hashlib
import ipaddress
import logging
import posixpath
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import paramiko
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from paramiko import sftp

from billing.local.sftp import keys
from illdesk.errors import AdapterError

# Seconds: for a connection, for each answer, and for all that is done at once.
CONNECT, SILENT, WHOLE = 5, 20, 300
# A folder with more than this is somebody's mistake; the rest comes next time.
MOST_NAMES = 2000
LONGEST_NAME = 255
# It writes a stack for each server that hangs up; what happened is said in sentences.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

STORED, THERE, TAKEN = "stored", "there", "taken"


class Refusal(AdapterError):
    """A clear answer of the server about one file or folder; others may go."""

    def __init__(self, sentence: str):
        super().__init__(sentence, permanent=True)


class OtherKey(AdapterError):
    """The server has not the key that was confirmed. `kind` and `fingerprint`: what it shows instead, "" where it has
    none of that kind any more."""

    def __init__(self, host: str, kind: str = "", fingerprint: str = ""):
        self.kind, self.fingerprint = kind, fingerprint
        super().__init__(
            _("%(host)s shows another key (%(key)s) than the one that was confirmed. It was told nothing, and nothing "
              "was sent. Ask its administrators; where they changed it, fetch and confirm the new one.")
            % {"host": host, "key": fingerprint or _("none of the same kind")}, permanent=True)


@dataclass(frozen=True)
class Place:
    """`private` and `public`: as keys.normal gives them, "" for none. `key_kind`, `fingerprint`: of the server's key
    as it was confirmed."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    private: str = field(default="", repr=False)
    public: str = ""
    key_kind: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class Seen:
    """A file as the folder lists it; `modified`: seconds since 1970 by the server's clock, 0 where it says none."""

    name: str
    size: int
    modified: int


class _Client(paramiko.SFTPClient):
    """Paramiko's listing fails as a whole where one name in the folder is not UTF-8, and has no end."""

    def named(self, folder: str) -> Iterator[paramiko.SFTPAttributes]:
        """MOST_NAMES at most. As listdir_attr does it (SFTP, draft 02, 6.7)."""
        ask: Any = self._request  # type: ignore[attr-defined]
        _kind, said = ask(sftp.CMD_OPENDIR, folder.encode())
        handle, count = said.get_binary(), 0
        while count < MOST_NAMES:
            try:
                _kind, said = ask(sftp.CMD_READDIR, handle)
            except EOFError:  # its end, or that of the connection: then closing fails, too
                break
            for _one in range(said.get_int()):
                name, long = (said.get_binary().decode("utf-8", "surrogateescape") for _part in range(2))
                count += 1
                yield paramiko.SFTPAttributes._from_msg(said, name, long)  # type: ignore[attr-defined]
        ask(sftp.CMD_CLOSE, handle)


class Folders:
    """What may be done on the server. "" is the folder one is in after signing in."""

    def __init__(self, client: _Client):
        self._sftp = client

    def files(self, folder: str) -> list[Seen]:
        """Regular files with harmless names, by name; Refusal where there is no such folder."""
        found: list[Seen] = []
        with _told(folder):
            for one in self._sftp.named(folder or "."):
                if not stat.S_ISREG(one.st_mode or 0) or not _harmless(one.filename):
                    continue
                found.append(Seen(one.filename, one.st_size or 0, int(one.st_mtime or 0)))
        return sorted(found, key=lambda one: one.name)

    def read(self, folder: str, name: str, *, most: int) -> bytes:
        """The first `most` bytes."""
        path = posixpath.join(folder, name)
        with _told(path), self._sftp.open(path, "rb") as file:
            found = bytearray()
            while len(found) < most and (some := file.read(min(32 * 1024, most - len(found)))):
                found += some
            return bytes(found)

    def size(self, folder: str, name: str) -> int | None:
        """None where there is no such file."""
        path = posixpath.join(folder, name)
        try:
            with _told(path):
                return self._sftp.stat(path).st_size or 0
        except _Missing:
            return None

    def put(self, folder: str, name: str, data: bytes, *, tried: bool, naming: Callable[[bool], None]) -> str:
        """Write it under another name, look that it is whole, then give it its name: nobody finds half of it.

        `naming(True)` is called before it gets its name, and `naming(False)` where that is refused; `tried`: it was
        called with True for this file, and how that ended is not known. STORED; THERE: the same content stood under
        this name; TAKEN: it had been stored, and somebody has taken it since. Refusal where another content has its
        name: that one is never written over.
        """
        half = f".{name}.part"
        stands = self.size(folder, name)
        if stands is not None:
            if stands != len(data) or self._digest(folder, name, len(data)) != hashlib.sha256(data).digest():
                raise Refusal(_("A file named %(name)s with other content is there already. It was left as it is.") % {
                    "name": name})
            self._forget(folder, half)
            return THERE
        whole = self.size(folder, half) if tried else None
        if tried and whole is None and self._is_folder(folder):
            return TAKEN
        if whole != len(data) or self._digest(folder, half, len(data)) != hashlib.sha256(data).digest():
            self._write(folder, half, data)
        naming(True)
        try:
            with _told(posixpath.join(folder, name)):
                # The plain rename, which writes over nothing.
                self._sftp.rename(posixpath.join(folder, half), posixpath.join(folder, name))
        except Refusal:
            naming(False)
            raise
        return STORED

    def _write(self, folder: str, name: str, data: bytes) -> None:
        path = posixpath.join(folder, name)
        try:
            with _told(folder, _("The server could not store it: its disk or the user’s share of it may be full.")):
                with self._sftp.open(path, "wb") as file:
                    file.write(data)
                if (self._sftp.stat(path).st_size or 0) != len(data):
                    raise OSError("short")
        except Refusal:
            self._forget(folder, name)
            raise

    def _digest(self, folder: str, name: str, size: int) -> bytes:
        return hashlib.sha256(self.read(folder, name, most=size + 1)).digest()

    def _is_folder(self, folder: str) -> bool:
        with _told(folder):
            return stat.S_ISDIR(self._sftp.stat(folder or ".").st_mode or 0)

    def _forget(self, folder: str, name: str) -> None:
        with suppress(OSError):
            self._sftp.remove(posixpath.join(folder, name))

    def move(self, folder: str, name: str, target: str, new_name: str) -> None:
        """Refusal where that name is taken there, too."""
        with _told(posixpath.join(target, new_name), _("A file of that name may be there already.")):
            self._sftp.rename(posixpath.join(folder, name), posixpath.join(target, new_name))

    def may_write(self, folder: str, name: str) -> None:
        """Writes a small file, names it anew and removes it; Refusal where that cannot be done."""
        self._forget(folder, f"{name}-named")  # of a trial that died
        self._write(folder, name, b"ILL Desk was here, and took this file away again.\n")
        self.move(folder, name, folder, f"{name}-named")
        with _told(posixpath.join(folder, name)):
            self._sftp.remove(posixpath.join(folder, f"{name}-named"))


def shown_key(place: Place) -> tuple[str, str]:
    """Kind and fingerprint of the key that the server shows to whoever asks; it is told nothing."""
    with _transport(place, limit=SILENT + CONNECT) as transport:
        with _told():
            transport.start_client(timeout=SILENT)
            key = transport.get_remote_server_key()
        return key.get_name(), keys.fingerprint(key)


def reached(place: Place) -> None:
    """Somebody listens there."""
    with _transport(place, limit=CONNECT):
        pass


@contextmanager
def opened(place: Place, *, limit: float = WHOLE, signed_in: Callable[[str], None] | None = None) -> Iterator[Folders]:
    """Signed in, after the server has shown the key that was confirmed. `limit`: seconds for everything, then the
    connection is cut. `signed_in`: told after each step on the way ("key", "user")."""
    tell = signed_in or (lambda step: None)
    with _transport(place, limit=limit) as transport:
        with _told():
            _prove_server(transport, place)
            tell("key")
            _sign_in(transport, place)
            tell("user")
        try:
            with _told():
                channel = transport.open_session(timeout=SILENT)
                channel.settimeout(SILENT)
                channel.invoke_subsystem("sftp")
                client = _Client(channel)
        except AdapterError as failure:
            raise AdapterError(_("The server lets the user in, but gives no files by SFTP: %(why)s") % {
                "why": failure}, permanent=failure.permanent) from failure
        yield Folders(client)


@contextmanager
def _transport(place: Place, *, limit: float) -> Iterator[paramiko.Transport]:
    if transaction.get_connection().in_atomic_block and not settings.TESTING:
        raise RuntimeError("Another server is called outside of transactions only.")
    _refuse_in_demo(place.host)
    with _told():
        # It was entered by whoever may change the rules of money, and may lie in our own network.
        sock = socket.create_connection((place.host, place.port), timeout=CONNECT)
    late = threading.Timer(limit, _cut, [sock])
    late.daemon = True
    late.start()
    try:
        sock.settimeout(SILENT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each piece waits for its answer
        with _told():
            transport = paramiko.Transport(sock)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = SILENT
        transport.channel_timeout = SILENT
        try:
            yield transport
        finally:
            with suppress(Exception):
                transport.close()
    finally:
        late.cancel()
        sock.close()


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _prove_server(transport: paramiko.Transport, place: Place) -> None:
    if not place.fingerprint:
        raise AdapterError(_("The server’s key is not confirmed yet. Until it is, nothing is sent."), permanent=True)
    # A server may have several keys: it is asked for the one that was confirmed.
    rsa = place.key_kind == "ssh-rsa"
    transport.get_security_options().key_types = ("rsa-sha2-512", "rsa-sha2-256") if rsa else (place.key_kind,)
    try:
        transport.start_client(timeout=SILENT)
    except paramiko.ssh_exception.IncompatiblePeer as failure:
        if "host key" in str(failure):
            raise OtherKey(place.host) from failure
        raise
    key = transport.get_remote_server_key()
    shown = keys.fingerprint(key)
    if (key.get_name(), shown) != (place.key_kind, place.fingerprint):
        raise OtherKey(place.host, key.get_name(), shown)


def _sign_in(transport: paramiko.Transport, place: Place) -> None:
    """With the key where there is one, then with the password where that is asked for too, or instead."""
    further: list[str] = []
    if place.private:
        try:
            further = transport.auth_publickey(place.user, keys.loaded(place.private, place.public))
        except paramiko.AuthenticationException:
            if not place.password:
                raise
            further = ["password"]
    if (further or not place.private) and place.password:
        further = transport.auth_password(place.user, place.password)
    if further or not transport.is_authenticated():
        raise AdapterError(_("The server asks for more than is stored here: %(ways)s.") % {
            "ways": _plain(", ".join(further)) or "?"}, permanent=True)


def _harmless(name: str) -> bool:
    """What begins with a dot is being written; a name from elsewhere leads to no other folder."""
    return 0 < len(name) <= LONGEST_NAME and "/" not in name and name.isprintable() and not name.startswith(".")


class _Missing(Refusal):
    pass


def _plain(words: object) -> str:
    """What a server says, in one short line; PostgreSQL keeps no NUL."""
    return " ".join("".join(one if one.isprintable() else " " for one in str(words)).split())[:150]


@contextmanager
def _told(path: str = "", failed: str = "") -> Iterator[None]:
    """`failed`: the sentence for the answer "failure", which SFTP gives without a reason."""
    shown = path or _("the user’s own folder")
    try:
        yield
    except AdapterError:
        raise
    except paramiko.BadAuthenticationType as failure:
        ways = _plain(", ".join(failure.allowed_types))
        raise AdapterError(_("The server does not take what is stored here to sign in with; it takes: %(ways)s.") % {
            "ways": ways}, permanent=True) from failure
    except paramiko.AuthenticationException as failure:
        raise AdapterError(_("The server refused the user, the password or the key."), permanent=True) from failure
    except TimeoutError as failure:
        raise AdapterError(_("The server did not answer in time."), permanent=False) from failure
    except socket.gaierror as failure:
        raise AdapterError(_("The name of the server is not known."), permanent=False) from failure
    except (ConnectionError, EOFError) as failure:
        raise AdapterError(_("The server does not answer at this port, or broke off."), permanent=False) from failure
    except paramiko.SSHException as failure:
        words = _plain(failure) or type(failure).__name__
        raise AdapterError(_("No connection by SFTP came about, or it broke off: %(words)s") % {"words": words},
                           permanent=False) from failure
    except FileNotFoundError as failure:
        raise _Missing(_("There is no %(path)s on the server.") % {"path": shown}) from failure
    except PermissionError as failure:
        raise Refusal(_("The server does not let the user do this with %(path)s.") % {"path": shown}) from failure
    except OSError as failure:
        # Of the network below, not of the server; paramiko says so of a channel that was cut without a number.
        if failure.errno is not None or str(failure) == "Socket is closed":
            raise AdapterError(_("The server does not answer at this port, or broke off."), permanent=False) \
                from failure
        why = failed or _("The server could not do it.")
        raise Refusal(f"{why} ({_plain(failure)}: {path})"[:300]) from failure
    except (ValueError, UnicodeError) as failure:
        raise AdapterError(_("The server said something unexpected: %(words)s") % {"words": _plain(failure)},
                           permanent=False) from failure


def _refuse_in_demo(host: str) -> None:
    """Everybody knows the passwords of a demo: nobody is to point it at a server somewhere."""
    if not settings.DEMO:
        return
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return
    if host != "localhost":
        raise AdapterError(_("A demo speaks to servers of its own machine only."), permanent=True)
