"""Charges in files, and acknowledgements that come back: each counted once, bad lines listed."""

import csv
import io

import pytest

from billing.appeals import actions as appeals
from billing.charges.models import ChargePayment
from billing.local import actions, export_file, files, sweeps
from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from illdesk import actors
from illdesk.errors import BadAnswer
from tests import factories as f
from tests.billing.charges.cast import D, charged, check, check_local, fresh, paid

pytestmark = pytest.mark.django_db
LATER = f.later(days=20)


@pytest.fixture(autouse=True)
def storage(tmp_path, settings):
    (tmp_path / "kept").mkdir()
    settings.STORAGES = settings.STORAGES | {"default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "kept"}}}


@pytest.fixture(autouse=True)
def system():
    return LocalSystem.objects.create(pk=1, kind="file", after_days=14, options={})


def made(key="k", now=LATER) -> LocalFile | None:
    actions.prepare(now=now)
    return files.write(key, actor=f.staff(), now=now)


def lines(file) -> list[dict]:
    return list(csv.DictReader(io.StringIO(files.content(file).decode("utf-8-sig"))))


def said(*rows: str, head="number,state,reference,paid,open,words") -> bytes:
    return "\n".join([head, *rows]).encode()


def read(data: bytes, now=LATER) -> LocalAnswer:
    return files.read("ack.csv", data, actor=f.staff(), now=now)


def test_what_waits_goes_into_one_file_and_is_handed_over_when_it_is_acknowledged():
    row = charged()
    file = made()
    assert made() == file and made("other") is None
    assert lines(file) == [{
        "number": row.number, "action": "charge", "card": row.patron.card, "amount": "40.00", "currency": "USD",
        "kind": "other", "day": "2026-03-02", "request": ""}]
    assert (file.lines, file.total) == (1, D(40)) and fresh(row).handed == 0, "nobody has said yes yet"
    data = said(f"{row.number},accepted,X-1,,,")
    assert read(data).accepted == 1 and read(data).pk == LocalAnswer.objects.get().pk
    assert fresh(row).handed == D(40) and LocalPart.objects.get().reference == "X-1"
    check(row.patron), check_local()


def test_refused_lines_wait_for_a_person_and_payments_are_entered_once():
    good, bad = charged(key="a"), charged(key="b")
    made()
    read(said(f"{good.number},accepted,X,,,", f"{bad.number},refused,,,,No such person"))
    part = LocalPart.objects.get(charge=bad)
    assert (part.state, part.last_error) == ("refused", "No such person") and fresh(bad).handed == 0
    read(said(f"{good.number},paid,,15.00,25.00,"))
    read(said(f"{good.number},paid,,15.00,25.00,again"))
    assert fresh(good).paid == D(15) and ChargePayment.objects.count() == 1 and actions.differing() == [part]
    check(good.patron), check_local()


def test_paid_before_it_was_acknowledged_counts_as_both():
    row = charged()
    made()
    assert (lambda one: (one.accepted, one.paid))(read(said(f"{row.number},paid,X,40,0,"))) == (1, 1)
    assert fresh(row).open == 0
    check(row.patron), check_local()


def test_what_became_less_and_what_is_appealed_goes_into_the_next_file():
    row = charged()
    made()
    read(said(f"{row.number},accepted,X,,,"))
    paid(row.patron, "10.00", now=LATER)
    appeals.appeal(row, "No.", key="a", actor=actors.patron(row.patron.user), now=LATER)
    assert [(one["action"], one["amount"]) for one in lines(made("second"))] == [("take_off", "10.00"), ("dispute", "")]
    assert made("third") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_files_as_people_send_them(encoding, sign):
    text = sign.join(["Number", "Words", "STATE", "Paid"]) + "\r\n" + sign.join(["PC-1", "Müller", "Paid", "12.5"])
    found, problems = export_file.read(text.encode(encoding))
    assert problems == [] and (found[0].number, found[0].state, found[0].paid, found[0].words) == (
        "PC-1", "paid", D("12.50"), "Müller")


def test_lines_that_cannot_be_used_are_listed_and_the_others_count():
    row = charged()
    made()
    answer = read(said(f"{row.number},accepted,X,,,", ",accepted,,,,", "PC-9,perhaps,,,,", "PC-9,paid,,1.234,,",
                       "PC-9,paid,,-5,,", 'PC-9,paid,,"1,234.00",,', "PC-2020-00001,accepted,,,,"))
    assert answer.accepted == 1
    assert [(line, why) for line, why, _text in answer.problems] == [
        (3, "number"), (4, "state"), (5, "amount"), (6, "amount"), (7, "amount"), (8, "unknown")]


@pytest.mark.parametrize("data", [
    b"", b"%PDF-1.4", b"a,b\n1,2", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    b"number,state\n" + b"x" * 200_000,
])
def test_what_is_no_file_of_acknowledgements_is_refused(data):
    with pytest.raises(BadAnswer, match="Nothing was read"):
        read(data)
    assert not LocalAnswer.objects.exists()


def test_a_card_that_looks_like_a_formula_is_defused():
    patron = f.patron()
    type(patron).objects.filter(pk=patron.pk).update(card="=1+1")
    charged(patron)
    assert lines(made())[0]["card"] == "'=1+1"


def test_by_way_of_a_folder(tmp_path, system):
    folder = tmp_path / "share"
    (folder / "in").mkdir(parents=True)
    system.options = {"folder": str(folder)}
    system.save()
    row = charged()
    assert sweeps.exchange(now=LATER) == (1, 0) and sweeps.exchange(now=LATER) == (0, 0)
    (written,) = folder.glob("*.csv")
    assert written.name == f"{LocalFile.objects.get().number}.csv" and row.number in written.read_text()
    (folder / "in" / "ack.csv").write_bytes(said(f"{row.number},accepted,X,,,"))
    (folder / "in" / "bad.csv").write_bytes(b"nothing")
    assert sweeps.exchange(now=LATER) == (1, 1)
    assert fresh(row).handed == D(40) and (folder / "in" / "read" / "ack.csv").is_file()
    assert (folder / "in" / "bad.csv").is_file(), "what cannot be read stays for a person"
