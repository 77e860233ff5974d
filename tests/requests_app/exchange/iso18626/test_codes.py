import pytest

from requests_app.exchange.iso18626 import codes

pytestmark = pytest.mark.nodb


def test_closed_lists_are_those_of_the_schema_and_the_2021_extras():
    assert codes.listed(codes.Action, "ShippedReturn")
    assert codes.listed(codes.Action, "Lost") and not codes.in_edition_1_2(codes.Action, "Lost")
    assert codes.listed(codes.Status, "ReleaseHoldReturn")
    assert not codes.in_edition_1_2(codes.Status, "HoldReturn")
    assert not codes.listed(codes.Action, "shippedreturn"), "closed lists are spelt letter for letter"
    assert not codes.listed(codes.Status, "")


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("ItemFormat", "pdf", "PDF"),
        ("ItemFormat", "  Pdf ", "PDF"),
        ("ServiceLevel", "RUSH", "Rush"),
        ("CourierName", "db schenker", "DB Schenker"),
        ("ReasonUnfilled", "duplicate", "Duplicate"),
        ("LoanCondition", "other", "other"),
        ("ServiceLevel", "", ""),
    ],
)
def test_open_code_takes_the_listed_spelling_and_a_stranger_stays_as_it_is(name, sent, kept):
    assert codes.known_spelling(name, sent) == kept


def test_no_two_codes_of_a_list_differ_only_in_case():
    for name, listed in codes.OPEN_CODES.items():
        assert len({code.casefold() for code in listed}) == len(listed), name


def test_unknown_list_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        codes.known_spelling("Colour", "blue")
