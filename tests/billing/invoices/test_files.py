"""The files of an invoice say the same to the cent: paper, e-invoice, list, books. The letter carries them."""

import csv
import io
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pypdfium2
import pytest
from django.core import mail

from billing.invoices import actions, credit, files, ubl
from billing.invoices.models import Invoice
from billing.ledger import queries as books
from billing.ledger.actions import Where
from billing.models import Booked
from illdesk import outbox
from illdesk.errors import AdapterError
from illdesk.models import Attachment, OutboxMessage
from tests import factories as f
from tests.billing.invoices import cast

pytestmark = pytest.mark.django_db
CBC, CAC = f"{{{ubl.CBC}}}", f"{{{ubl.CAC}}}"


@pytest.fixture
def first():
    return f.staff("lending staff")


@pytest.fixture
def second():
    return f.staff("coordinator")


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def amounts(row: Invoice) -> dict[str, Decimal]:
    """The total as each of them says it."""
    content = files.draw_pdf(row, day=row.day)
    root = ElementTree.fromstring(files.draw_xml(row))
    lines = root.findall(f"{CAC}InvoiceLine") or root.findall(f"{CAC}CreditNoteLine")
    sign = -1 if row.kind == Invoice.CREDIT else 1
    listed = list(csv.reader(io.StringIO(b"".join(files.export(row, "csv").streaming_content).decode("utf-8-sig"))))
    said = text_of(content).replace("\r\n", "\n").replace("\N{MINUS SIGN}", "-")
    total = f"{row.currency} {row.total:,.2f}"
    assert total in said, said
    for line in files.billed(row):
        assert f"{line.amount:,.2f}" in said
    return {
        "row": row.total, "xml": sign * Decimal(root.findtext(f"{CAC}LegalMonetaryTotal/{CBC}PayableAmount")),
        "xml lines": sign * sum(Decimal(line.findtext(f"{CBC}LineExtensionAmount")) for line in lines),
        "csv": sum(Decimal(line[6]) for line in listed[1:]),
        "books": sum(booked.foreign if booked.foreign is not None else booked.amount
                     for booked in Booked.objects.filter(invoice_line__invoice=row)),
    }


def test_paper_e_invoice_list_and_books_say_the_same(first, second):
    cast.agreed()
    for title in ("Λαϊκή ποίηση των νησιών", "La memoria del agua", "<b>&\x01 evil"):
        cast.shipped(citation={"title": title})
    [draft] = cast.run(first)
    actions.verify_all(draft, actor=first, now=cast.APRIL)
    row = cast.finish(draft, second)
    assert set(amounts(row).values()) == {Decimal("45.00")} == {books.balance(Where("lending"))}
    said = text_of(files.draw_pdf(row, day=row.day))
    for words in ("Invoice", "IL-2026-00001", "Hill College Library", "March 2026", "Agreement of 1 July 2025",
                  "USD 45.00 for 3 requests", "Open before this invoice", "How to pay", "page 1 of 1", "Λαϊκή"):
        assert words in said, words
    note = credit.draft(row, {row.lines.first().pk: Decimal("4.50")}, "Bad copy", actor=first, now=cast.APRIL)
    done = cast.finish(note, second)
    assert set(amounts(done).values()) == {Decimal("-4.50")}


def test_the_e_invoice_has_what_en_16931_asks_for(first, second):
    f.institution()
    row = cast.bill("30.00", first=first, second=second)
    root = ElementTree.fromstring(files.draw_xml(row))
    assert root.tag == "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
    for path, said in (
        ("ID", "IL-2026-00001"), ("IssueDate", "2026-04-02"), ("DueDate", "2026-05-02"), ("InvoiceTypeCode", "380"),
        ("DocumentCurrencyCode", "USD"), ("BuyerReference", "HIL"),
    ):
        assert root.findtext(f"{CBC}{path}") == said
    seller = root.find(f"{CAC}AccountingSupplierParty/{CAC}Party")
    assert seller.findtext(f"{CAC}PartyLegalEntity/{CBC}RegistrationName") == "Riverside University Library"
    assert seller.findtext(f"{CAC}PostalAddress/{CAC}Country/{CBC}IdentificationCode") == "US"
    assert root.findtext(f"{CAC}TaxTotal/{CBC}TaxAmount") == "0.00"
    assert root.find(f"{CAC}TaxTotal/{CBC}TaxAmount").get("currencyID") == "USD"
    # The schema's order: a receiver's check refuses another one.
    order = [child.tag.rpartition("}")[2] for child in root]
    wanted = ["CustomizationID", "ID", "IssueDate", "DueDate", "InvoiceTypeCode", "DocumentCurrencyCode",
              "BuyerReference", "AccountingSupplierParty", "AccountingCustomerParty", "TaxTotal", "LegalMonetaryTotal",
              "InvoiceLine"]
    assert order == wanted


def test_an_e_invoice_of_a_library_without_numbers_names_its_seller_and_no_price_below_nothing():
    """BR-CO-26 and BR-27 of EN 16931, which its published rules found missing."""
    day = date(2026, 4, 2)
    items = [ubl.Item("", "Loan", Decimal("9.00"), day), ubl.Item("", "Taken back", Decimal("-1.50"), day)]
    root = ElementTree.fromstring(ubl.xml(ubl.Document(
        number="IL-1", credit=False, day=day, due=day, currency="USD", seller=ubl.Party("Riverside"),
        buyer=ubl.Party("Hill"), items=items, total=Decimal("7.50"), reference="HIL")))
    seller = root.find(f"{CAC}AccountingSupplierParty/{CAC}Party")
    assert seller.findtext(f"{CAC}PartyIdentification/{CBC}ID") == "Riverside"
    said = [(line.findtext(f"{CBC}InvoicedQuantity"), line.findtext(f"{CAC}Price/{CBC}PriceAmount"),
             line.findtext(f"{CBC}LineExtensionAmount")) for line in root.findall(f"{CAC}InvoiceLine")]
    assert said == [("1", "9.00", "9.00"), ("-1", "1.50", "-1.50")]
    assert root.findtext(f"{CBC}CustomizationID") == "urn:cen.eu:en16931:2017"


