"""The pages: keyed in, answered, disputed, approved; what each role is shown; what was typed is kept."""

import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.approval.models import Delegation
from billing.batches.actions import forward
from billing.batches.models import Batch
from billing.batches.payable import KINDS
from billing.costs.models import Booked, CostPolicy, Rate
from billing.payables import actions, letter, words
from billing.payables.models import PayableFile, PayableInvoice, PayablePolicy
from illdesk.models import Event, OutboxMessage
from requests_app.models import Contact
from tests import factories as f
from tests.billing.payables.cast import line

URL = "/billing/payables/"


def signed(client, actor):
    client.force_login(actor.user)
    return client


def hidden(page, name) -> str:
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.content.decode())[1]


def typed(cast, page, *lines, **more):
    data = {"library": cast.delta.pk, "number": "88213", "dated": "2026-03-10", "currency": "usd", "total": "33,00",
            "key": hidden(page, "key"), "lines-TOTAL_FORMS": str(max(5, len(lines))), "lines-INITIAL_FORMS": "0"}
    for at, said in enumerate(lines):
        data |= {f"lines-{at}-{name}": value for name, value in said.items()}
    return data | more


def test_keyed_in_with_its_paper_on_one_page(client, cast):
    ill = cast.ill()
    page = signed(client, cast.clerk).get(f"{URL}add/")
    data = typed(cast, page, {"number": ill.number, "amount": "15.00"}, {"title": "Ordinances", "amount": "USD 18,00"},
                 paper=SimpleUploadedFile("88213.pdf", f.pdf("one", "two")))
    answer = client.post(f"{URL}add/", data)
    invoice = PayableInvoice.objects.get()
    assert answer.status_code == 302 and (invoice.total, invoice.lines.count()) == (Decimal("33.00"), 2)
    client.post(f"{URL}add/", typed(cast, page, {"number": ill.number, "amount": "15.00"}) | {"key": data["key"]})
    assert PayableInvoice.objects.count() == 1, "the form sent twice is one invoice"
    page = client.get(f"{URL}{invoice.pk}/").content.decode()
    assert "Invoice 88213 from Delta Bay University" in page and "Agrees" in page and "No request found" in page
    assert f"{URL}{invoice.pk}/paper/2.png" in page and f"{URL}{invoice.pk}/paper/3.png" not in page
    picture = client.get(f"{URL}{invoice.pk}/paper/1.png")
    assert picture.content[:4] == b"\x89PNG" and client.get(f"{URL}{invoice.pk}/paper/3.png").status_code == 404


def test_what_cannot_be_read_is_said_and_what_was_typed_stays(client, cast):
    page = signed(client, cast.clerk).get(f"{URL}add/")
    answer = client.post(f"{URL}add/", typed(cast, page, {"number": "B-2026-1", "amount": "12a"},
                                             {"title": "Kept words"}, total=""))
    text = answer.content.decode()
    assert answer.status_code == 422 and "Line 1:" in text and "Line 2:" in text and "Kept words" in text
    more = client.post(f"{URL}add/", typed(cast, page, {"title": "Kept words"}, more="1"))
    text = more.content.decode()
    assert more.status_code == 200 and "lines-9-amount" in text and "Kept words" in text
    assert PayableInvoice.objects.count() == 0


@pytest.mark.parametrize(("field", "said", "sentence"), [
    ("currency", "DOL", "There is no currency DOL"), ("dated", "2036-03-10", "more than a week ahead")])
def test_a_currency_or_a_year_that_cannot_be_is_refused(client, cast, field, said, sentence):
    page = signed(client, cast.clerk).get(f"{URL}add/")
    bad = client.post(f"{URL}add/", typed(cast, page, {"title": "x", "amount": "33.00"}, **{field: said}))
    assert bad.status_code == 422 and sentence in bad.content.decode() and not PayableInvoice.objects.exists()
    given = {"library": cast.delta.pk, "number": "5", "dated": "2026-03-10", "currency": "USD"} | {field: said}
    bad = client.post(f"{URL}files/", given | {"file": SimpleUploadedFile("a.csv", b"Reference;Amount\nx;1,00\n")})
    assert bad.status_code == 422 and sentence in bad.content.decode() and not PayableFile.objects.exists()


