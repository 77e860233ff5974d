"""The table behind every structure: which element a field stands for, in the order of the 1.2 schema.

A structure is a frozen dataclass whose fields are made by the functions below. The reader and the writer
both walk `rows(structure)`, so an element is described once. Fields that only the 2021 edition has are read
and never written.
"""

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from .values import CODE, DECIMAL, FLAG, MOMENT, TEXT, WHOLE, Leaf


@dataclass(frozen=True, kw_only=True)
class Row:
    """One element of a structure. `leaf` for text, `part` for a structure within.

    `also` are the names other editions give it; `most` is how many the 1.2 schema allows (None: any number);
    of `one_of` rows the structure has exactly one; `vocabulary` is its closed list; `more` is the field that
    takes the further ones where 2021 repeats what 1.2 has once; `from_timestamp` marks a required moment
    that defaults to the message's own.
    """

    attribute: str = ""
    name: str = ""
    also: tuple[str, ...] = ()
    leaf: Leaf | None = None
    part: type | None = None
    required: bool = False
    many: bool = False
    most: int | None = None
    one_of: bool = False
    only_2021: bool = False
    more: str = ""
    vocabulary: type[StrEnum] | None = None
    from_timestamp: bool = False


def _element(row: Row) -> Any:
    metadata = {"row": row}
    if row.many:
        return field(default=(), metadata=metadata)
    if row.part and row.required:
        return field(default_factory=row.part, metadata=metadata)
    return field(default="" if row.leaf in (TEXT, CODE) else None, metadata=metadata)


def text(name: str = "", **more: Any) -> Any:
    return _element(Row(name=name, leaf=TEXT, **more))


def code(name: str = "", **more: Any) -> Any:
    """A word of an open list; it may carry a scheme (see `values.Code`)."""
    return _element(Row(name=name, leaf=CODE, **more))


def closed(vocabulary: type[StrEnum], name: str = "", **more: Any) -> Any:
    """A word of a closed list, kept as it came, so that the answer to a wrong one can name it."""
    return _element(Row(name=name, leaf=TEXT, vocabulary=vocabulary, **more))


def moment(name: str = "", **more: Any) -> Any:
    return _element(Row(name=name, leaf=MOMENT, **more))


def decimal(name: str = "", **more: Any) -> Any:
    return _element(Row(name=name, leaf=DECIMAL, **more))


def whole(name: str = "", **more: Any) -> Any:
    return _element(Row(name=name, leaf=WHOLE, **more))


def flag(name: str = "", **more: Any) -> Any:
    return _element(Row(name=name, leaf=FLAG, **more))


def part(structure: type, name: str = "", **more: Any) -> Any:
    return _element(Row(name=name, part=structure, **more))


def further() -> Any:
    """Takes the second and later values of an element that 1.2 has once and 2021 repeats; never written."""
    return field(default=())


def element_name(attribute: str) -> str:
    first, *rest = attribute.split("_")
    return first + "".join(word.capitalize() for word in rest)


@cache
def rows(structure: type) -> tuple[Row, ...]:
    """The structure's elements in schema order."""
    return tuple(
        dataclasses.replace(
            f.metadata["row"],
            attribute=f.name,
            name=f.metadata["row"].name or element_name(f.name),
        )
        for f in dataclasses.fields(structure)
        if "row" in f.metadata
    )


@cache
def rows_by_name(structure: type) -> dict[str, Row]:
    """The same by element name, with the names of other editions."""
    return {name: row for row in rows(structure) for name in (row.name, *row.also)}
