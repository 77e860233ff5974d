"""What differs is marked on both sides: letters of what is short or misprinted, words of what is long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illdesk import difference

pytestmark = pytest.mark.nodb
MARK, END = '<span class="ill-diff">', "</span>"


def sides(one: str, other: str) -> tuple[str, str]:
    left, right = difference.sides(one, other)
    return left.replace(MARK, "[").replace(END, "]"), right.replace(MARK, "[").replace(END, "]")


@pytest.mark.parametrize(
    ("one", "other", "left", "right"),
    [
        ("2023", "2024", "202[3]", "202[4]"),
        ("1234-5678", "1234-5679", "1234-567[8]", "1234-567[9]"),
        ("Effect of tidal range on oysters", "The effect of tidal range on oysters",
         "[Effect] of tidal range on oysters", "[The effect] of tidal range on oysters"),
        ("Tides of the northern Golf and its coast", "Tides of the northern Gulf and its coast",
         "Tides of the northern G[o]lf and its coast", "Tides of the northern G[u]lf and its coast"),
        ("same", "same", "same", "same"),
        ("", "new", "", "[new]"),
    ],
)
def test_what_differs_is_marked(one, other, left, right):
    assert sides(one, other) == (left, right)


@given(st.text(alphabet="ab <&é本 ", max_size=60), st.text(alphabet="ab <&é本 ", max_size=60))
def test_nothing_is_lost_and_nothing_is_markup(one, other):
    from html import unescape

    for shown, text in zip(difference.sides(one, other), (one, other), strict=True):
        assert unescape(shown.replace(MARK, "").replace(END, "")) == text
