"""What a request costs by an agreement, explained line by line: a table of cases."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billing.agreements.charge import Explained, Facts, Terms, charge

pytestmark = pytest.mark.nodb
LINES = [line for line in Path(__file__).with_name("cases.txt").read_text().splitlines() if line and line[0] != "#"]
CASES = [line for line in LINES if line[0] != "="]
_KINDS = (("Reciprocal", "free"), ("Flat rate", "flat"), ("rush", "rush"), ("abroad", "abroad"), ("up to", "least"),
          ("down to", "most"))


def _value(kind: type, name: str, text: str):
    said = str(next(field.type for field in fields(kind) if field.name == name))
    if "Decimal" in said:
        return Decimal(text)
    if "int" in said:
        return int(text)
    return date.fromisoformat(text) if "date" in said else bool(int(text)) if "bool" in said else text


def _named(kind: type, words: list[str]) -> dict:
    return {name: _value(kind, name, text) for name, _is, text in (word.partition("=") for word in words)}


def agreements() -> dict[str, list[Terms]]:
    found = {}
    for version, line in enumerate((line for line in LINES if line[0] == "="), start=1):
        name, scope, begins, terms = (part.strip() for part in line[1:].split("|"))
        # "all2" is a later version of "all", "oak27" of "oak".
        of = name.rstrip("0123456789")
        found[name] = [
            Terms(version=version, agreement=of, scope=scope, begins=date.fromisoformat(begins), direction=words[0],
                  service=words[1], **_named(Terms, words[2:]))
            for words in (term.split() for term in terms.split(","))
        ]
    return found


def asked(line: str) -> Explained:
    names, facts, _lines, _currency = (part.strip() for part in line.split("|"))
    known = agreements()
    direction, service, *words = facts.split()
    terms = [term for name in names.split(",") for term in known[name.strip()]]
    return charge(Facts(direction=direction, service=service, **_named(Facts, words)), terms)


def kind_of(words: str) -> str:
    return next((kind for start, kind in _KINDS if words.startswith(start)), "pages")


def test_there_are_cases_enough():
    assert len(CASES) >= 60 and len(set(CASES)) == len(CASES)


@pytest.mark.parametrize("line", CASES)
def test_a_request_costs_what_was_agreed(line):
    found = asked(line)
    _names, _facts, lines, currency = (part.strip() for part in line.split("|"))
    expected = [tuple(part.split()) for part in lines.split(",") if part.strip()]
    assert [(kind_of(words), str(amount)) for words, amount in found.lines] == expected
    assert found.currency == ("" if currency == "-" else currency) and (found.version is None) == (currency == "-")
    assert found.total == sum((amount for _words, amount in found.lines), Decimal(0))
    assert found.reciprocal == lines.startswith("free")


def test_it_is_explained_in_words():
    found = asked("all | lending loan day=2026-03-02 rush=1 | | USD")
    assert found.words == "Flat rate, agreement of 1 Jul 2025: 15.00; rush: 5.00"
    pages = asked("pages2 | lending copy day=2026-03-02 pages=20 | | USD")
    assert pages.lines[1] == ("5 pages from page 16, 1 each, agreement of 1 Jul 2025", Decimal("5.00"))


def test_the_way_it_is_paid_comes_with_it():
    assert asked("ifm | lending loan day=2026-03-02 | | USD").pay_way == "ifm"
    assert asked("pay | borrowing loan day=2026-03-02 | | EUR").pay_way == "voucher"
    assert asked("pay | lending loan day=2026-03-02 | | -").pay_way == ""
