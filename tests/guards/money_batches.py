"""Batches in each state, with a message and a file; a download, a token, a list of royalties that is approved."""

from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from billing.api import tokens
from billing.batches.models import (
    Batch,
    BatchInvoice,
    BatchLine,
    BatchSettings,
    BatchStep,
    Download,
    RoyaltyApproval,
)
from billing.ledger import actions as ledger
from billing.models import Period
from billing.talk import actions as talk
from illdesk import actors, attachments
from requests_app.models import RoyaltyList
from tests import factories as f


def build(world) -> None:
    by, office, day = world.people["coordinator"], world.people["budget"], f.NOW.date()
    BatchSettings.objects.create(pk=1, office="x", email="budget@riverside.example")
    ledger.year_of(day)
    period = Period.objects.get(begins__lte=day, ends__gte=day)
    file = attachments.store(("bill", 1), SimpleUploadedFile("bill.pdf", f.pdf()), by=by, now=f.NOW)
    rows = {}
    for place, state in enumerate(("forwarded", "back", "paid"), start=1):
        paid = {"paid": f.NOW, "paid_by": office, "paid_on": day, "reference": "x"} if state == "paid" else {}
        batch = rows[state] = Batch.objects.create(
            number=f"PB-2026-{place:05d}", payee="x", period=period, currency="USD", state=state, forwarded=f.NOW,
            forwarded_by=by, key=f"x:{place}", **paid)
        invoice = BatchInvoice.objects.create(
            batch=batch, kind="royalty", payable=place, number="x", ours="x", day=day, due=day, foreign=9,
            currency="EUR", approved=f.NOW, approved_by="x", hands=[by.pk], files=[file.pk])
        for part, gone in (("1", state), ("2", "back")):
            BatchLine.objects.create(
                batch=batch, invoice=invoice, kind="royalty", payable=place, part=part, fund="ILL-R",
                amount=Decimal("9.50"), what="x", number="B-2026-00001", state=gone, why="x" if gone == "back" else "")
        BatchStep.objects.create(
            batch=batch, what=state, why="x" if state == "back" else "", lines=1, amount=9, at=f.NOW,
            reference="x" if state == "paid" else "", by=office)
    said = talk.say(("batch", rows["forwarded"].pk), "x", key="x", actor=actors.staff(office), now=f.NOW,
                    waiting_for="ill", until=f.DUE)
    attachments.store((talk.FILES, said.pk), SimpleUploadedFile("x.pdf", f.pdf()), by=office, now=f.NOW)
    download = Download.objects.create(batches=[rows["forwarded"].number], form="csv", at=f.NOW, by=office)
    tokens.make(by, "x", actor=actors.staff(by), now=f.NOW)
    listed = RoyaltyList.objects.latest("pk")
    RoyaltyApproval.objects.create(list=listed, why="x")
    world.values |= {
        "batch": rows["forwarded"].number, "batch key": str(rows["forwarded"].pk), "batch file": str(file.pk),
        "download": str(download.pk), "api token": str(by.tokens.get().pk), "royalty list key": str(listed.pk),
    }
