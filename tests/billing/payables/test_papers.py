"""Libraries print titles and patrons' names on their invoices: the budget office has our cover sheet until somebody of
the department has looked at the paper and passed it on."""

import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.batches import actions as batches
from billing.batches import files, queries
from billing.batches.models import Batch
from billing.payables import actions, kept
from billing.payables.models import PayableInvoice
from illdesk.errors import NotAllowed, Stale
from illdesk.models import Event
from tests import factories as f
from tests.billing.batches.test_files import pdf_text
from tests.billing.payables.cast import line
from tests.billing.payables.test_views import hidden, typed

URL = "/billing/payables/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(cast):
    other = cast.ill("Other", cost="18.00")
    row = cast.invoice(line("15.00", cast.ill().number), line("18.00", other.number), total="33.00")
    stored = kept.keep(row.subject, "a.pdf", f.pdf("Patron: Jane Doe"), by=None, now=f.NOW)
    kept.keep(row.subject, "table.csv", b"Patron;Amount\nJane Doe;15\n", by=None, now=f.NOW)
    PayableInvoice.objects.filter(pk=row.pk).update(paper=stored)
    return row


def forwarded(cast, invoice) -> Batch:
    cast.approve(invoice)
    return batches.forward([("payable", invoice.pk)], key="b", actor=cast.chen, now=f.NOW)[0]


def names_of(batch) -> set[str]:
    found = queries.contents([queries.batches().get(pk=batch.pk)])
    with files.zipped(found, now=f.NOW) as file, zipfile.ZipFile(file) as archive:
        return {name.rpartition("/")[2] for name in archive.namelist()}


def signed(client, user):
    client.force_login(user)
    return client


def test_the_budget_office_has_the_cover_sheet_until_somebody_looked_at_the_paper(client, cast, invoice):
    batch = forwarded(cast, invoice)
    paper = PayableInvoice.objects.get(pk=invoice.pk).paper
    came, page_url = f"/billing/batches/{batch.number}/came/{paper.pk}/", f"/billing/batches/{batch.number}/"
    budget = f.user("budget")
    page = signed(client, budget).get(page_url).content.decode()
    assert "The cover sheet stands for the paper of 88213" in page and "A. Staff" in page and "a.pdf" not in page
    assert client.get(came).status_code == client.get(f"/files/{paper.pk}/").status_code == 404
    assert "a.pdf" not in names_of(batch)
    assert client.get(f"/api/v1/batches/{batch.number}/").json()["papers"] == [
        {"invoice": "88213", "our_number": "", "passed_on": False}]

    page = signed(client, cast.clerk.user).get(f"{URL}{invoice.pk}/").content.decode()
    assert "No titles or names on it: pass it on" in page
    assert client.post(f"{URL}{invoice.pk}/pass-on/", {"paper": paper.pk}).status_code == 302
    row = PayableInvoice.objects.get(pk=invoice.pk)
    assert row.paper_passed and row.paper_passed_by == cast.clerk.user
    page = client.get(f"{URL}{invoice.pk}/").content.decode()
    assert "A. Staff looked at it and passed it on" in page and "The paper may be passed on" in page

    page = signed(client, budget).get(page_url).content.decode()
    assert "a.pdf" in page and "cover sheet stands" not in page
    assert client.get(came).status_code == 200 and {"a.pdf"} == {one for one in names_of(batch) if one[0] == "a"}
    assert client.get(f"/files/{paper.pk}/").status_code == 404, "only as part of its batch"
    assert "table.csv" not in names_of(batch), "what else came with it is not part of what was looked at"
    assert client.get(f"/api/v1/batches/{batch.number}/").json()["papers"][0]["passed_on"] is True


def test_it_is_kept_back_after_all(client, cast, invoice):
    batch = forwarded(cast, invoice)
    paper = PayableInvoice.objects.get(pk=invoice.pk).paper_id
    actions.pass_on(invoice, paper=paper, actor=cast.clerk, now=f.NOW)
    signed(client, cast.clerk.user).post(f"{URL}{invoice.pk}/keep-back/", {"paper": paper})
    assert PayableInvoice.objects.get(pk=invoice.pk).paper_passed is None and "a.pdf" not in names_of(batch)
    assert [one.name for one in Event.objects.filter(subject_id=invoice.pk, name__startswith="payable.paper").order_by(
        "pk")] == ["payable.paper_passed", "payable.paper_kept_back"]


def test_said_twice_the_first_said_it(cast, invoice):
    paper = PayableInvoice.objects.get(pk=invoice.pk).paper_id
    actions.pass_on(invoice, paper=paper, actor=cast.clerk, now=f.NOW)
    actions.pass_on(invoice, paper=paper, actor=cast.chen, now=f.later(days=1))
    row = PayableInvoice.objects.get(pk=invoice.pk)
    assert (row.paper_passed, row.paper_passed_by) == (f.NOW, cast.clerk.user)
    assert Event.objects.filter(name="payable.paper_passed").count() == 1


