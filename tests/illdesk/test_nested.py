"""JSON of other people: read like json.loads, but never down to where Python itself gives up."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illdesk import nested

_TEXTS = st.text(alphabet='ab"\\[]{}\n é')
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | _TEXTS, lambda inner: st.one_of(
    st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)), max_leaves=300)


@given(VALUES, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_what_is_not_too_deep_is_read_as_it_is(value, ascii_only, coding):
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert nested.loads(text) == nested.loads(text.encode(coding)) == value


@given(VALUES, st.integers(min_value=1, max_value=nested.DEEPEST), st.integers(min_value=1, max_value=50))
def test_brackets_count_only_where_they_stand_within_each_other(value, deep, wide):
    inner = json.dumps(["]" * 200, '"[' * 200, "\\"])
    many = ", ".join(["[" * (deep - 1) + inner.removeprefix("[").removesuffix("]") + "]" * (deep - 1)] * wide)
    assert len(nested.loads(f"[{many}]")) >= wide
    with pytest.raises(ValueError, match="brackets"):
        nested.loads("[" * (nested.DEEPEST + 1 - deep) + f"[{many}]" + "]" * (nested.DEEPEST + 1 - deep) if deep > 1
                     else "[" * (nested.DEEPEST + 1))


@pytest.mark.parametrize("content", [
    b"", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"[]" * 3, b'"\\' * 5000 + b"[" * 5000, b"\xff\xfe", b'"\xf6"',
    b"[" * 99 + b"9" * 9999 + b"]" * 99, b"\x00", b'{"a": 1,}'])
def test_whatever_is_wrong_is_a_value_error(content):
    with pytest.raises(ValueError):
        nested.loads(content)