def test_a_file_that_was_entered_is_told_in_one_sentence_without_a_button(client, cast):
    signed(client, cast.clerk)
    given = {"library": cast.delta.pk, "number": "5", "dated": "2026-03-10"}
    pages = []
    for name in ("a.csv", "b.csv"):
        upload = SimpleUploadedFile(name, b"Reference;Amount\nx;15,00\n")
        pages.append(client.post(f"{URL}files/", given | {"file": upload}).url)
        if name == "a.csv":
            client.post(f"{pages[0]}enter/")
    for text in (client.get(pages[1]).content.decode(), client.post(f"{pages[1]}enter/").content.decode()):
        assert text.count("This very file was entered already") == 1
        assert 'name="enter"' not in text and f"{pages[1]}discard/" in text


def test_from_the_first_answer_to_the_approval(client, cast):
    ill = cast.ill()
    invoice = cast.invoice(line("18.00", ill.number), line("5.00", title="?"))
    first, second = invoice.lines.order_by("place")
    page = signed(client, cast.clerk).get(f"{URL}{invoice.pk}/").content.decode()
    assert '<details class="ill-talk-form"><summary>' in page, "a message is written by who wants to write one"
    assert "Change</a>" in page and "Key in</a>" not in page
    assert "2 lines need an answer" in page and "M. Chen" in page and "3.00 too much" in page
    assert 'class="ill-btn is-waiting"' in page
    bad = client.post(f"{URL}{invoice.pk}/lines/{first.pk}/", {"do": "accept", "why": ""})
    assert bad.status_code == 422
    client.post(f"{URL}{invoice.pk}/lines/{first.pk}/", {"do": "accept", "why": "rush"})
    client.post(f"{URL}{invoice.pk}/lines/{second.pk}/", {"do": "general", "why": "postage"})
    client.post(f"{URL}{invoice.pk}/ask/", {"seen": PayableInvoice.objects.get().version})
    assert PayableInvoice.objects.get().state == "asked"
    refused = client.post(f"{URL}{invoice.pk}/approve/", {}, follow=True)
    assert refused.status_code == 422 and "You entered this:" in refused.content.decode()
    assert client.get(f"{URL}{invoice.pk}/approve/").url == f"{URL}{invoice.pk}/", "opened as a link it is the invoice"
    assert client.get(f"{URL}{invoice.pk}/nothing/").status_code == 404
    assert Event.objects.filter(name="approval.refused").count() == 1 and Booked.objects.count() == 0
    page = signed(client, cast.chen).get(f"{URL}{invoice.pk}/").content.decode()
    assert "Approve USD 23.00" in page
    stale = client.post(f"{URL}{invoice.pk}/approve/", {"seen": "0"}, follow=True)
    assert "Somebody changed this invoice" in stale.content.decode()
    client.post(f"{URL}{invoice.pk}/approve/", {"seen": PayableInvoice.objects.get().version})
    assert PayableInvoice.objects.get().state == "approved" and Booked.objects.count() == 2
    page = client.get(f"{URL}{invoice.pk}/").content.decode()
    assert "It waits to be forwarded" in page and reverse("batches_waiting") in page
    invoice.refresh_from_db()
    assert KINDS["payable"].waiting()
    forward([invoice.subject], key="b", actor=cast.clerk, now=f.NOW)
    page = client.get(f"{URL}{invoice.pk}/").content.decode()
    assert f"Batch {Batch.objects.get().number}" in page and "It waits to be forwarded" not in page


def test_the_button_says_what_is_booked_of_a_disputed_invoice(client, cast):
    invoice = cast.invoice(line("30.00", cast.ill(cost="30.00").number), line("112.00", title="?"))
    second = invoice.lines.get(place=2)
    actions.dispute(invoice, {second.pk: Decimal(0)}, to="", subject="", body="", actor=cast.clerk, now=f.NOW, key="d")
    actions.ask(invoice, actor=cast.clerk, now=f.NOW)
    page = signed(client, cast.chen).get(f"{URL}{invoice.pk}/").content.decode()
    assert "Approve USD 30.00" in page and "USD 112.00 of it is disputed" in page


