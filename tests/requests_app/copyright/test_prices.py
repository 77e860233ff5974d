"""Price lists: read with their problems, counted after a yes; which price holds for a copy."""

import io
from decimal import Decimal

import pytest
import xlsxwriter

from illdesk import money
from illdesk.errors import BadAnswer, NotAllowed
from requests_app.copyright import prices
from requests_app.models import PriceList, RightsQuote, Royalty, RoyaltyPrice
from tests import factories as f
from tests.requests_app.copyright.stories import article

pytestmark = pytest.mark.django_db
HEAD = "standard_number,title,per_copy,per_page,currency,year\n"


def load(text: str, name="prices.csv") -> PriceList:
    return prices.load(text.encode() if isinstance(text, str) else text, name, actor=f.staff("coordinator"), now=f.NOW)


def counting(text: str) -> PriceList:
    return prices.confirm(load(HEAD + text), actor=f.staff("coordinator"), now=f.NOW)


def price(**citation):
    return prices.listed(["issn:1234-5679"], article(**citation).citation, today=f.NOW.date())


def test_a_list_counts_when_a_person_says_so():
    row = load(HEAD + "1234-5679,Marine Letters,38.00,,USD,\n978-0-14-143954-9,Middlemarch,,0.50,USD,\n")
    assert (row.state, row.rows, row.problems) == ("draft", 2, []) and price() is None
    prices.confirm(row, actor=f.staff(), now=f.NOW)
    found = price()
    assert (found.amount, found.currency, found.source, found.on) == (38, "USD", Royalty.LIST, f.NOW.date())


def test_the_newer_list_takes_the_place_of_the_former_once():
    former = counting("1234-5679,,38,,USD,\n")
    newer = load(HEAD + "1234-5679,,41.50,,USD,\n")
    for _time in range(2):
        prices.confirm(newer, actor=f.staff(), now=f.NOW)
        newer.refresh_from_db()
    former.refresh_from_db()
    assert (former.state, newer.state, price().amount) == ("past", "counts", Decimal("41.50"))
    with pytest.raises(NotAllowed, match="decided on already"):
        prices.confirm(former, actor=f.staff(), now=f.NOW)


def test_what_is_wrong_is_left_out_with_its_line_and_reason():
    row = load(HEAD + "1234-5670,,1,,USD,\n,,1,,USD,\n1234-5679,,,,USD,\n1234-5679,,much,,USD,\n1234-5679,,1,,Dollar,\n"
                      "1234-5679,,1,,USD,soon\n\n1234-5679,,1,,USD,\n12345679,,2,,USD,\n")
    assert [(line, code) for line, code, _value in row.problems] == [
        (2, "number"), (3, "number"), (4, "price"), (5, "amount"), (6, "currency"), (7, "year"), (10, "twice")]
    assert row.rows == 1 and RoyaltyPrice.objects.get().line == 9


@pytest.mark.parametrize(("row", "pages", "wanted"), [
    ("1234-5679,,,0.50,USD,\n", "41-58", "9.00"), ("1234-5679,,5,0.50,USD,\n", "41-58", "14.00"),
    ("1234-5679,,5,0.50,USD,\n", "", "5.00"), ("1234-5679,,,0.50,USD,\n", "", None),
])
def test_a_price_a_page_is_multiplied(row, pages, wanted):
    counting(row)
    found = price(pages=pages)
    assert (found.amount if found else None) == (Decimal(wanted) if wanted else None)


def test_a_price_of_this_year_before_one_of_any_and_none_of_another():
    counting("1234-5679,,38,,USD,\n1234-5679,,30,,USD,2026\n1234-5679,,99,,USD,2025\n")
    assert price().amount == 30


def test_the_services_answer_counts_before_the_list_for_as_long_as_it_is_valid():
    counting("1234-5679,,38,,USD,\n")
    ill = article()
    look = prices.Counted("periodical", "Marine Letters", "x", ("issn:1234-5679",))
    RightsQuote.objects.create(number=ill.number, at=f.NOW, worked=True, price=Decimal(41), currency="USD")

    def amount(today):
        return prices.known(look, ill.citation, number=ill.number, today=today)[0].amount

    assert amount(f.NOW.date()) == 41 and amount(f.later(days=1).date()) == 38
    RightsQuote.objects.update(valid_until=f.later(days=5).date())
    assert amount(f.later(days=5).date()) == 41 and amount(f.later(days=6).date()) == 38


def test_an_xlsx_file_reads_the_same():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate([["ISSN", "Title", "Price", "Currency", "Year"],
                                    ["1234-5679", "Ünï", 38.5, "EUR", 2026], [None, None, None],
                                    ["20493630", "x", "1,214.00", "USD"]]):
            for place, value in enumerate(row):
                sheet.write(line, place, value)
    row = load(file.getvalue(), "prices.xlsx")
    found = list(row.prices.order_by("line").values_list("key", "title", "per_copy", "currency", "year"))
    assert found == [("issn:1234-5679", "Ünï", Decimal("38.50"), "EUR", 2026),
                     ("issn:2049-3630", "x", Decimal("1214.00"), "USD", None)]


@pytest.mark.parametrize(("data", "words"), [
    (b"", "empty"), (b"a,b\n1,2\n", "must name the columns"), (b"PK\x03\x04 no book", "cannot be read as XLSX"),
    (b"\x00\x01\x02,\x00", "neither CSV nor XLSX"), (b"standard_number,title\n1234-5679,x\n", "must name the columns"),
])
def test_a_file_that_cannot_be_read_is_refused_whole(data, words):
    with pytest.raises(BadAnswer, match=words):
        load(data)
    assert not PriceList.objects.exists()


def test_thrown_away_its_prices_go():
    row = load(HEAD + "1234-5679,,38,,USD,\n")
    prices.discard(row, actor=f.staff(), now=f.NOW)
    prices.discard(row, actor=f.staff(), now=f.NOW)
    row.refresh_from_db()
    assert row.state == "discarded" and not RoyaltyPrice.objects.exists()


@pytest.mark.parametrize(("text", "wanted"), [
    ("38", "38.00"), ("38.5", "38.50"), ("1,214.00", "1214.00"), ("1.214,50", "1214.50"), ("12,50", "12.50"),
    ("USD 38.00", "38.00"), ("$38", "38.00"), ("1,214", "1214.00"), ("38.500", "38.50"), ("38.5000", "38.50"),
])
def test_amounts_as_people_write_them(text, wanted):
    assert money.amount_of(text) == Decimal(wanted)


@pytest.mark.parametrize("text", ["", "much", "-3", "1e9", "NaN", "1.2.3", "99999999999", "1,2,3", "38.505", "0.001"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError):
        money.amount_of(text)
