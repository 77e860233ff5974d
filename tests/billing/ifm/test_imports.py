"""A report taken in: columns named once, the same lines recognised, nothing booked by reading."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as s

from billing.costs.models import Booked
from billing.ifm import actions, imports, queries
from billing.ifm.models import Layout, NetworkLine, Report
from billing.ledger import queries as ledger
from billing.ledger.actions import Where
from billing.ledger.models import Entry
from illdesk.errors import BadAnswer, NotAllowed
from tests import factories as f
from tests.billing.ifm import cast as c

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _books():
    c.books()


def take(data: bytes, name: str = "ifm.csv", **more):
    return imports.take(data, **({"system": "ifm", "month": c.MARCH, "name": name, "actor": f.staff(), "now": c.APRIL}
                                 | more))


def test_columns_are_named_once_and_known_from_then_on():
    row = take(c.file(c.line("1")))
    assert row.state == Report.UNMAPPED and not NetworkLine.objects.exists()
    imports.name_columns(row, dict(c.COLUMNS), actor=f.staff(), now=c.APRIL)
    assert NetworkLine.objects.count() == 1
    second = take(c.file(c.line("2")), month=c.MARCH.replace(month=4))
    assert (second.state, second.rows) == (Report.READ, 1)
    assert Layout.objects.count() == 1


def test_another_layout_is_named_by_itself():
    c.read(c.line("1"))
    other = take(b"ILL Number;Date;Amount;Type\n2;2026-03-02;5,00;Borrowing Debit\n")
    assert other.state == Report.UNMAPPED


def test_what_is_needed_is_asked_for_and_one_column_is_one_thing():
    row = take(c.file(c.line("1")))
    for columns, field in (({}, "number"), (c.COLUMNS | {"day": "Amount"}, "day"), (c.COLUMNS | {"kind": ""}, "kind")):
        with pytest.raises(BadAnswer) as refused:
            imports.name_columns(row, dict(columns), actor=f.staff(), now=c.APRIL)
        assert refused.value.field in (field, "amount")
    assert Report.objects.get().state == Report.UNMAPPED


def test_the_file_stays_as_it_came():
    data = c.file(c.line("1"))
    row = take(data, name="../../etc/Märch\x00 2026.csv")
    assert row.file is not None
    with row.file.file.open("rb") as file:
        assert file.read() == data
    assert "/" not in row.file.name and row.file_name == "Märch 2026.csv"


def test_the_same_file_again_is_the_same_report():
    assert c.read(c.line("1")) == c.read(c.line("1"))
    assert Report.objects.count() == 1


def test_reading_books_nothing():
    c.known("198765432")
    c.read(c.line("198765432"))
    assert not Booked.objects.exists() and not Entry.objects.exists()


def test_a_report_read_again_with_more_lines_brings_the_new_ones_only():
    for number in ("1001", "1002", "1003"):
        c.known(number)
    c.read(c.line("1001"), c.line("1002"))
    c.book()
    again = c.read(c.line("1003"), c.line("ILL# 001002"), c.line("1001"))
    assert (again.rows, again.known) == (3, 2)
    assert c.book().count == 1
    assert ledger.balance(Where("ifm")) == Decimal("-45.00")


def test_two_lines_that_say_the_same_are_two():
    c.known("1001")
    c.read(c.line("", "0.26", c.FEE), c.line("", "0.26", c.FEE))
    again = c.read(c.line("", "0.26", c.FEE), c.line("", "0.26", c.FEE), c.line("", "0.26", c.FEE))
    assert (again.rows, again.known, NetworkLine.objects.count()) == (3, 2, 3)


def test_a_line_with_another_amount_than_before_is_told_and_put_in_the_place_of_the_earlier():
    c.known("1001")
    c.read(c.line("1001", "15.00"))
    c.book()
    c.read(c.line("1001", "12.00"))
    new = NetworkLine.objects.get(amount=12)
    old = NetworkLine.objects.get(amount=15)
    assert (new.result, new.instead) == ("changed", old)
    assert c.book().count == 0
    actions.replace(new, actor=f.staff(), now=c.APRIL)
    c.book()
    assert ledger.balance(Where("ifm")) == Decimal("-12.00")
    old.refresh_from_db()
    assert old.state == "replaced" and queries.months("ifm")[0].cost == Decimal("12.00")


def test_a_change_is_told_as_such_also_while_neither_is_booked():
    """And the report that it changes is not thrown away under it."""
    c.known("1001")
    first = c.read(c.line("1001", "15.00"))
    c.read(c.line("1001", "12.00"))
    actions.again(NetworkLine.objects.all())
    new = NetworkLine.objects.get(amount=12)
    assert new.result == "changed"
    with pytest.raises(NotAllowed, match="later report"):
        imports.discard(first, actor=f.staff(), now=c.APRIL)
    actions.replace(new, actor=f.staff(), now=c.APRIL)
    c.book()
    assert ledger.balance(Where("ifm")) == Decimal("-12.00")


def test_a_report_that_has_both_amounts_changes_nothing():
    c.known("1001")
    c.read(c.line("1001", "15.00"))
    c.book()
    c.read(c.line("1001", "15.00"), c.line("1001", "12.00"))
    assert NetworkLine.objects.get(amount=12).result == "twice"


def test_a_report_read_by_mistake_goes_with_its_lines_unless_some_are_booked():
    c.known("1001")
    row = c.read(c.line("1001"))
    imports.discard(row, actor=f.staff(), now=c.APRIL)
    assert not NetworkLine.objects.exists()
    row = c.read(c.line("1001"))  # it can be read again
    c.book()
    with pytest.raises(NotAllowed):
        imports.discard(row, actor=f.staff(), now=c.APRIL)


def test_a_month_without_a_report_had_no_transactions():
    c.read(c.line("1001"))
    c.read(c.line("1002", day="2026-05-02"), month=c.MARCH.replace(month=5))
    assert [(row.month.month, row.reports, row.count) for row in queries.months("ifm")] == [
        (5, 1, 1), (4, 0, 0), (3, 1, 1)]


def test_the_invoice_of_the_network_is_compared_and_brings_its_account_back_to_nothing():
    c.known("1001")
    c.known("1002", "lending.shipped", "20.00")
    c.read(c.line("1001"), c.line("1001", "0.26", c.FEE), c.line("1002", "20.00", c.CREDIT))
    c.book()
    given_ = {"number": "CM-77", "day": c.APRIL.date(), "actor": f.staff(), "now": c.APRIL}
    row = actions.state_month("ifm", c.MARCH, amount=Decimal("-4.74"), **given_)
    assert actions.state_month("ifm", c.MARCH, amount=Decimal("-4.74"), **given_) == row
    with pytest.raises(BadAnswer):
        actions.state_month("ifm", c.MARCH, amount=Decimal("4.74"), **given_)
    assert queries.months("ifm")[0].difference == 0
    for _time in range(2):
        actions.settle_statement(row, day=c.APRIL.date(), reference="7781", actor=f.staff(), now=c.APRIL)
    assert ledger.balance(Where("ifm")) == 0 and ledger.balance(Where("bank")) == Decimal("4.74")


def test_months_cost_three_queries_however_many(django_assert_num_queries):
    for month in range(1, 7):
        c.read(c.line(f"{month}001", day=f"2026-0{month}-03"), month=c.MARCH.replace(month=month))
    with django_assert_num_queries(3):
        queries.months("ifm")


def test_lines_cost_the_same_queries_however_many(django_assert_max_num_queries):
    from billing.ifm import matching

    for number in range(1001, 1006):
        c.known(str(number))
    c.read(*(c.line(str(number)) for number in range(1001, 1301)))
    lines = list(NetworkLine.objects.all())
    with django_assert_max_num_queries(16):
        matching.compare(lines)


# Lines of requests that we know and do not know; of one number, day and kind always the same amount (another one is a
# change, on which a person decides).
_LINE = s.tuples(s.sampled_from(["1001", "1002", "1003", "9999"]), s.sampled_from(["debit", "back", "fee"]),
                 s.integers(1, 6))


def _written(one: tuple[str, str, int]) -> str:
    number, kind, day = one
    amount = {"debit": f"{int(number) % 7 + day}.50", "back": "1.25", "fee": "0.26"}[kind]
    words = {"debit": c.DEBIT, "back": c.REFUND, "fee": c.FEE}[kind]
    return c.line(number, amount, words, f"2026-03-{day:02d}")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(every=s.lists(_LINE, min_size=1, max_size=12), cuts=s.lists(s.tuples(s.integers(0, 12), s.integers(0, 12),
                                                                          s.randoms()), min_size=1, max_size=4))
def test_whatever_parts_of_a_report_come_in_whatever_order_each_line_is_booked_once(every, cuts):
    """The sum booked is that of the lines of all parts together, and the books say the same."""
    from collections import Counter

    from django.db import transaction

    with transaction.atomic():
        for number in ("1001", "1002", "1003"):
            c.known(number, cost=None)
        union: Counter[str] = Counter()
        for first, last, mixed in cuts:
            part = [_written(one) for one in every[min(first, last):max(first, last)]]
            if not part:
                continue
            mixed.shuffle(part)
            c.read(*part)
            union |= Counter(part)
            for line in NetworkLine.objects.filter(state=NetworkLine.OPEN):
                actions.accept(line, "Accepted.", actor=f.staff(), now=c.APRIL)
            assert not c.book().failed
        assert NetworkLine.objects.filter(state=NetworkLine.BOOKED).count() == sum(union.values())
        total = sum((_value(text) * count for text, count in union.items()), Decimal(0))
        booked = sum((row.amount for row in Booked.objects.all()), Decimal(0))
        costs = ledger.balance(Where("fees")) + sum(
            ledger.balance(Where("borrowing", fund)) for fund in Booked.objects.exclude(fund=None).values_list(
                "fund", flat=True).distinct())
        assert total == booked == costs == -ledger.balance(Where("ifm"))
        transaction.set_rollback(True)


def _value(text: str) -> Decimal:
    amount, kind = Decimal(text.split(",")[5]), text.rpartition(",")[2]
    return -amount if kind == c.REFUND else amount