def test_approval_of_a_wholly_disputed_invoice_is_not_offered(client, cast):
    invoice = cast.invoice(line("60.00", title="?"))
    actions.dispute(invoice, {invoice.lines.get().pk: Decimal(0)}, to="", subject="", body="", actor=cast.clerk,
                    now=f.NOW, key="d")
    page = signed(client, cast.clerk).get(f"{URL}{invoice.pk}/").content.decode()
    assert "Nothing of this invoice is to be paid" in page and f"{URL}{invoice.pk}/ask/" not in page
    client.post(f"{URL}{invoice.pk}/ask/")
    invoice.refresh_from_db()
    assert invoice.state == "entered"


def test_a_dispute_is_read_before_it_goes_and_goes_once(client, cast):
    Contact.objects.create(library=cast.delta, kind="billing", name="Bills", email="bills@delta.example")
    ill = cast.ill()
    invoice = cast.invoice(line("18.00", ill.number))
    row = invoice.lines.get()
    page = signed(client, cast.clerk).get(f"{URL}{invoice.pk}/dispute/")
    text = page.content.decode()
    assert "bills@delta.example" in text and f"{ill.number}  USD 18.00: more than we agreed (USD 15.00)" in text
    assert 'value="15.00"' in text
    data = {"line": row.pk, f"paid-{row.pk}": "15.00", "to": "bills@delta.example", "subject": "Your invoice",
            "body": "We owe 15.00.", "key": hidden(page, "key"), "seen": hidden(page, "seen"),
            "drafted": hidden(page, "drafted")}
    bad = client.post(f"{URL}{invoice.pk}/dispute/", data | {"to": ""})
    assert bad.status_code == 422 and "We owe 15.00." in bad.content.decode() and not OutboxMessage.objects.filter(
        what="payable_dispute").exists()
    for _turn in range(2):
        client.post(f"{URL}{invoice.pk}/dispute/", data)
    assert OutboxMessage.objects.filter(what="payable_dispute").count() == 1
    row.refresh_from_db()
    assert (row.dispute, row.owed, row.disputed) == ("told", Decimal("15.00"), Decimal("3.00"))
    page = client.get(f"{URL}{invoice.pk}/lines/{row.pk}/").content.decode()
    assert "What did they answer?" in page
    client.post(f"{URL}{invoice.pk}/lines/{row.pk}/", {"do": "settle", "credited": "3,00", "why": "credit note 9"})
    row.refresh_from_db()
    assert (row.dispute, row.credited) == ("ended", Decimal("3.00"))


def test_a_letter_that_was_drafted_for_other_lines_is_not_sent(client, cast):
    invoice = cast.invoice(line("18.00", cast.ill().number), line("5.00", title="?"))
    first, second = invoice.lines.order_by("place")
    page = signed(client, cast.clerk).get(f"{URL}{invoice.pk}/dispute/?line={first.pk}")
    assert "The letter claims USD 3.00 of 1 line." in page.content.decode()
    data = {"line": second.pk, f"paid-{second.pk}": "0", "to": "bills@delta.example", "subject": "Your invoice",
            "body": "Words of mine.", **{name: hidden(page, name) for name in ("key", "seen", "drafted")}}
    bad = client.post(f"{URL}{invoice.pk}/dispute/", data)
    text = bad.content.decode()
    assert bad.status_code == 422 and "drafted for other lines" in text and "Words of mine." in text
    other = data | {"line": first.pk, f"paid-{first.pk}": "1.00"}
    assert client.post(f"{URL}{invoice.pk}/dispute/", other).status_code == 422, "nor for another amount"
    assert not OutboxMessage.objects.filter(what="payable_dispute").exists()
    anew = client.post(f"{URL}{invoice.pk}/dispute/", data | {"letter": "1"})
    assert client.post(f"{URL}{invoice.pk}/dispute/", data | {"drafted": hidden(anew, "drafted")}).status_code == 302
    assert set(invoice.lines.exclude(dispute="")) == {second}


