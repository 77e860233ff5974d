"""OpenSSH's server on loopback, for SFTP only: keys, folders and configuration of its own.

As root it signs in a user of the system that is made for it, since a password is looked up there; else it signs in
who runs the tests, with a key only. Nothing of the machine's own sshd is touched, and none needs to run.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.programs import needs, running
from tests.ports import free_ports

USER = "illdesk-sftp"
_CONFIG = """Port {port}
ListenAddress 127.0.0.1
{host_keys}
PidFile none
AuthorizedKeysFile {base}/authorized_keys
PasswordAuthentication {passwords}
KbdInteractiveAuthentication no
PubkeyAuthentication yes
UsePAM no
UseDNS no
StrictModes no
MaxStartups 200:30:300
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {home}
AllowTcpForwarding no
LogLevel VERBOSE
PerSourcePenalties no
"""


@dataclass
class Sshd:
    host: str
    port: int
    user: str
    home: Path  # the folder the user is in after signing in
    keys: dict[str, str]  # kind of host key → fingerprint
    private: str  # with this key the user may sign in
    password: str  # "" where passwords are not taken
    base: Path = field(repr=False)

    def folder(self, name: str, *more: str) -> Path:
        """A folder of the user's."""
        found = self.home / name
        for one in (found, *(found / each for each in more)):
            one.mkdir(exist_ok=True)
            if os.getuid() == 0:
                shutil.chown(one, self.user)
        return found


@contextmanager
def server(*, kinds: tuple[str, ...] = ("ed25519", "rsa", "ecdsa"), port: int = 0) -> Iterator[Sshd]:
    program = needs("sshd", "openssh-server")
    # A folder that the user may enter, who is another than root.
    with tempfile.TemporaryDirectory(prefix="illdesk-") as name:
        os.chmod(name, 0o755)
        base = Path(name)
        fingerprints = {kind: new_key(base / f"host_{kind}", kind) for kind in kinds}
        new_key(base / "user", "ed25519")
        shutil.copy(base / "user.pub", base / "authorized_keys")
        os.chmod(base / "authorized_keys", 0o644)
        root = os.getuid() == 0
        password = _user_with_password() if root else ""
        found = Sshd("127.0.0.1", port or free_ports()[0], USER if root else pwd.getpwuid(os.getuid()).pw_name,
                     base / "home", fingerprints, (base / "user").read_text(), password, base)
        found.folder("")
        if root:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where its unprivileged part is shut in
        config = base / "sshd_config"
        _write(program, config, _CONFIG.format(
            port=found.port, base=base, home=found.home, passwords="yes" if password else "no",
            host_keys="\n".join(f"HostKey {base}/host_{kind}" for kind in kinds)))
        with running([program, "-D", "-e", "-f", str(config)], port=found.port, log=base / "out.log"):
            yield found


def new_key(path: Path, kind: str, *more: str) -> str:
    """Made with ssh-keygen; its fingerprint as ssh-keygen says it."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "test", "-f", str(path), *more], check=True)
    said = subprocess.run(["ssh-keygen", "-l", "-f", f"{path}.pub"], check=True, capture_output=True, text=True).stdout
    return said.split()[1]


def _write(program: str, path: Path, lines: str) -> None:
    """Without what this version of OpenSSH does not know yet."""
    path.write_text(lines)
    said = subprocess.run([program, "-t", "-f", str(path)], capture_output=True, text=True, check=False)
    if said.returncode and "PerSourcePenalties" in said.stderr:
        path.write_text(lines.replace("PerSourcePenalties no\n", ""))
    else:
        assert not said.returncode, said.stderr


def _user_with_password() -> str:
    """One user for all processes that test. It has no shell, and its password follows from a secret of the machine:
    nobody can guess it who could sign in at the machine's own sshd."""
    secret = Path("/etc/ssh/ssh_host_ed25519_key")  # Debian's package makes it
    if not secret.is_file():
        subprocess.run(["ssh-keygen", "-A"], check=True, stdout=subprocess.DEVNULL)
    digest = hashlib.sha256(b"illdesk sftp tests " + secret.read_bytes()).hexdigest()
    password = f"{digest[:24]} with: signs é"
    with open(Path(tempfile.gettempdir()) / "illdesk-sftp-user.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            pwd.getpwnam(USER)
        except KeyError:
            subprocess.run(["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
                            "/usr/sbin/nologin", USER], check=True)
        subprocess.run(["chpasswd"], input=f"{USER}:{password}", text=True, encoding="utf-8", check=True)
    return password
