"""What stands inside an element: text, dates, numbers, read tolerantly and written as the schema wants."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import quote

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOMENT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r"\s*(?:[Zz]|(?P<sign>[+-])(?P<off_hour>\d\d)(?::?(?P<off_minute>\d\d))?)?",
    re.ASCII,
)
_IN_URI = r"(?:[A-Za-z0-9._~!$&'()*+,;=@/?-]|%[0-9A-Fa-f]{2})"
# An absolute URI without a server, one with a server, or a relative one: what every schema processor takes.
_URI = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:(?!//)(?:{_IN_URI}|:)+"
    rf"|[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9.-]+(?::\d{{1,5}})?(?:[/?](?:{_IN_URI}|:)*)?"
    rf"|(?!//){_IN_URI}+)"
    rf"(?:#{_IN_URI}*)?"
)
_LAST_MINUTE = timedelta(hours=23, minutes=59)
_NUMBERS = ("year", "month", "day", "hour", "minute", "second", "off_hour", "off_minute")
# The schema processors in use take at most 24 digits for a decimal; no fee has more.
_DECIMAL = re.compile(r"[+-]?(?=\.?\d)\d{0,18}(?:\.\d{0,6})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_FLAGS = {"true": True, "1": True, "y": True, "false": False, "0": False, "n": False}


class Code(str):
    """A code with the URI of the list it comes from. Equal to its plain text, so compare it as a str."""

    scheme: str

    def __new__(cls, value: str = "", scheme: str = "") -> "Code":
        code = super().__new__(cls, value)
        code.scheme = scheme
        return code


def without_forbidden(text: str) -> str:
    """The text without what XML 1.0 §2.2 forbids: control characters, lone surrogates, U+FFFE, U+FFFF."""
    return _FORBIDDEN.sub("", text)


def as_uri(text: str) -> str:
    """The text as the schema's anyURI takes it, percent-encoded where need be; "" if it cannot be one."""
    uri = quote(without_forbidden(text).strip(), safe="%/:?#@!$&'()*+,;=~-._")
    return uri if _URI.fullmatch(uri) else ""


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; a naive one is taken as UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last day a datetime can hold
        return moment.replace(tzinfo=UTC)


class Moment(datetime):
    """A moment in UTC that remembers the day its writer meant, when a whole day is meant.

    `whole_day`: the date as written, if the time written with it is midnight or the last minute of the day in
    whatever offset; else None. Whatever is computed from a Moment is a plain moment without a day.
    """

    whole_day: date | None = None


def parse_moment(text: str) -> Moment | None:
    """An aware UTC moment of an xs:dateTime or of its usual deviations; None when it is no date at all.

    Accepted beyond the schema: `+0000` offsets, no offset (UTC), a blank for the T, no seconds, a date alone
    (midnight), fractions of any length (cut to microseconds), 24:00 and leap seconds.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    number = {name: int(match[name] or 0) for name in _NUMBERS}
    micro = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    clock = timedelta(
        hours=number["hour"], minutes=number["minute"], seconds=min(number["second"], 60), microseconds=micro
    )
    if number["minute"] > 59 or number["second"] > 60 or clock > timedelta(hours=24):
        return None
    offset = timedelta(hours=number["off_hour"], minutes=number["off_minute"])
    try:
        zone = timezone(-offset if match["sign"] == "-" else offset)
        day = datetime(number["year"], number["month"], number["day"], tzinfo=zone)
        utc = (day + clock).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    moment = Moment.combine(utc.date(), utc.timetz())
    if clock == timedelta(0) or clock >= _LAST_MINUTE:
        moment.whole_day = day.date()
    return moment


def format_moment(moment: datetime) -> str:
    return in_utc(moment).isoformat().replace("+00:00", "Z")


def parse_decimal(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def format_decimal(number: Decimal) -> str | None:
    """Without exponent, as xs:decimal wants; None for NaN, infinities and what is no sum of money."""
    if not number.is_finite() or abs(number.adjusted()) > 24:
        return None
    return format(number, "f")


def parse_whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


@dataclass(frozen=True)
class Leaf:
    """How one kind of element text is read and written; both give None when there is no such value."""

    parse: Callable[[str], Any]
    format: Callable[[Any], str | None]


TEXT = Leaf(str, str)
CODE = Leaf(str, str)
MOMENT = Leaf(parse_moment, format_moment)
DECIMAL = Leaf(parse_decimal, format_decimal)
WHOLE = Leaf(parse_whole, str)
# Y and N stand here too: 1.2 spells sentToPatron true/false but sendToPatron Y/N, and senders mix them up.
FLAG = Leaf(lambda text: _FLAGS.get(text.lower()), lambda flag: "true" if flag else "false")
