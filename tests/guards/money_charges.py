"""Objects of charges for the guards: one of everything."""

from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from billing.appeals import actions as appeals
from billing.appeals.actions import Decision
from billing.charges import actions, declared, payments
from billing.charges.actions import New
from billing.charges.models import ChargePolicy, ChargeTerms, Waiver
from billing.charges.payments import Paid
from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from billing.local.sftp.models import SftpArrival, SftpServer
from illdesk import actors, attachments
from tests import factories as f


def build(world) -> None:
    by, now = actors.staff(world.people["supervisor"]), f.NOW
    mine, other = world.patron, f.patron()
    ChargePolicy.objects.create(pk=1, how_to_pay="At the desk.", waive_above=1)
    ChargeTerms.objects.create(status="")
    ill = world.ills["borrowing"]
    row = actions.charge("guard", mine.pk, New("other", Decimal(40), "other", ill=ill.pk, note="x"), actor=by, now=now)
    theirs = actions.charge("guard 2", other.pk, New("other", Decimal(9), "other"), actor=by, now=now)
    lost = actions.charge("guard 3", mine.pk, New("lost", Decimal(90), "lost_by_patron", ill=ill.pk, fee=Decimal(5),
                                                  provisional=True), actor=by, now=now)
    declared.found(lost, actor=by, now=now)
    receipt = payments.pay("guard pay", mine.pk, Paid(Decimal(3), "card", date(2026, 3, 2), "x"), actor=by, now=now)
    payments.pay("guard pay 2", other.pk, Paid(Decimal(30), "cash", date(2026, 3, 2)), actor=by, now=now)
    actions.waive(row, Decimal(2), "small", key="guard waiver", actor=by, now=now, note="x")
    waiver = Waiver.objects.get()
    declared.hold(ill, actor=by, now=now, note="x")
    first = appeals.appeal(row, "No.", key="guard appeal", actor=actors.patron(mine.user), now=now)
    appeals.decide(first, Decision("denied", "x"), actor=actors.staff(world.people["coordinator"]), now=now)
    appeal = appeals.appeal(row, "No.", key="guard again", actor=actors.patron(mine.user), now=now)
    file = attachments.store(appeal.subject, SimpleUploadedFile("a.pdf", f.pdf()), by=mine.user, now=now)
    LocalSystem.objects.create(pk=1, kind="sftp", key="x", url="x", options={"folder": ""}, tested=now, test_words="x")
    SftpServer.objects.create(
        pk=1, host="x", user="x", password="x", private_key="x", public_key="x", out_folder="x", in_folder="x",
        done_folder="x", key_kind="x", fingerprint="x", confirmed=now, confirmed_by=by.user, seen_kind="x",
        seen_fingerprint="y", seen_at=now, failures=1, failing_since=now, next_try=now, why="x", tested=now,
        test_steps=[[True, "x"], [False, "x"]])
    made = LocalFile.objects.create(number="LF-2026-00001", made=now, by=by.user, key="x", lines=1, total=9,
                                    by_sftp=True, why="x", next_try=now)
    attachments.store(("local_file", made.pk), SimpleUploadedFile("a.csv", b"number\n1\n"), by=by.user, now=now)
    part = LocalPart.objects.create(charge=theirs, amount=9, state="refused", reference="x", there_state="x",
                                    last_error="x", next_try=now, made=now, file=made)
    LocalPart.objects.create(charge=row, amount=9, state="there", reference="x", there_state="x", asked=now,
                             there_open=5, next_try=now, made=now)
    LocalAnswer.objects.create(file_name="x", sha256="0" * 64, at=now, by=by.user, problems=[[2, "state", "x"]])
    kept = attachments.keep(("sftp_arrival", 1), "a.csv", b"x", "application/octet-stream", by=None, now=now)
    bad = SftpArrival.objects.create(name="x", size=1, modified=1, looked=now, state="bad", at=now, why="x", file=kept)
    SftpArrival.objects.create(name="x", size=2, modified=1, looked=now)
    SftpArrival.objects.create(name="x", size=3, modified=1, looked=now, state="read", at=now, why="x")
    world.values |= {
        "sftp arrival": str(bad.pk), "charge": row.number, "charge of another": theirs.number, "patron": str(mine.pk),
        "receipt": receipt.number, "waiver": str(waiver.pk), "charged request": ill.number, "appeal": str(appeal.pk),
        "local file": made.number, "local part": str(part.pk), "appeal file": str(file.pk),
    }
