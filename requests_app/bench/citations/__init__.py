"""Citations as people bring them, what sources would offer for each, and what a librarian would conclude.

A file is made of groups. `== name` begins one; then come records of sources, then questions:

    key | k=article | p=title of the part | a=authors | t=title | y=year | v= | n=issue | pp= | …
    ? outcome keys | not keys | any | p=what the patron typed | …

Letters of fields stand in FIELDS, other fields have their own names; `+t=` is another form of the title. `outcome`: one
or several, of which each would be right, with a stroke between them; `keys`: descriptions of the work that is meant,
with a comma between them, all of one work or, when the outcome is ambiguous, of those that have to be among the
candidates. `not`: these sources do not know it this time. `any`: any edition will do. A question is put to the records
of its group and, as strangers, to those of the two groups after it.

Works and numbers are real and well known; look-alikes without a number may be invented, and everything typed is.
Which half a group belongs to is a matter of its name alone: `half`. One hand wrote the citations and the rules, and
looked at the figures of both halves while it did, so the held-out half flatters: `unseen.txt` is the sterner witness.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from requests_app.verification.records import Record

FIELDS = {
    "k": "kind", "p": "part_title", "a": "author", "t": "title", "y": "year", "v": "volume", "n": "issue",
    "pp": "pages", "pub": "publisher", "pl": "place", "ed": "edition", "l": "language",
}
_STRANGERS = 2


@dataclass(frozen=True)
class Case:
    """`outcomes`: each would be right; `keys`: source_ids of what is meant; `pool`: what the sources say."""

    name: str
    wanted: Record
    pool: tuple[Record, ...]
    outcomes: tuple[str, ...]
    keys: frozenset[str]
    any_edition: bool
    half: str


@dataclass(frozen=True)
class _Group:
    name: str
    records: dict[str, Record]
    questions: list[str]


def cases() -> list[Case]:
    groups = [group for path in sorted(Path(__file__).parent.glob("*.txt")) for group in _groups(path)]
    found: list[Case] = []
    for place, group in enumerate(groups):
        strangers = [
            record for other in range(1, _STRANGERS + 1)
            for record in groups[(place + other) % len(groups)].records.values()
        ]
        found += [_case(group, number, line, strangers) for number, line in enumerate(group.questions, start=1)]
    return found


def half(name: str) -> str:
    """"calibration" or "held out", for good: whoever tunes looks at the first alone."""
    return "held out" if zlib.crc32(name.encode()) % 2 else "calibration"


def _groups(path: Path) -> Iterator[_Group]:
    group: _Group | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("== "):
            if group:
                yield group
            group = _Group(line[3:].strip(), {}, [])
        elif group is None:
            raise ValueError(f"{path.name}, line {number}: a group has to begin first")
        elif line.startswith("? "):
            group.questions.append(line[2:])
        else:
            key, _sign, rest = line.partition(" | ")
            if key in group.records:
                raise ValueError(f"{path.name}, line {number}: {key} is there already")
            # Each record comes from a source of its own, as in life; their names do not matter here.
            group.records[key] = _record(rest).with_(
                source=f"source-{len(group.records)}", source_id=f"{group.name}/{key}"
            )
    if group:
        yield group


def _record(text: str) -> Record:
    values: dict[str, str] = {}
    also: list[tuple[str, str]] = []
    for part in text.split(" | "):
        name, sign, value = part.strip().partition("=")
        if not sign:
            raise ValueError(f"no field in {part!r}")
        if name.startswith("+"):
            also.append((FIELDS.get(name[1:], name[1:]), value))
        else:
            values[FIELDS.get(name, name)] = value
    several = {name: tuple(values.pop(name, "").split(",")) if name in values else () for name in ("isbns", "issns")}
    return Record(**values, **several, also=tuple(also))  # type: ignore[arg-type]


def _case(group: _Group, number: int, line: str, strangers: list[Record]) -> Case:
    head, *parts = line.split(" | ")
    outcomes, _space, keys = head.partition(" ")
    left_out: set[str] = set()
    any_edition = False
    while parts and (parts[0] == "any" or parts[0].startswith("not ")):
        word = parts.pop(0)
        if word == "any":
            any_edition = True
        else:
            left_out |= set(word[4:].split(","))
    wanted_keys = {key.strip() for key in keys.split(",") if key.strip()}
    if unknown := (wanted_keys | left_out) - set(group.records):
        raise ValueError(f"{group.name}, question {number}: no records {', '.join(sorted(unknown))}")
    pool = [record for key, record in group.records.items() if key not in left_out]
    return Case(
        f"{group.name}/{number}", _record(" | ".join(parts)), (*pool, *strangers), tuple(outcomes.split("/")),
        frozenset(f"{group.name}/{key}" for key in wanted_keys), any_edition, half(group.name),
    )
