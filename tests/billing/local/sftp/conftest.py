from collections.abc import Iterator
from itertools import count

import pytest

from billing.local.models import LocalSystem
from billing.local.sftp import connection, keys
from billing.local.sftp.models import SftpServer
from tests import factories as f
from tests.peers import sshd

_folders = count(1)


@pytest.fixture(scope="session")
def sftp_server() -> Iterator[sshd.Sshd]:
    with sshd.server() as found:
        yield found


class There:
    """The billing office's side: a folder of the server for one test, with what a person would see in it."""

    def __init__(self, server: sshd.Sshd):
        self.server = server
        self.name = f"test{next(_folders)}"
        self.folder = server.folder(self.name, "out", "in", "done")

    def names(self, folder: str = "out") -> list[str]:
        return sorted(one.name for one in (self.folder / folder).iterdir())

    def lays(self, name: str, data: bytes) -> None:
        (self.folder / "in" / name).write_bytes(data)

    def place(self, **more) -> connection.Place:
        private, public = keys.normal(self.server.private)
        given = {"private": private, "public": public, "key_kind": "ssh-ed25519",
                 "fingerprint": self.server.keys["ed25519"]} | more
        return connection.Place(given.pop("host", self.server.host), given.pop("port", self.server.port),
                                given.pop("user", self.server.user), **given)


@pytest.fixture
def there(sftp_server) -> There:
    return There(sftp_server)


@pytest.fixture
def storage(tmp_path, settings):
    (tmp_path / "kept").mkdir()
    settings.STORAGES = settings.STORAGES | {"default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "kept"}}}


@pytest.fixture
def server(there, db, storage) -> SftpServer:
    """In use, and its key confirmed."""
    LocalSystem.objects.create(pk=1, kind="sftp", after_days=14, options={})
    place = there.place()
    return SftpServer.objects.create(
        pk=1, host=place.host, port=place.port, user=place.user, private_key=place.private, public_key=place.public,
        out_folder=f"{there.name}/out", in_folder=f"{there.name}/in", done_folder=f"{there.name}/done",
        key_kind=place.key_kind, fingerprint=place.fingerprint, confirmed=f.NOW)