def test_a_letter_does_not_name_the_invoice_of_another_library(cast):
    ill, other = cast.ill(), f.library("OTH", name="Other Library")
    cast.invoice(line(number=ill.number), number="THEIRS-1", library=other.pk)
    twice = cast.invoice(line(number=ill.number), number="A-1")
    thrice = cast.invoice(line(number=ill.number), line(number=ill.number), number="A-2", key="c")
    body = letter.filled(twice, list(twice.lines.all()), language="en")[1]
    assert "charged before" in body and "THEIRS-1" not in body
    body = letter.filled(thrice, list(thrice.lines.order_by("place")[1:]), language="en")[1]
    assert "Dear colleagues" in body and "THEIRS-1" not in body


def test_a_spanish_lender_is_written_to_in_spanish(client, cast):
    cast.delta.country = "MX"
    cast.delta.save()
    invoice = cast.invoice(line("18.00", cast.ill().number))
    page = signed(client, cast.clerk).get(f"{URL}{invoice.pk}/dispute/").content.decode()
    assert "Estimados colegas:" in page and "Hemos revisado su factura" in page and 'lang="es"' in page


def test_two_invoices_side_by_side(client, cast):
    ill = cast.ill()
    first = cast.invoice(line(number=ill.number), number="87950")
    second = cast.invoice(line(number=ill.number), number="087950", key="b")
    page = signed(client, cast.clerk).get(f"{URL}{second.pk}/compare/{first.pk}/").content.decode()
    beside = client.get(f"{URL}{second.pk}/").content.decode()
    assert "the same number" in beside and "9 Mar, USD 15.00)" in beside
    assert "1 line stands on both" in page and "It is the same: refuse 087950" in page
    client.post(f"{URL}{second.pk}/no-twin/", {"why": "another year"})
    second.refresh_from_db()
    assert second.twin_answer == "another year"