def test_another_paper_has_to_be_looked_at_anew(client, cast, invoice):
    first = PayableInvoice.objects.get(pk=invoice.pk).paper_id
    actions.pass_on(invoice, paper=first, actor=cast.clerk, now=f.NOW)
    page = signed(client, cast.clerk.user).get(f"{URL}{invoice.pk}/edit/")
    answer = client.post(f"{URL}{invoice.pk}/edit/", typed(
        cast, page, {"title": "x", "amount": "33"}, seen=hidden(page, "seen"),
        paper=SimpleUploadedFile("b.pdf", f.pdf("Jane Doe"))))
    row = PayableInvoice.objects.get(pk=invoice.pk)
    assert answer.status_code == 302 and row.paper.name == "b.pdf" and row.paper_passed is None
    with pytest.raises(Stale, match="Another paper"):
        actions.pass_on(invoice, paper=first, actor=cast.clerk, now=f.NOW)
    PayableInvoice.objects.filter(pk=invoice.pk).update(paper=None)
    with pytest.raises(NotAllowed, match="No paper"):
        actions.pass_on(invoice, paper=None, actor=cast.clerk, now=f.NOW)


def test_only_who_works_on_invoices_passes_a_paper_on(client, cast, invoice):
    paper = PayableInvoice.objects.get(pk=invoice.pk).paper_id
    for role in ("budget", "patron", "lending staff"):
        assert signed(client, f.user(role)).post(f"{URL}{invoice.pk}/pass-on/", {"paper": paper}).status_code == 403
        with pytest.raises(NotAllowed):
            actions.pass_on(invoice, paper=paper, actor=f.staff(role), now=f.NOW)
    for said in ("", "x", "-1", "9" * 30, str(paper + 999)):
        assert signed(client, cast.clerk.user).post(f"{URL}{invoice.pk}/pass-on/", {"paper": said}).status_code == 422
    assert PayableInvoice.objects.get(pk=invoice.pk).paper_passed is None


def test_a_part_that_was_sent_back_bears_the_same_paper_as_its_invoice(cast, invoice):
    batch = forwarded(cast, invoice)
    paper = PayableInvoice.objects.get(pk=invoice.pk).paper_id
    one = batch.lines.order_by("pk").first()
    actions.pass_on(invoice, paper=paper, actor=cast.clerk, now=f.NOW)
    batches.send_back(batch, [one.pk], "wrong fund", version=Batch.objects.get(pk=batch.pk).version,
                      actor=f.staff("budget"), now=f.NOW)
    part = PayableInvoice.objects.get(part_of=invoice.pk)
    assert part.paper_passed == f.NOW
    actions.keep_back(part, paper=paper, actor=cast.clerk, now=f.NOW)
    assert not PayableInvoice.objects.exclude(paper_passed=None).exists() and "a.pdf" not in names_of(batch)


def test_the_cover_sheet_says_for_which_paper_it_stands(cast, invoice):
    batch = forwarded(cast, invoice)
    found = queries.contents([queries.batches().get(pk=batch.pk)])
    assert "stands for the paper of 88213" in " ".join(pdf_text(files.pdf(found, now=f.NOW)).split())
    actions.pass_on(invoice, paper=PayableInvoice.objects.get(pk=invoice.pk).paper_id, actor=cast.clerk, now=f.NOW)
    assert "stands for the paper" not in " ".join(pdf_text(files.pdf(found, now=f.NOW)).split())


@pytest.mark.parametrize("over", ["paid", "rejected"])
def test_the_paper_of_what_is_over_is_neither_passed_on_nor_kept_back(client, cast, invoice, over):
    url = f"{URL}{invoice.pk}/"
    signed(client, cast.clerk.user)
    assert f"{url}pass-on/" in client.get(url).content.decode()
    actions.pass_on(invoice, paper=PayableInvoice.objects.get(pk=invoice.pk).paper_id, actor=cast.clerk, now=f.NOW)
    assert f"{url}keep-back/" in client.get(url).content.decode()
    if over == "rejected":
        actions.reject(invoice, "not ours", actor=cast.clerk, now=f.NOW)
    else:
        cast.approve(invoice)
        assert f"{url}keep-back/" in client.get(url).content.decode(), "the budget office has it in its batch"
        actions.paid(invoice.pk, [str(one.pk) for one in invoice.lines.all()], f.NOW.date(), "W-1", cast.chen, f.NOW)
    page = client.get(url).content.decode()
    assert PayableInvoice.objects.get(pk=invoice.pk).state == over
    assert f"{url}keep-back/" not in page and f"{url}pass-on/" not in page
    assert ("passed it on" in page.partition("<aside aria-label=\"The invoice")[2]) == (over == "paid")
