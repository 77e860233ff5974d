"""From an address or a form to pairs of key and value, whatever was forgotten to be encoded. Pure."""

import html
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_to_bytes

Pairs = list[tuple[str, str]]
MOST_PAIRS, LONGEST = 400, 4000
# A key is one word; what has a blank or no "=" behind it is a piece of a value that held a bare "&".
_KEY = re.compile(rb"[A-Za-z_][\w.:-]{0,60}$")
# Tags within titles; everything else between < and > may be part of a title.
_TAGS = re.compile(r"</?(?:i|b|em|strong|su[bp]|u|scp?|tt|span|small|font|inf|italic|bold)(?:\s[^<>]*)?/?>", re.I)
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def pairs_of(said: str | bytes | Mapping[str, str | Sequence[str]]) -> Pairs:
    """In their order, keys in small letters as they stand, values decoded; the empty ones left out."""
    if isinstance(said, Mapping):
        items = said.lists() if hasattr(said, "lists") else said.items()  # of a QueryDict, items() is half of it
        raw = [
            (str(key), str(value)) for key, values in items
            for value in ([values] if isinstance(values, str) else values)
        ]
    else:
        raw = [(_decoded(key), _decoded(value)) for key, value in _split(_bytes(said))]
    found = [(key.strip().lstrip("?").lower(), _clean(key, value)) for key, value in raw[:MOST_PAIRS]]
    return [(key, value) for key, value in found if key and value]


def version(pairs: Pairs) -> str:
    """As Z39.88-2004 part 2: any of its own keys makes it 1.0."""
    for key, value in pairs:
        if key.startswith(("rft.", "rft_", "rfr_id", "url_ctx")) or (
            key in ("url_ver", "ctx_ver") and "z39.88-2004" in value.lower()
        ):
            return "1.0"
    return "0.1"


def _bytes(said: str | bytes) -> bytes:
    """A query string of WSGI is bytes in the guise of ISO-8859-1; other text is UTF-8."""
    if isinstance(said, bytes):
        return said
    try:
        return said.encode("latin-1")
    except UnicodeEncodeError:
        return said.encode("utf-8", "replace")


def _split(line: bytes) -> list[tuple[bytes, bytes]]:
    line = line.strip()
    address = re.match(rb"[^?&=\s]*\?+", line)
    if address:
        line = line[address.end():]
    line = re.sub(rb"&amp;|&#38;", b"&", line.partition(b"#")[0] if b"=" in line.partition(b"#")[0] else line)
    pairs: list[list[bytes]] = []
    for piece in line.split(b"&"):
        key, equals, value = piece.partition(b"=")
        if equals and _KEY.match(unquote_to_bytes(key).strip().lstrip(b"?")) and not key.startswith((b" ", b"+")):
            pairs.append([key, value])
        elif pairs and piece.strip():
            # "Hospitality & Tourism": and a program that met this piece as a key without a value put "=" behind it.
            pairs[-1][1] += b"&" + (piece[:-1] if piece.endswith(b"=") and piece.count(b"=") == 1 else piece)
    return [(key, value) for key, value in pairs]


def _decoded(part: bytes) -> str:
    """What ctx_enc says is often not so: what can be read as UTF-8 is UTF-8, all else Windows' ISO-8859-1."""
    data = unquote_to_bytes(part.replace(b"+", b" "))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _clean(key: str, value: str) -> str:
    """Without entities, \\uXXXX, tags and doubled blanks. XML is left as it is."""
    if value.lstrip().startswith("<?xml") or key.lower() in ("url_ctx_val", "rft_val", "rft_dat"):
        return value.strip()
    value = value[:LONGEST]
    if "\\u" in value:
        value = re.sub(r"(?:\\u[0-9a-fA-F]{4})+", _escaped, value)
    if "&" in value:
        value = html.unescape(html.unescape(value))
    return " ".join(_NO_TEXT.sub("", _TAGS.sub("", value)).split())


def _escaped(match: re.Match[str]) -> str:
    data = bytes.fromhex(match.group().replace("\\u", ""))
    return data.decode("utf-16-be", "replace")
