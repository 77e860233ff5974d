"""Messages over the whole of 1.2, made from the same rows that the reader and the writer walk."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from requests_app.exchange.iso18626.codes import in_edition_1_2
from requests_app.exchange.iso18626.elements import Row, rows
from requests_app.exchange.iso18626.messages import MESSAGES
from requests_app.exchange.iso18626.values import CODE, DECIMAL, FLAG, MOMENT, TEXT, WHOLE, Code

# Anything XML 1.0 can carry.
_CHARACTERS = st.characters(
    blacklist_categories=["Cs"],
    blacklist_characters=[chr(n) for n in range(32) if chr(n) not in "\t\n\r"] + ["\ufffe", "\uffff"],
)
words = st.text(_CHARACTERS, max_size=12).map(str.strip)
some_words = words.filter(bool)
moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
_LEAVES: dict[int, st.SearchStrategy[Any]] = {
    id(TEXT): words,
    id(CODE): st.one_of(
        words, st.builds(Code, some_words, st.sampled_from(["", "http://lists.example/x#1"]))
    ),
    id(MOMENT): moments,
    id(DECIMAL): st.decimals(Decimal("-9999999"), Decimal("9999999"), places=2),
    id(WHOLE): st.integers(-(10**9), 10**9),
    id(FLAG): st.booleans(),
}


def _one(row: Row) -> st.SearchStrategy[Any]:
    if row.part:
        return structures(row.part)
    if row.vocabulary:
        return st.sampled_from([str(word) for word in row.vocabulary if in_edition_1_2(row.vocabulary, word)])
    return _LEAVES[id(row.leaf)]


def _field(row: Row) -> st.SearchStrategy[Any]:
    one = _one(row)
    if row.many:
        return st.lists(one.filter(lambda value: value != ""), max_size=row.most or 2).map(tuple)
    if row.required:
        return one
    return st.one_of(st.just("" if row.leaf in (TEXT, CODE) else None), one)


def structures(kind: type) -> st.SearchStrategy[Any]:
    written = [row for row in rows(kind) if not row.only_2021]
    choices = [row for row in written if row.one_of]
    if choices:
        return st.one_of(
            *(_one(row).map(lambda value, a=row.attribute: kind(**{a: value})) for row in choices)
        )
    return st.fixed_dictionaries({row.attribute: _field(row) for row in written}).map(
        lambda made: kind(**made)
    )


messages = st.one_of(*(structures(kind) for kind in MESSAGES.values()))