def test_a_file_is_looked_at_and_entered_on_its_page(client, cast):
    ill = cast.ill()
    signed(client, cast.clerk)
    upload = SimpleUploadedFile("a.csv", f"Reference;Amount\n{ill.number};15,00\nx;abc\nTotal;16,00\n".encode())
    given = {"library": cast.delta.pk, "number": "5", "dated": "2026-03-10"}
    answer = client.post(f"{URL}files/", given | {"file": upload})
    row = PayableFile.objects.get()
    page = client.get(answer.url).content.decode()
    assert "says a total of 16.00; the lines above it come to 15.00" in page and "The amount cannot be read" in page
    data = {"library": cast.delta.pk, "number": "5", "dated": "2026-03-10", "total": "15.00", "col_number": "0",
            "col_amount": "1", "enter": "1"}
    answer = client.post(f"{URL}files/{row.pk}/", data)
    invoice = PayableInvoice.objects.get()
    assert answer.url == f"{URL}{invoice.pk}/" and invoice.total == Decimal("15.00")
    again = client.post(f"{URL}files/{row.pk}/", data)
    assert again.status_code == 422 and PayableInvoice.objects.count() == 1
    macros = client.post(f"{URL}files/", {"library": cast.delta.pk, "file": SimpleUploadedFile("a.xls", b"\xd0\xcf\x11"
                         b"\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), "dated": "2026-03-10"})
    assert macros.status_code == 422 and "old kind" in macros.content.decode()


def test_the_list_and_its_files(client, cast):
    cast.invoice(line(), number="=1+1")
    signed(client, cast.clerk)
    page = client.get(URL).content.decode()
    assert "Delta Bay University" in page and "=1+1" in page and "Sent back" in page and "?state=approved" in page
    assert "No invoice here" in client.get(f"{URL}?q=zzz").content.decode()
    assert "=1+1" in client.get(f"{URL}?q=delta").content.decode()
    text = b"".join(client.get(f"{URL}export.csv").streaming_content).decode("utf-8-sig")
    assert ",'=1+1," in text


@pytest.mark.parametrize("role", ["student", "patron", "budget", "lending staff", "administrator"])
def test_others_see_nothing_of_it(client, cast, role):
    invoice = cast.invoice(line())
    signed(client, f.staff(role))
    for url in (URL, f"{URL}{invoice.pk}/", f"{URL}{invoice.pk}/paper/1.png"):
        assert client.get(url).status_code in (403, 404)
    assert client.post(f"{URL}{invoice.pk}/approve/").status_code == 403


# --- deputies, rates, funds ----------------------------------------------------------------------------------


def test_a_right_is_lent_to_a_deputy_who_sees_that_money_and_taken_back(client, cast):
    signed(client, cast.chen)
    page = client.get("/billing/deputies/")
    assert cast.clerk.user.shown_name in page.content.decode()
    data = {"right": "approve_payables", "to": cast.clerk.user.pk, "begins": "2026-11-30", "ends": "2031-01-01"}
    bad = client.post("/billing/deputies/", data)
    assert bad.status_code == 422 and "a year at most" in bad.content.decode()
    from django.utils import timezone

    today = timezone.localdate().isoformat()
    for _turn in range(2):
        client.post("/billing/deputies/", data | {"begins": today, "ends": today})
    row = Delegation.objects.get()
    assert Event.objects.filter(name="delegation.given").count() == 1
    blind = data | {"to": f.user("student").pk, "begins": today, "ends": today}
    assert client.post("/billing/deputies/", blind).status_code == 422
    signed(client, f.staff("supervisor"))
    client.post(f"/billing/deputies/{row.pk}/end/")
    row.refresh_from_db()
    assert row.ended is not None, "who manages money takes back what another lent"
    assert signed(client, cast.clerk).get("/billing/deputies/").status_code == 200
    assert client.post("/billing/deputies/", data).status_code == 403
    assert signed(client, f.staff("lending staff")).get("/billing/deputies/").status_code == 403
    assert client.post(f"/billing/deputies/{row.pk}/end/").status_code == 403


def test_rates_and_funds_are_entered_by_who_manages_money(client, cast):
    signed(client, cast.clerk)
    data = {"currency": "eur", "on": "2026-03-01", "rate": "1.0853", "source": "ECB"}
    assert client.get("/billing/rates/").status_code == 200
    assert client.post("/billing/rates/add/", data).status_code == 403 and Rate.objects.count() == 0
    assert client.get("/billing/costs/").status_code == 403
    signed(client, cast.chen)
    assert client.post("/billing/rates/add/", data).status_code == 302
    assert client.post("/billing/rates/add/", data | {"rate": "0"}).status_code == 422
    assert client.post("/billing/rates/add/", data | {"currency": "USD"}).status_code == 422
    assert Rate.objects.get().rate == Decimal("1.0853")
    chosen = {"borrowing_fund": cast.other_fund.pk, "lost_fund": "", "tolerance": "0.50"}
    answer = client.post("/billing/costs/", chosen)
    assert answer.status_code == 302 and CostPolicy.current().borrowing_fund == cast.other_fund
    assert PayablePolicy.current().tolerance == Decimal("0.50")
    assert client.post("/billing/costs/", {"tolerance": "-1"}).status_code == 422


def test_a_mailed_invoice_is_keyed_in_beside_its_pdf(client, cast):
    row = actions.from_mail("ill@delta.example", "Invoice", [actions.Part("a.pdf", f.pdf("x"))], key="m", now=f.NOW)
    signed(client, cast.clerk)
    page = client.get(f"{URL}{row.pk}/").content.decode()
    assert "Invoice by e-mail from" in page and "not keyed in yet" in page and "Key in" in page
    page = client.get(f"{URL}{row.pk}/edit/")
    assert f"{URL}{row.pk}/paper/1.png" in page.content.decode()
    answer = client.post(f"{URL}{row.pk}/edit/", typed(
        cast, page, {"title": "x", "amount": "33"}, seen=hidden(page, "seen")))
    row.refresh_from_db()
    assert answer.status_code == 302 and (row.state, row.entered_by) == ("entered", cast.clerk.user)


def test_several_are_named_in_a_sentence():
    assert words.joined([]) == "" and words.joined(["1"]) == "1" and words.joined(["1", "3", "4"]) == "1, 3 and 4"
    assert words.joined(["D. Abernathy", "H. Begay"], either=True) == "D. Abernathy or H. Begay"
