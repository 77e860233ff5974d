"""Tables taken in: looked at first, entered once, nothing lost; long ones by a job; mail with its PDF and table."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import xlsxwriter

from billing.payables import actions, kept, sheets
from billing.payables.actions import Part, files
from billing.payables.models import PayableFile, PayableInvoice, PayableLayout
from illdesk import jobs
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Attachment, Job
from requests_app.models import Contact
from tests import factories as f
from tests.billing.payables.cast import DAY, Cast
from tests.billing.payables.test_actions import at_once

GIVEN = {"number": "88213", "dated": DAY.isoformat(), "due": "", "currency": "", "total": ""}


def look(cast, text, *, given=None, name="charges.csv", library=True):
    content = text.encode() if isinstance(text, str) else text
    return actions.look_at(content, name=name, library=cast.delta.pk if library else None,
                           given=GIVEN | (given or {}), actor=cast.clerk, now=f.NOW)


def test_a_file_is_looked_at_then_entered_and_matched(cast):
    ill = cast.ill()
    row = look(cast, f"Reference;Title;Amount USD\n{ill.number};Peat;15,00\n?;Ordinances;1.094,00\nx;y;abc\n"
                     "Total;;1.109,00\n")
    assert PayableInvoice.objects.count() == 0 and row.counted["lines"] == 2 and row.counted["left_out"] == 1
    assert row.problems == [[4, "amount", "abc", True]]
    row = actions.enter_file(row, actor=cast.clerk, now=f.NOW)
    invoice = row.invoices.get()
    assert (row.state, invoice.state, invoice.total, invoice.how) == (
        "entered", "entered", Decimal("1109.00"), "file")
    assert list(invoice.lines.values_list("place", "result")) == [(1, "agrees"), (2, "not_found")]
    assert [one.found["row"] for one in invoice.lines.order_by("place")] == [2, 3], "the row of the file stays beside"
    assert Attachment.objects.get(subject_kind="payable_file", subject_id=row.pk).content_type == "text/csv"
    with pytest.raises(NotAllowed, match="decided on already"):
        actions.enter_file(row, actor=cast.clerk, now=f.NOW)


def test_the_same_file_a_second_time_is_told(cast):
    text = "Reference;Amount\nB-2026-00001;15,00\n"
    actions.enter_file(look(cast, text), actor=cast.clerk, now=f.NOW)
    again = look(cast, text, name="again.csv")
    assert "entered already" in files.same_file(again)
    with pytest.raises(NotAllowed, match=r"This very file was entered already, .*charges\.csv"):
        actions.enter_file(again, actor=cast.clerk, now=f.NOW)
    assert PayableInvoice.objects.count() == 1
    actions.reject(PayableInvoice.objects.get(), "a test", actor=cast.clerk, now=f.NOW)
    actions.enter_file(PayableFile.objects.get(pk=again.pk), actor=cast.clerk, now=f.NOW)
    assert PayableInvoice.objects.count() == 2


def test_several_invoices_in_one_file_become_several(cast):
    row = look(cast, "Invoice no;Reference;Amount\nA-1;B-2026-00001;10,00\nA-1;B-2026-00002;5,00\n"
                     "A-2;B-2026-00003;7,00\n", given={"number": ""})
    actions.enter_file(row, actor=cast.clerk, now=f.NOW)
    assert list(PayableInvoice.objects.order_by("number").values_list("number", "total", "state")) == [
        ("A-1", Decimal("15.00"), "entered"), ("A-2", Decimal("7.00"), "entered")]
    assert [list(one.lines.order_by("place").values_list("place", flat=True)) for one in
            PayableInvoice.objects.order_by("number")] == [[1, 2], [1]]


@pytest.mark.parametrize(("given", "field"), [({"number": ""}, "number"), ({"dated": ""}, "dated")])
def test_what_the_file_does_not_say_is_asked_for(cast, given, field):
    row = look(cast, "Reference;Amount\nB-2026-00001;15,00\n", given=given)
    with pytest.raises(BadAnswer) as refusal:
        actions.enter_file(row, actor=cast.clerk, now=f.NOW)
    assert refusal.value.field == field and PayableInvoice.objects.count() == 0


def test_several_currencies_are_asked_about(cast):
    row = look(cast, "Reference;Amount\nB-2026-00001;15,00 €\nB-2026-00002;GBP 3\n")
    with pytest.raises(BadAnswer, match="several currencies"):
        actions.enter_file(row, actor=cast.clerk, now=f.NOW)


def test_rows_of_another_currency_or_of_no_invoice_stand_in_the_list(cast):
    row = look(cast, "Reference;Amount\nB-2026-00001;15,00 €\nB-2026-00002;GBP 3\n", given={"currency": "EUR"})
    row = actions.enter_file(row, actor=cast.clerk, now=f.NOW)
    assert [one[:2] for one in row.problems] == [[3, "currency"]] and row.invoices.get().lines.count() == 1
    row = look(cast, "Invoice no;Reference;Amount\nA-1;x;10,00\nA-2;y;5,00\n;z;7,00\n", given={"number": ""})
    row = actions.enter_file(row, actor=cast.clerk, now=f.NOW)
    assert row.problems == [[4, "no_invoice", "z  7.00", True]]


def test_columns_chosen_once_are_known_the_next_time(cast):
    text = "Ihre Nr.;Was;Summe netto\nB-2026-00001;Kopie;12,00\n"
    row = look(cast, text)
    assert row.counted == {}
    given = GIVEN
    row = files.choose(row, mapping={"number": 0, "title": 1, "amount": 2}, order="dmy", sheet="",
                       library=cast.delta.pk, given=given, actor=cast.clerk, now=f.NOW)
    assert row.counted["lines"] == 1 and PayableLayout.objects.get().library == cast.delta
    assert look(cast, text.replace("00001", "00002")).counted["lines"] == 1
    other = actions.look_at(text.encode(), name="x.csv", library=f.library("OAK", name="Oak").pk, given=GIVEN,
                            actor=cast.clerk, now=f.NOW)
    assert other.counted == {}, "another library's columns are its own"


@pytest.mark.parametrize(("content", "words"), [
    (b"", "empty"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old kind"), (b"PK\x03\x04 broken", "no workbook"),
    (f.pdf("Invoice"), "no table"), (b"\x00\x01\x02\x03" * 100, "no table"),
])
def test_what_is_no_table_is_refused_and_nothing_is_kept(cast, content, words):
    with pytest.raises(BadAnswer, match=words):
        look(cast, content)
    assert PayableFile.objects.count() == Attachment.objects.filter(subject_kind="payable_file").count() == 0


def test_a_long_file_goes_on_in_a_job_and_each_slice_is_entered_once(cast, monkeypatch):
    monkeypatch.setattr(files, "AT_ONCE", 5)
    monkeypatch.setattr(files, "A_SLICE", 4)
    lines = "".join(f"B-2026-{place:05d};1,00\n" for place in range(1, 12))
    row = actions.enter_file(look(cast, f"Reference;Amount\n{lines}"), actor=cast.clerk, now=f.NOW)
    job = Job.objects.get(pk=row.job)
    assert (job.state, jobs.counts(job).done) == (Job.FINISHED, 4)
    invoice = PayableInvoice.objects.get()
    assert (invoice.state, invoice.total) == ("entered", Decimal("11.00"))
    assert list(invoice.lines.order_by("place").values_list("place", flat=True)) == list(range(1, 12))


def workbook(*sheets):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, many in sheets:
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Reference", "Amount"])
            for place in range(1, many + 1):
                sheet.write_row(place, 0, [f"B-2026-{place:05d}", 1])
    return out.getvalue()


def rows_kept():
    return list(Attachment.objects.filter(subject_kind="payable_rows").values_list("name", flat=True))


@pytest.mark.parametrize("lost", [False, True])
def test_a_long_workbook_is_unfolded_once_and_each_slice_reads_only_its_rows(cast, monkeypatch, lost):
    monkeypatch.setattr(files, "AT_ONCE", 5)
    monkeypatch.setattr(files, "A_SLICE", 4)
    monkeypatch.setattr(sheets, "LONG", 5)
    row = look(cast, workbook(("Charges", 11)), name="charges.xlsx")
    assert rows_kept() == ["Charges"]
    kept_rows = Attachment.objects.get(subject_kind="payable_rows")
    whole = Attachment.objects.get(subject_kind="payable_file", subject_id=row.pk)
    # What is not needed is broken: the workbook; or the unfolded rows are lost, and the workbook still has all.
    gone = kept_rows if lost else whole
    gone.file.storage.delete(gone.file.name)
    actions.enter_file(row, actor=cast.clerk, now=f.NOW)
    invoice = PayableInvoice.objects.get()
    assert (invoice.state, invoice.total, invoice.lines.count()) == ("entered", Decimal("11.00"), 11)
    assert rows_kept() == [], "entered, it is not needed any more"


def test_another_sheet_is_unfolded_in_the_place_of_the_first(cast, monkeypatch):
    monkeypatch.setattr(sheets, "LONG", 5)
    row = look(cast, workbook(("A", 9), ("B", 7), ("C", 2)), name="three.xlsx")
    assert (row.counted["lines"], rows_kept()) == (9, ["A"])
    for sheet, lines, kept_now in (("B", 7, ["B"]), ("C", 2, []), ("A", 9, ["A"])):
        row = files.choose(row, mapping={"number": 0, "amount": 1}, order="", sheet=sheet, library=cast.delta.pk,
                           given=GIVEN, actor=cast.clerk, now=f.NOW)
        assert (row.counted["lines"], rows_kept()) == (lines, kept_now)
    row = files.choose(row, mapping={"amount": 1}, order="", sheet="A", library=cast.delta.pk, given=GIVEN,
                       actor=cast.clerk, now=f.NOW)
    assert (row.counted["lines"], rows_kept()) == (9, ["A"]), "other columns of the same sheet read the same rows"
    actions.discard(row, actor=cast.clerk, now=f.NOW)
    assert rows_kept() == []


def test_a_job_that_failed_in_the_middle_is_not_all_lines(cast, monkeypatch):
    monkeypatch.setattr(files, "AT_ONCE", 5)
    monkeypatch.setattr(files, "A_SLICE", 4)
    read = files._read_slice

    def fails(row, at):
        if at == 1:
            raise ZeroDivisionError
        return read(row, at)

    monkeypatch.setattr(files, "_read_slice", fails)
    lines = "".join(f"B-2026-{place:05d};1,00\n" for place in range(1, 12))
    row = actions.enter_file(look(cast, f"Reference;Amount\n{lines}"), actor=cast.clerk, now=f.NOW)
    job = Job.objects.get(pk=row.job)
    assert (jobs.counts(job).failed, PayableInvoice.objects.get().state) == (2, "reading")
    monkeypatch.setattr(files, "_read_slice", read)
    jobs.retry(job, by=cast.clerk.user, now=f.NOW)
    assert PayableInvoice.objects.get().state == "entered" and PayableInvoice.objects.get().lines.count() == 11


@pytest.mark.django_db(transaction=True)
def test_the_same_file_entered_by_two_at_once_is_entered_once():
    cast = Cast()
    text = "Reference;Amount\nB-2026-00001;15,00\n"
    rows = [look(cast, text), look(cast, text)]
    said = at_once(*[lambda row=row: actions.enter_file(row, actor=cast.clerk, now=f.NOW) for row in rows * 2])
    assert sum(isinstance(one, PayableFile) for one in said) == 1
    assert all(isinstance(one, (PayableFile, NotAllowed)) for one in said), said
    assert PayableInvoice.objects.count() == 1 and PayableInvoice.objects.get().lines.count() == 1


# --- by mail -------------------------------------------------------------------------------------------------


def mail(cast, *parts, sender="Accounts <ILL@Delta.example>", key="<m1@delta>"):
    return actions.from_mail(sender, "Invoice 88213", parts, key=key, now=f.NOW)


def test_a_mail_becomes_an_invoice_to_key_in_with_its_pdf_kept(cast):
    row = mail(cast, Part("invoice.pdf", f.pdf("88213")), Part("tool.exe", b"MZ\x00\x01\x02"))
    assert (row.state, row.library, row.how, row.paper.content_type) == (
        "received", cast.delta, "mail", "application/pdf")
    assert "tool.exe" in row.note and row.entered_by is None
    assert mail(cast, Part("invoice.pdf", f.pdf("88213"))) == row and PayableInvoice.objects.count() == 1
    keyed = actions.change(row, cast.head("15.00"), [actions.Typed(amount=Decimal(15))], seen=row.version,
                           actor=cast.clerk, now=f.NOW)
    assert (keyed.state, keyed.entered_by, keyed.paper) == ("entered", cast.clerk.user, row.paper)


def test_a_table_in_a_mail_is_looked_at_and_entered_into_the_same_invoice(cast):
    ill = cast.ill()
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Request", "Amount"])
    sheet.write_row(1, 0, [ill.number, 15])
    book.close()
    row = mail(cast, Part("invoice.pdf", f.pdf("88213")), Part("lines.xlsx", out.getvalue()))
    assert row.file.counted["lines"] == 1 and row.state == "received"
    looked = files.choose(row.file, mapping={"number": 0, "amount": 1}, order="", sheet="", library=cast.delta.pk,
                          given=GIVEN | {"mail": row.pk}, actor=cast.clerk, now=f.NOW)
    actions.enter_file(looked, actor=cast.clerk, now=f.NOW)
    row.refresh_from_db()
    assert PayableInvoice.objects.count() == 1
    assert (row.state, row.number, row.entered_by, row.lines.get().result) == (
        "entered", "88213", cast.clerk.user, "agrees")


def test_whose_mail_it_is_by_address_contact_or_a_domain_of_its_own(cast):
    Contact.objects.create(library=cast.delta, kind="billing", name="Bills", email="money@delta-bay.example")
    assert mail(cast, sender="money@delta-bay.example", key="a").library == cast.delta
    assert mail(cast, sender="someone@delta.example", key="b").library == cast.delta
    f.library("OAK", name="Oak", email="x@delta.example")
    assert mail(cast, sender="someone@delta.example", key="c").library is None
    assert mail(cast, sender="nobody", key="d").library is None


@pytest.mark.nodb
def test_what_a_file_is_its_content_says():
    assert kept.kind_of("a;b\né;1".encode("latin-1")) == "csv" == kept.kind_of("a;b".encode("utf-16"))
    assert kept.kind_of(f.pdf("x")) == "pdf" and kept.kind_of(b"MZ\x00\x01\x02\x03") is None


def test_six_months_are_counted_to_the_day(cast):
    from billing.payables import queries

    invoice = cast.invoice(actions.Typed(amount=Decimal(1)), dated=date(2025, 8, 31))
    assert invoice.clock.isoformat() == "2026-02-28"
    assert queries.late(invoice, invoice.clock) == "soon" and queries.late(
        invoice, invoice.clock + timedelta(days=1)) == "late"
    assert queries.late(invoice, invoice.clock - timedelta(days=31)) == ""
