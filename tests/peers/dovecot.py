"""Dovecot: a real IMAP server with one user, on loopback."""

import grp
import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.programs import needs, running
from tests.ports import free_ports

USER, PASSWORD = "invoices", "a-pass-word-with:signs"
_CONFIG = """base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%u
mail_access_groups =
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password={{plain}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service stats {{
  chroot =
}}
"""


@contextmanager
def server(*, certificate: tuple[Path, Path] | None = None) -> Iterator[tuple[str, int, int]]:
    """Yields host, port without and with TLS (the second only with a certificate and its key)."""
    program = needs("dovecot", "dovecot-imapd")
    # A short path, since its sockets' names may have 100 letters; and one that others than root may enter.
    with tempfile.TemporaryDirectory(prefix="illdesk-") as name:
        os.chmod(name, 0o755)
        with _in(Path(name), program, certificate) as found:
            yield found


@contextmanager
def _in(folder: Path, program: str, certificate: tuple[Path, Path] | None) -> Iterator[tuple[str, int, int]]:
    port, tls_port = free_ports()
    # It gives nobody's mail to root: as root, the mail is somebody else's.
    me = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    for name in ("run", "state", "mail", "home"):
        (folder / name).mkdir()
    if os.getuid() == 0:
        for name in ("mail", "home"):
            os.chown(folder / name, me.pw_uid, me.pw_gid)
    lines = f"ssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}" if certificate else ""
    config = folder / "dovecot.conf"
    config.write_text(_CONFIG.format(
        folder=folder, user=me.pw_name, group=grp.getgrgid(me.pw_gid).gr_name, uid=me.pw_uid, gid=me.pw_gid, port=port,
        tls_port=tls_port if certificate else 0, ssl="yes" if certificate else "no", certificate=lines,
        password=PASSWORD))
    with running([program, "-F", "-c", str(config)], port=port, log=folder / "out.log"):
        yield "127.0.0.1", port, tls_port
