"""The demo's mail as the post office kept it (see smtp_sink.py): files in a folder, read for people."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    at: datetime
    sender: str
    to: str
    subject: str
    body: str


def names(folder: Path) -> list[str]:
    """File names, newest first: they begin with the time."""
    try:
        return sorted((file.name for file in folder.iterdir() if file.suffix == ".eml"), reverse=True)
    except OSError:  # nothing was ever sent
        return []


def read(folder: Path, name: str) -> Mail | None:
    """One mail; None when it was taken away meanwhile."""
    try:
        content = (folder / name).read_bytes()
    except OSError:
        return None
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    return Mail(
        at=_moment(name),
        sender=str(message.get("From", message.get("X-Envelope-From", ""))),
        to=str(message.get("X-Envelope-To", message.get("To", ""))),
        subject=str(message.get("Subject", "")),
        body=_body(message),
    )


def _body(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        return part.get_content()
    except (LookupError, UnicodeError):  # a character set that nobody knows
        content = part.get_payload(decode=True)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _moment(name: str) -> datetime:
    try:
        return datetime.strptime(name.partition("Z")[0], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
