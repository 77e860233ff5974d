"""A MARC record in memory: a leader and fields. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """`value`: of a control field; `parts`: (code, text) of a data field, in order."""

    tag: str
    ind: str = "  "
    value: str = ""
    parts: tuple[tuple[str, str], ...] = ()

    def first(self, codes: str) -> str:
        """The text of the first part with one of these codes; '' without one."""
        return next((text for code, text in self.parts if code in codes and text), "")

    def all(self, codes: str) -> list[str]:
        return [text for code, text in self.parts if code in codes and text]

    def has(self, codes: str) -> bool:
        """Is there something for each of these codes?"""
        return all(self.first(code) for code in codes)


@dataclass(frozen=True)
class Marc:
    """`fields`: in the order of the record. Original scripts stand in 880 and are asked for by `linked`."""

    leader: str
    fields: tuple[Field, ...]

    def all(self, *tags: str) -> Iterator[Field]:
        """The tags one after the other, each in the order of the record."""
        for tag in tags:
            yield from (field for field in self.fields if field.tag == tag)

    def first(self, *tags: str) -> Field:
        return next(self.all(*tags), NOTHING)

    def control(self, tag: str) -> str:
        return self.first(tag).value

    def at(self, place: int) -> str:
        """One position of the leader; ' ' beyond its end."""
        return self.leader[place : place + 1] or " "

    def fixed(self, place: int, end: int) -> str:
        """Positions of 008; fill characters ('|', '#', '^') count as blanks."""
        return blank(self.control("008")[place:end])

    def linked(self) -> "Marc":
        """The fields in original script under the tags that they belong to (880 $6 "245-01/…")."""
        return Marc(self.leader, tuple(
            Field(tag, field.ind, "", field.parts) for field in self.all("880")
            if len(tag := field.first("6")[:3]) == 3 and tag.isdigit() and tag != "880"
        ))


NOTHING = Field("")


def blank(text: str) -> str:
    return text.translate({ord(mark): " " for mark in "|#^"}).strip()
