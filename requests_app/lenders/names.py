"""Symbols of libraries as catalogues and directories write them, and which of them are ours. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from requests_app.verification.records import Held

# (type, value), both in small letters. A library's own main symbol has no type: ''.
Key = tuple[str, str]
_REGISTRY = "registry"


def key(kind: str, value: str) -> Key:
    """ISO 15511 gives every OCLC symbol an ISIL of its own ("OCLC-NYP"): both are one name."""
    kind, value = kind.strip().casefold(), value.strip().casefold()
    if kind == "isil" and value.startswith("oclc-"):
        return "oclc", value.removeprefix("oclc-")
    return kind, value


@dataclass(frozen=True)
class Ours:
    """All names of our own library. `plain`: our symbol, whose list is not said."""

    keys: frozenset[Key] = frozenset()
    plain: str = ""

    def is_one(self, keys: Iterable[Key]) -> bool:
        return not self.keys.isdisjoint(keys)

    def holds(self, row: Held) -> bool:
        """Is this holding in our own stacks? LOCAL symbols are those of our branches."""
        return row.ours or row.symbol_type.casefold() == "local" or self.is_one(keys_of(row))


def ours(*, symbol: str = "", agency_type: str = "", agency_value: str = "", oclc_symbol: str = "",
         registry_id: str = "") -> Ours:
    found = {key("", symbol), key(agency_type, agency_value), key("oclc", oclc_symbol), key(_REGISTRY, registry_id)}
    if not oclc_symbol:  # then the symbol under which others know us is taken to be OCLC's, as it mostly is
        found.add(key("oclc", symbol))
    return Ours(frozenset(one for one in found if one[1]), symbol.strip().casefold())


def keys_of(row: Held) -> tuple[Key, ...]:
    found = (key(row.symbol_type, row.symbol), key(_REGISTRY, row.registry_id))
    return tuple(one for one in found if one[1])


@dataclass
class Index:
    """From a symbol to the library of the directory that has it."""

    typed: dict[Key, int] = field(default_factory=dict)
    plain: dict[str, int] = field(default_factory=dict)
    types: dict[int, set[str]] = field(default_factory=dict)

    def add(self, pk: int, symbol: str, typed: Iterable[Key]) -> None:
        self.plain.setdefault(symbol.strip().casefold(), pk)
        for one in typed:
            if one[1]:
                self.typed.setdefault(one, pk)
                self.types.setdefault(pk, set()).add(one[0])

    def find(self, row: Held) -> int | None:
        """By a symbol of the same list; else by the main symbol, unless that library goes by another name there."""
        for one in keys_of(row):
            if one in self.typed:
                return self.typed[one]
        kind, value = key(row.symbol_type, row.symbol)
        pk = self.plain.get(value) if value else None
        return None if pk is None or kind in self.types.get(pk, ()) else pk


def by_library(rows: Iterable[Held], index: Index, us: Ours) -> tuple[Mapping[int, tuple[Held, ...]], tuple[Held, ...]]:
    """Holdings of others: those of libraries in the directory by their keys, and one row each of those that are
    not in it."""
    known: dict[int, tuple[Held, ...]] = {}
    strangers: dict[Key | str, Held] = {}
    for row in rows:
        if us.holds(row):
            continue
        if (pk := index.find(row)) is not None:
            known[pk] = (*known.get(pk, ()), row)
        elif row.symbol or row.name:
            strangers.setdefault(key(row.symbol_type, row.symbol) if row.symbol else row.name.casefold(), row)
    return known, tuple(sorted(strangers.values(), key=lambda row: (row.name.casefold(), row.symbol)))
