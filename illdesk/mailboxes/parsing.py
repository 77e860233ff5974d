"""A message's bytes as what people read and programs need. Pure, and never in doubt: whatever cannot be read becomes
nothing, or is named as a problem; no message raises.

The old (compat32) parser of the standard library is used on purpose: the newer one raises on headers that it finds
malformed, and mail of strangers is malformed.
"""

import email
import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

MOST_PARTS = 100
MOST_TEXT = 20_000


@dataclass(frozen=True)
class Part:
    """An attachment. `name` as it was sent, without control characters."""

    name: str
    content_type: str
    content: bytes


@dataclass
class Parsed:
    message_id: str = ""
    sender: str = ""
    to: str = ""
    subject: str = ""
    sent: datetime | None = None
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    key: str = ""


def parse(raw: bytes) -> Parsed:
    found = Parsed()
    try:
        message = email.message_from_bytes(raw)
    except Exception:  # no reason to lose a message: its bytes are kept
        found.problems.append("unreadable")
        found.key = hashlib.sha256(raw).hexdigest()
        return found
    found.message_id = _header(message, "Message-ID", 300).strip("<> ")
    found.sender = _header(message, "From", 320)
    found.to = _header(message, "To", 1000)
    found.subject = _header(message, "Subject", 500)
    found.sent = _sent(message)
    if found.message_id:
        said = "\x1f".join((found.message_id, found.sender, _header(message, "Date", 100), found.subject))
        found.key = hashlib.sha256(said.encode()).hexdigest()
    else:
        found.key = hashlib.sha256(raw).hexdigest()
    _parts(message, found)
    return found


def _parts(message: Message, found: Parsed) -> None:
    shown: dict[str, str] = {}
    for count, part in enumerate(_leaves(message)):
        if count >= MOST_PARTS:
            found.problems.append("many_parts")
            return
        kind = part.get_content_type().lower()
        if kind.startswith("multipart/"):  # it says that it has parts, and has none
            kind = "text/plain"
        name = _name(part)
        content = _content(part)
        if not name and kind in ("text/plain", "text/html") and not _attached(part):
            if kind not in shown:
                shown[kind] = _text(content, part)
            continue
        if not content:
            continue
        if name.lower() == "winmail.dat" or kind in ("application/ms-tnef", "application/vnd.ms-tnef"):
            found.problems.append("winmail")
        found.parts.append(Part(name or f"part-{count}", kind[:100], content))
    text = shown.get("text/plain", "").strip() or _of_html(shown.get("text/html", ""))
    found.text = text[:MOST_TEXT]


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that hold something, also of messages within messages. Not by recursion: who nests a thousand of them wants
    our stack."""
    waiting = [message]
    seen = 0
    while waiting and seen < 10 * MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        inside = part.get_payload() if part.is_multipart() else None
        if isinstance(inside, list):
            waiting[:0] = [one for one in inside if isinstance(one, Message)]
        else:
            yield part


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except Exception:
        return b""
    return content if isinstance(content, bytes) else b""


def _attached(part: Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment"
    except Exception:
        return False


def _name(part: Message) -> str:
    try:
        return _clean(_decoded(part.get_filename() or ""))[:200]
    except Exception:
        return "part"


def _text(content: bytes, part: Message) -> str:
    """In the character set that it names, else in the likeliest."""
    try:
        named = part.get_content_charset()
    except Exception:
        named = None
    if not isinstance(named, str):  # none, or one in the parts of RFC 2231
        named = "utf-8"
    for charset in (named, "utf-8", "cp1252"):
        try:
            return _clean(content.decode(charset), lines=True)
        except (LookupError, UnicodeError, ValueError):
            continue
    return _clean(content.decode("latin-1"), lines=True)


def _of_html(text: str) -> str:
    text = re.sub(r"(?is)<(script|style|head)\b.*?(</\1\s*>|\Z)", " ", text[:10 * MOST_TEXT])
    text = re.sub(r"(?i)<(br|/p|/div|/tr|/h\d)\b[^>]*>", "\n", text)
    text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", re.sub(r"[ \t]+", " ", text)).strip()


def _header(message: Message, name: str, most: int) -> str:
    try:
        return " ".join(_clean(_decoded(str(message.get(name) or ""))).split())[:most]
    except Exception:
        return ""


def _decoded(text: str) -> str:
    """RFC 2047, also where it is broken: bytes that no character set explains are shown as they can be."""
    try:
        pieces = decode_header(text)
    except Exception:
        return text
    found = []
    for piece, charset in pieces:
        if isinstance(piece, str):
            found.append(piece)
            continue
        try:
            found.append(piece.decode(charset or "utf-8"))
        except (LookupError, UnicodeError, ValueError):
            found.append(piece.decode("cp1252", "replace"))
    return "".join(found)


def _clean(text: str, *, lines: bool = False) -> str:
    """Without what PostgreSQL does not keep and what turns letters round."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    kept = "\n\t" if lines else ""
    return "".join(
        sign for sign in text.replace("\r\n", "\n")
        if (sign >= " " or sign in kept) and sign not in "\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def _sent(message: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(message.get("Date") or ""))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at.astimezone(UTC) if 1990 <= at.year <= 2100 else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def address_of(sender: str) -> str:
    """The bare address; '' for none."""
    found = parseaddr(sender)[1]
    return found.lower() if "@" in found else ""