def test_a_long_invoice_takes_pages_and_each_says_of_how_many(first, second):
    for place in range(70):
        line = actions.add_line(f.library(), kind="other", amount=Decimal("1.01"), why=f"Copy {place}",
                                key=f"k{place}", actor=first, now=cast.APRIL)
    draft = line.invoice
    actions.verify_all(draft, actor=first, now=cast.APRIL)
    row = cast.finish(draft, second)
    content = files.draw_pdf(row, day=row.day)
    pages = len(pypdfium2.PdfDocument(content))
    said = text_of(content)
    assert pages >= 3 and f"page {pages} of {pages}" in said and "USD 70.70" in said and "Copy 69" in said
    assert content == files.draw_pdf(row, day=row.day), "the same bytes each time"


def test_the_letter_carries_what_was_sent(first, second, settings):
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    row = cast.bill(first=first, second=second)
    letter = OutboxMessage.objects.get(what="library_invoice")
    assert outbox.send(letter.pk, now=cast.APRIL)
    [(pdf_name, pdf, pdf_type), (xml_name, _xml, xml_type)] = mail.outbox[0].attachments
    assert (pdf_name, pdf_type, xml_name, xml_type) == (
        "IL-2026-00001.pdf", "application/pdf", "IL-2026-00001.xml", "application/xml")
    with files.stored(row).file.open("rb") as kept:
        assert kept.read() == pdf


def test_a_letter_whose_file_is_gone_does_not_leave_without_it(first, second):
    from illdesk import mail as channel

    cast.bill(first=first, second=second)
    letter = OutboxMessage.objects.get(what="library_invoice")
    Attachment.objects.filter(pk=letter.payload["files"][0]).delete()
    with pytest.raises(AdapterError, match="cannot be read"):
        channel.send(letter)


def test_a_statement_tells_the_account(first, second):
    cast.bill("30.00", first=first, second=second)
    said = text_of(files.draw_statement(f.library(), since=cast.TODAY.replace(day=1), day=cast.TODAY))
    for words in ("Statement of account", "IL-2026-00001", "USD 30.00 open on 2 April 2026", "up to 30 days"):
        assert words in said, words


def test_why_an_amount_was_changed_stays_inside(first, second):
    line = actions.add_line(f.library(), kind="other", amount=Decimal("30.00"), why="Copies of maps", key="k",
                            actor=first, now=cast.APRIL)
    actions.verify(line, actor=first, now=cast.APRIL, amount=Decimal("20.00"), why="Their director complained")
    invoice = cast.finish(line.invoice, second)
    said = text_of(files.draw_pdf(invoice, day=cast.TODAY)) + files.draw_xml(invoice).decode() + str(
        files.rows_of(invoice))
    assert "Copies of maps" in said and "complained" not in said


def test_a_statement_of_a_credit_says_so_and_invoices_come_before_payments(first, second):
    from billing.invoices import payments

    invoice = cast.bill("30.00", first=first, second=second)
    payments.enter(invoice.library, payments.Received(kind="cheque", day=cast.TODAY, amount=Decimal("70.00"),
                                                      reference="10482"),
                   key="p", settles=[(invoice, Decimal("30.00"))], actor=first, now=cast.APRIL)
    said = text_of(files.draw_statement(f.library(), since=cast.TODAY.replace(year=2025, month=11, day=30),
                                        day=cast.TODAY))
    assert "USD 40.00 to your credit on 2 April 2026" in said and "30 Nov 2025" in said
    assert said.index("IL-2026-00001") < said.index("10482")


def test_the_address_is_as_the_post_wants_it(first, second):
    abroad = f.library("FVL", name="Fen Vale Library", line1="1 Fen Road", line2="Interlibrary Loan",
                       locality="Ely", country="GB")
    row = cast.bill(library=abroad, first=first, second=second)
    f.institution(country="US")
    text = text_of(files.draw_pdf(row, day=cast.TODAY))
    places = [text.index(words) for words in ("Fen Vale Library", "Interlibrary Loan\r\n1 Fen Road", "Ely",
                                              "UNITED KINGDOM")]
    assert places == sorted(places)
    assert files._address("X", ["12 Mill Road", "Room 4", "Hollin"], "", f.institution()) == [
        "X", "12 Mill Road", "Room 4", "Hollin"], "a part of the street stays under it"
    assert files._address("X", [], "ZZ", f.institution()) == ["X", "ZZ"]


def test_each_librarys_statement_has_a_name_of_its_own(first, second):
    assert files.statement_name(f.library("FVL"), cast.TODAY) == "statement-FVL-2026-04-02.pdf"
    assert files.statement_name(f.library("A/ß \"x"), cast.TODAY) == "statement-A-x-2026-04-02.pdf"


def test_a_draft_says_so_where_its_number_will_stand(first, second):
    actions.add_line(f.library(), kind="other", amount=Decimal(5), why="Copies", key="k", currency="USD", actor=first,
                     now=cast.APRIL)
    page = pypdfium2.PdfDocument(files.draw_pdf(Invoice.objects.get(), day=cast.TODAY))[0].get_textpage()
    place = page.get_text_range().index("Draft")
    kind = page.get_text_range().index("Invoice")
    assert abs(page.get_charbox(place + 4)[2] - page.get_charbox(kind + 6)[2]) < 2, "both end at the right margin"
