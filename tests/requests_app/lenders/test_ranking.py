"""The order of lenders and the reasons for it: pure, so thousands of made-up directories are tried."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.lenders import rules as table
from requests_app.lenders.ranking import Lender, Wanted, rank
from requests_app.verification.records import Held

pytestmark = pytest.mark.nodb
RULES = table.defaults()
ANYTHING = Wanted()


def lender(pk: int = 1, **known) -> Lender:
    return Lender(pk, **({"name": f"Library {pk:03}", "symbol": f"L{pk}", "country": "US", "currency": "USD"} | known))


def held(*pks: int, **row) -> dict[int, tuple[Held, ...]]:
    return {pk: (Held(f"Library {pk}", **row),) for pk in pks}


def order(lenders, wanted: Wanted = ANYTHING, rules=RULES) -> list[int]:
    return [row.lender.pk for row in rank(lenders, wanted, rules).offered]


def only(code: str, **values):
    """One rule alone."""
    rule = table.default(code)
    return (replace(rule, **values),)


# --- each rule -------------------------------------------------------------------------------------------

GIVES = [
    ("group", {"groups": (("consortium", "Northern Lights"),)}, {}, "in Northern Lights", 1),
    ("free", {"groups": (("reciprocal", "Free"),)}, {}, "no charge, by agreement", 1),
    ("free", {"charge": Decimal(0)}, {}, "no charge", 1),
    ("cost", {"charge": Decimal(10)}, {"cap": Decimal(20), "currency": "USD"}, "charges USD 10.00", -0.5),
    ("cost", {"charge": Decimal(10), "currency": "EUR"}, {"cap": Decimal(20), "currency": "USD"},
     "charges EUR 10.00, not compared", 0),
    ("fills", {"supplied": 14, "failed": 2}, {"average_fill": 0.5}, "supplied 14 of 16", 0.6),
    ("fills", {"supplied": 0, "failed": 16}, {"average_fill": 0.5}, "supplied 0 of 16", -0.8),
    ("fast", {"arrived": 5, "days": 3.0}, {"average_days": 9.0}, "3 days on average", 0.5),
    ("answers", {"answer_days": 2}, {"usual_days": 4}, "has 2 days to answer", 0.5),
    ("answers", {"answer_days": 8}, {"usual_days": 4}, "has 8 days to answer", -0.5),
    ("answers", {"answer_by": date(2026, 3, 9)}, {"need_by": date(2026, 3, 6)},
     "may answer after it is needed, by 9 Mar 2026", -1),
    ("near", {"ships_by": "Courier, twice a week"}, {}, "by courier", 1),
    ("near", {"country": "GB"}, {"country": "US"}, "abroad", -1),
    ("near", {"region": "NY"}, {"region": "ny", "country": "US"}, "in our region", 0.6),
    ("near", {"region": "NY", "locality": "Riverside"}, {"region": "NY", "locality": "Riverside"}, "in our town", 1),
    ("share", {"lately": 9}, {}, "asked 9 times in 30 days", -0.9),
    ("share", {"lately": 90}, {}, "asked 90 times in 30 days", -1),
    ("exact", {}, {"volume": "12", "held": held(1, volumes="v.1-20")}, "holds volume 12", 1),
    ("exact", {}, {"volume": "12", "held": held(1, volumes="v.1-9")}, "holds other volumes: v.1-9", -1),
    ("exact", {}, {"oclc": "42", "held": held(1, record_id="0042")}, "holds this very edition", 1),
    ("exact", {}, {"oclc": "42", "held": held(1, record_id="43")}, "holds another edition", -1),
    ("available", {}, {"held": held(1, available=True)}, "on the shelf", 1),
    ("available", {}, {"held": held(1, available=False, note="due back on 4 December")},
     "not on the shelf: due back on 4 December", -1),
    ("use_only", {}, {"held": held(1, note="Library Use Only")}, "use in the library only", -1),
    ("retained", {}, {"held": held(1, retained=True)}, "kept for a shared-print programme", -1),
]


@pytest.mark.parametrize(("code", "known", "wanted", "words", "share"), GIVES, ids=lambda value: str(value)[:30])
def test_a_rule_says_what_it_gives_and_why(code, known, wanted, words, share):
    row = rank([lender(**known)], Wanted(**wanted), only(code, weight=100)).offered[0]
    assert [reason.words for reason in row.reasons] == [words]
    assert row.points == pytest.approx(100 * share)
    assert row.reasons[0].shown_points == ("" if not share else f"{share * 100:+.0f}".replace("-", "−"))


def test_every_rule_that_gives_points_is_tried_above():
    assert {row[0] for row in GIVES} == {kind.code for kind in table.KINDS if kind.weight is not None}


SILENT = [
    ("exact", {}, {"volume": "12", "held": held(1, volumes="incomplete")}),
    ("exact", {}, {"oclc": "42", "any_edition": True, "held": held(1, record_id="43")}),
    ("exact", {}, {"oclc": "42", "held": held(1, record_id="43", symbol_type="ISIL")}),
    ("fills", {"supplied": 4}, {}),
    ("fast", {"arrived": 2, "days": 1.0}, {}),
    ("retained", {}, {"service": "copy", "held": held(1, retained=True)}),
    ("use_only", {}, {"service": "copy", "held": held(1, note="library use only")}),
    ("near", {"country": "GB"}, {"country": "US", "service": "copy"}),
    ("group", {"groups": (("other", "Friends"),)}, {}),
]


@pytest.mark.parametrize(("code", "known", "wanted"), SILENT)
def test_where_too_little_is_known_or_it_does_not_matter_a_rule_says_nothing(code, known, wanted):
    row = rank([lender(**known)], Wanted(**wanted), only(code, weight=100)).offered[0]
    assert (row.points, row.reasons) == (0, ())


EXCLUDES = [
    ("ourselves", {"ours": True}, {}, "our own library", True),
    ("takes_none", {"in_use": False}, {}, "not in use", True),
    ("takes_none", {"takes": False}, {}, "takes no requests for loans", True),
    ("takes_none", {"takes": False}, {"service": "copy"}, "takes no requests for copies", True),
    ("suspended", {"suspended": True}, {}, "suspended until further notice", True),
    ("suspended", {"suspended": True, "suspended_until": date(2026, 4, 1)}, {}, "suspended until 1 Apr 2026", True),
    ("closed", {"closed_days": 5, "answer_days": 4, "answer_by": date(2027, 1, 8)}, {},
     "closed: would have until 8 Jan 2027 to answer", False),
    ("closed", {"never_open": True}, {}, "its calendar has no working day", False),
    ("asked", {}, {"asked": {1: "cannot supply"}}, "asked for this already: cannot supply", False),
    ("not_lendable", {}, {"held": held(1, lendable=False)}, "not for loan, the catalogue says", False),
    ("over_cap", {"charge": Decimal(40)}, {"cap": Decimal(25), "currency": "USD"},
     "charges USD 40.00, more than USD 25.00", False),
]


@pytest.mark.parametrize(("code", "known", "wanted", "words", "final"), EXCLUDES, ids=lambda value: str(value)[:30])
def test_what_excludes_says_so_and_never_silently(code, known, wanted, words, final):
    found = rank([lender(**known), lender(2)], Wanted(**wanted), RULES)
    assert [row.lender.pk for row in found.offered] == [2]
    row = found.left_out[0]
    assert ([reason.words for reason in row.reasons], row.final) == ([words], final)
    off = rank([lender(**known)], Wanted(**wanted), [replace(rule, on=False) for rule in RULES])
    assert bool(off.left_out) is final, "what the step itself refuses cannot be switched off"


def test_every_rule_that_excludes_is_tried_above():
    assert {row[0] for row in EXCLUDES} == {kind.code for kind in table.KINDS if kind.excludes}


@pytest.mark.parametrize(("known", "wanted"), [
    ({"closed_days": 4, "answer_days": 4, "answer_by": date(2026, 12, 1)}, {}),
    ({}, {"service": "copy", "held": held(1, lendable=False)}),
    ({}, {"held": {1: (Held("a", lendable=False), Held("b"))}}),
    ({"charge": Decimal(40)}, {"cap": Decimal(40), "currency": "USD"}),
    ({"charge": Decimal(40), "currency": "EUR"}, {"cap": Decimal(25), "currency": "USD"}),
    ({"charge": Decimal(40), "groups": (("reciprocal", "Free"),)}, {"cap": Decimal(25), "currency": "USD"}),
])
def test_what_is_only_near_to_that_is_offered(known, wanted):
    assert order([lender(**known)], Wanted(**wanted)) == [1]


# --- the order -------------------------------------------------------------------------------------------

def test_who_holds_it_stands_above_who_may_not_whatever_the_points():
    best = lender(1, groups=(("consortium", "C"),), charge=Decimal(0), supplied=99)
    wanted = Wanted(held=held(2, available=False))
    assert order([best, lender(2, charge=Decimal(20))], wanted) == [2, 1]
    assert order([best, lender(2, charge=Decimal(20))], wanted,
                 [replace(rule, on=rule.code != "held_first") for rule in RULES]) == [1, 2]


def test_consortium_first_then_free_then_who_fills_more():
    lenders = [
        lender(1), lender(2, supplied=15, failed=1), lender(3, charge=Decimal(0)),
        lender(4, groups=(("consortium", "Northern Lights"),)), lender(5, lately=9),
    ]
    assert order(lenders, Wanted(average_fill=0.6)) == [4, 3, 2, 1, 5]


def test_three_of_three_is_no_more_than_thirty_of_thirty_one():
    few, many = lender(1, supplied=5), lender(2, supplied=40, failed=1)
    assert order([few, many], Wanted(average_fill=0.5)) == [2, 1]


def test_a_retained_copy_is_asked_for_last():
    assert order([lender(1), lender(2)], Wanted(held=held(1, retained=True) | held(2))) == [2, 1]


def test_two_libraries_of_one_name_always_stand_in_the_same_order():
    twins = [lender(2, name="Oak"), lender(1, name="oak")]
    assert order(twins) == order(twins[::-1]) == [1, 2]


# --- whatever the directory ---------------------------------------------------------------------------------

_amounts = st.one_of(st.none(), st.integers(0, 60).map(Decimal))
_rows = st.builds(
    Held, name=st.just("x"), available=st.sampled_from([None, True, False]), lendable=st.sampled_from([None, True,
                                                                                                      False]),
    retained=st.booleans(), volumes=st.sampled_from(["", "v.1-20", "v. 3"]), record_id=st.sampled_from(["", "42", "7"]),
)
_seldom = st.sampled_from([False] * 6 + [True])
_groups = st.lists(st.sampled_from([("consortium", "C"), ("reciprocal", "R"), ("other", "O")]), max_size=2).map(tuple)


@st.composite
def _directories(draw) -> list[Lender]:
    count = draw(st.integers(0, 12))
    return [
        draw(st.builds(
            Lender, pk=st.just(pk), name=st.sampled_from(["Oak", "oak", "Ash", "Élan"]), ours=_seldom,
            in_use=_seldom.map(lambda no: not no), takes=_seldom.map(lambda no: not no), suspended=_seldom,
            closed_days=st.integers(0, 9),
            answer_by=st.just(date(2026, 3, 9)), charge=_amounts, currency=st.sampled_from(["USD", "EUR", ""]),
            groups=_groups, supplied=st.integers(0, 30), failed=st.integers(0, 30), arrived=st.integers(0, 9),
            days=st.floats(0, 40), lately=st.integers(0, 40), country=st.sampled_from(["US", "GB", ""]),
        ))
        for pk in range(1, count + 1)
    ]


_wishes = st.builds(
    Wanted, service=st.sampled_from(["loan", "copy"]), volume=st.sampled_from(["", "3", "12"]),
    oclc=st.sampled_from(["", "42"]), need_by=st.sampled_from([None, date(2026, 3, 6)]), cap=_amounts,
    currency=st.just("USD"), country=st.just("US"), average_fill=st.floats(0, 1), average_days=st.floats(0, 30),
    held=st.dictionaries(st.integers(1, 12), st.lists(_rows, min_size=1, max_size=2).map(tuple)),
    asked=st.dictionaries(st.integers(1, 12), st.just("cannot supply"), max_size=3),
)


@st.composite
def _rule_sets(draw):
    return tuple(
        replace(rule, on=draw(st.booleans()), weight=draw(st.integers(0, 60))) for rule in RULES
    )


@given(_directories(), _wishes, _rule_sets())
def test_never_ourselves_and_nobody_excluded_is_offered(lenders, wanted, rules):
    found = rank(lenders, wanted, rules)
    offered, out = {row.lender.pk for row in found.offered}, {row.lender.pk for row in found.left_out}
    assert offered | out == {one.pk for one in lenders} and not offered & out, "everybody stands in one list"
    for one in lenders:
        if one.ours or one.suspended or not one.in_use or not one.takes:
            assert one.pk in out
    assert all(row.reasons and all(reason.words for reason in row.reasons) for row in found.left_out)


@given(_directories(), _wishes, _rule_sets(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_of_what_comes_in(lenders, wanted, rules, dice):
    turned = list(lenders)
    dice.shuffle(turned)
    assert rank(lenders, wanted, rules) == rank(turned, wanted, tuple(reversed(rules)))


@given(_directories(), _wishes, _rule_sets(), st.sampled_from([k.code for k in table.KINDS if k.weight is not None]))
def test_a_rule_of_weight_0_changes_nothing(lenders, wanted, rules, code):
    without = tuple(rule for rule in rules if rule.code != code)
    with_it = (*without, replace(table.default(code), weight=0))
    assert rank(lenders, wanted, with_it) == rank(lenders, wanted, without)


@given(_directories(), _wishes, _rule_sets())
def test_the_points_are_the_sum_of_the_reasons_and_none_gives_more_than_its_weight(lenders, wanted, rules):
    weights = {rule.code: rule.weight for rule in rules}
    tier_and_points = []
    for row in rank(lenders, wanted, rules).offered:
        assert row.points == pytest.approx(sum(reason.points for reason in row.reasons))
        assert all(abs(reason.points) <= weights[reason.code] + 1e-9 for reason in row.reasons)
        tier_and_points.append((not row.held, -round(row.points, 6)))
    if any(rule.on for rule in rules if rule.code == "held_first"):
        assert tier_and_points == sorted(tier_and_points)
