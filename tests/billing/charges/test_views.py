"""The pages of charges: the desk's lists, one charge, one patron's account, and what the patron sees."""

import csv
import io
import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfReader

from billing.appeals import actions as appeals
from billing.appeals.models import Appeal
from billing.charges import actions, declared, payments, queries
from billing.charges import words as in_words
from billing.charges.models import Charge, ChargePayment, ChargePolicy, ChargeTerms, PatronMoney, Waiver
from billing.charges.payments import Paid
from billing.local.models import LocalPart, LocalSystem
from illdesk import actors
from illdesk.models import OutboxMessage
from tests import factories as f
from tests.billing.charges.cast import D, charged, check, fresh, policy, terms

pytestmark = pytest.mark.django_db
URL = "/billing/charges/"


def as_(client, *roles):
    client.force_login(f.user(*roles))
    return client


def send(client, url, **given):
    return client.post(url, {"key": str(uuid.uuid4())} | given)


def today(**more):
    return charged(now=timezone.now(), **more)


def text_of(response) -> str:
    assert response["Content-Type"] == "application/pdf"
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


def test_the_list_finds_by_state_kind_age_number_card_and_name(client):
    old, new = charged(key="a"), charged(key="b", now=timezone.now(), kind="rush", reason="rush")
    as_(client, "borrowing staff")

    def seen(query):
        page = client.get(URL + query).content.decode()
        return {row.number for row in (old, new) if row.number in page}

    assert seen("") == {old.number, new.number} and seen("?older=60") == {old.number}
    assert seen("?kind=rush") == {new.number} and seen("?state=settled") == set()
    assert seen(f"?q={new.number}") == {new.number} and seen(f"?q={old.patron.card}") == {old.number}
    assert seen("?q=%C5%BBak") == {old.number, new.number} and seen("?q=nobody") == set()
    assert seen("?state=nonsense&older=x&kind=y&page=99") == {old.number, new.number}
    rows = list(csv.DictReader(io.StringIO(
        b"".join(client.get(URL + "export.csv").streaming_content).decode("utf-8-sig"))))
    assert [row["Number"] for row in rows] == [new.number, old.number] and D(rows[0]["Open"]) == D(40)
    assert b"".join(client.get(URL + "export.xlsx").streaming_content)[:2] == b"PK"


@pytest.mark.parametrize("role", ["student", "lending staff", "budget", "patron"])
def test_others_do_not_see_what_patrons_owe(client, role):
    row = charged()
    as_(client, role)
    for url in (URL, f"{URL}{row.number}/", f"{URL}patrons/{row.patron_id}/", "/billing/appeals/", "/billing/local/"):
        assert client.get(url).status_code == 403


def test_a_charge_is_entered_by_hand_once_from_the_request(client):
    terms(lost=D("80.00"), lost_fee=D("20.00"))
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    as_(client, "borrowing staff")
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert "Nothing is charged for this request" in page and f"{URL}new/?request={ill.number}" in page
    url, key = f"{URL}new/?request={ill.number}", str(uuid.uuid4())
    assert ill.number in client.get(url).content.decode()
    for _time in range(2):
        sent = {"key": key, "number": ill.number, "kind": "lost", "reason": "lost_by_patron"}
        assert client.post(url, sent).status_code == 302
    row = Charge.objects.get()
    assert (row.amount, row.state, row.ill) == (D(100), "provisional", ill)
    assert row.number in client.get(f"/requests/{ill.number}/").content.decode()


def test_what_was_lost_between_libraries_is_refused_with_what_was_typed(client):
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    type(ill).objects.filter(pk=ill.pk).update(reason="lost_on_way_back")
    as_(client, "borrowing staff")
    answer = send(client, f"{URL}new/?request={ill.number}", number=ill.number, kind="lost", reason="other", note="Hm.")
    page = answer.content.decode()
    assert answer.status_code == 422 and "never the patron" in page and "Hm." in page and not Charge.objects.exists()


@pytest.mark.parametrize(("given", "words"), [
    ({"kind": "damaged", "reason": "damaged", "amount": "5"}, "Enter the number of the request"),
    ({"kind": "other", "reason": "other"}, "Enter the amount"),
    ({"kind": "other", "reason": "other", "amount": "-5"}, "Enter 0 or more."),
    ({"kind": "lost", "reason": "other", "number": "B-1999-00001"}, "no request of that number"),
    ({"kind": "rush", "reason": "lost_by_patron", "amount": "5"}, "does not fit what is charged. Fitting: Rush was"),
    ({"kind": "gold", "reason": "other", "amount": "5"}, "Select a valid choice"),
])
def test_what_is_wrong_with_a_charge_comes_back(client, given, words):
    as_(client, "borrowing staff")
    answer = send(client, f"{URL}new/?patron={f.patron().pk}", **given)
    assert answer.status_code == 422 and words in answer.content.decode() and not Charge.objects.exists()


def test_what_was_charged_already_is_said_and_not_called_charged(client):
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    first = declared.lost(ill, "lost_by_patron", actor=f.staff(), now=f.NOW)
    as_(client, "borrowing staff")
    sent = {"key": str(uuid.uuid4()), "number": ill.number, "kind": "lost", "reason": "lost_by_patron", "amount": "3"}
    page = client.post(f"{URL}new/?request={ill.number}", sent, follow=True).content.decode()
    assert f"It was charged already: {first.number}. Nothing was changed." in page and "is charged." not in page
    assert fresh(first).amount == first.amount


def test_what_is_still_out_was_not_returned_late(client):
    terms()
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    as_(client, "borrowing staff")
    answer = send(client, f"{URL}new/?request={ill.number}", number=ill.number, kind="overdue", reason="late")
    assert answer.status_code == 422 and "It is not back yet" in answer.content.decode()
    assert not Charge.objects.exists()


def test_steps_of_a_charge_by_their_pages(client):
    policy(waive_above=D(200))
    row = today()
    as_(client, "borrowing staff")
    url = f"{URL}{row.number}/"
    page = client.get(url).content.decode()
    assert "Cancel the charge" in page and "Make final" not in page
    assert client.get(f"{url}final/").status_code == 302 and client.get(f"{url}nonsense/").status_code == 404
    assert send(client, f"{url}waive/", amount="50", reason="small").status_code == 422
    assert send(client, f"{url}waive/", amount="10", reason="small", note="Kind.").status_code == 302
    assert fresh(row).open == D(30) and "Kind." in client.get(url).content.decode()
    assert send(client, f"{url}cancel/", reason="mistake").status_code == 302
    assert fresh(row).state == "undone" and "Charged" in client.get(url).content.decode()
    check(row.patron)


def test_a_waiver_above_the_limit_is_decided_by_another_on_the_page(client):
    policy(waive_above=D(10))
    row = today()
    as_(client, "borrowing staff")
    send(client, f"{URL}{row.number}/waive/", amount="40", reason="hardship")
    waiver = Waiver.objects.get()
    assert "Waivers that wait for somebody else" in client.get(URL).content.decode()
    page = client.get(f"{URL}{row.number}/").content.decode()
    assert "Somebody else decides this" in page and "/grant/" not in page and "/refuse/" not in page
    client.post(f"{URL}waivers/{waiver.pk}/grant/")
    assert fresh(row).open == D(40), "by direct POST of who proposed it"
    as_(client, "coordinator")
    assert f"{URL}waivers/{waiver.pk}/grant/" in client.get(f"{URL}{row.number}/").content.decode()
    client.post(f"{URL}waivers/{waiver.pk}/grant/")
    assert fresh(row).open == 0


def test_the_account_takes_payments_and_gives_receipts_and_statements(client):
    row = today()
    as_(client, "borrowing staff")
    url = f"{URL}patrons/{row.patron_id}/"
    assert "USD 40.00" in client.get(url).content.decode()
    day = timezone.localdate().isoformat()
    answer = send(client, f"{url}pay/", amount="50.00", way="card", day=day, reference="4111 1111 1111 1111")
    assert answer.status_code == 422 and "looks like a card number" in answer.content.decode()
    answer = send(client, f"{url}pay/", amount="50.00", way="card", day=day, reference="slip 7")
    assert answer.status_code == 422 and "Only 40.00 is open: 10.00 would become credit" in answer.content.decode()
    sent = {"amount": "50.00", "way": "card", "day": day, "reference": "slip 7", "credit": "on"}
    answer = client.post(f"{url}pay/", sent | {"key": str(uuid.uuid4())}, follow=True)
    assert answer.redirect_chain and "USD 10.00 of it became credit" in answer.content.decode()
    receipt = ChargePayment.objects.get()
    assert PatronMoney.objects.get().credit == D(10)
    paper = text_of(client.get(f"{URL}receipts/{receipt.number}/receipt.pdf"))
    assert receipt.number in paper and "USD 50.00" in paper and row.number in paper and "slip 7" in paper
    paper = text_of(client.get(f"{url}statement.pdf"))
    assert "Statement of charges" in paper and row.patron.name in paper and "USD 10.00" in paper
    assert send(client, f"{url}mail/").status_code == 302
    assert OutboxMessage.objects.filter(what="charge_statement").count() == 1
    assert send(client, f"{url}back/", amount="10", way="cash", day=day).status_code == 302
    assert send(client, f"{URL}receipts/{receipt.number}/undo/").status_code == 422, "part was paid back"
    check(row.patron)


def test_the_statement_on_paper_says_what_the_ledger_says(client):
    patron = f.patron(language="es")
    first = charged(patron, "125.00", key="a", kind="lost", reason="lost_by_patron", now=timezone.now())
    charged(patron, "7.50", key="b", now=timezone.now())
    payments.pay("p", patron.pk, Paid(D("20.25"), "cash", timezone.localdate()), actor=f.staff(), now=timezone.now())
    as_(client, "coordinator")
    paper = text_of(client.get(f"{URL}patrons/{patron.pk}/statement.pdf"))
    for words in (first.number, "125.00", "7.50", "20.25", "112.25"):
        assert words in paper
    figures = re.findall(r"USD ([\d,]+\.\d\d)", paper)
    assert figures[0] == figures[-1] == "112.25"


def test_the_statement_goes_by_days_and_names_what_became_credit(client):
    patron = f.patron()
    now = timezone.now()
    old = charged(patron, "7.00", key="a", now=now - timedelta(days=9))
    charged(patron, "5.00", key="b", now=now)
    payments.pay("p", patron.pk, Paid(D("999.00"), "cash", timezone.localdate() - timedelta(days=4)), actor=f.staff(),
                 now=now, charges=[old.pk])
    lines = queries.statement(patron.pk)
    assert [line.move.what for line in lines] == ["charged", "paid", "overpaid", "charged"]
    as_(client, "coordinator")
    paper = text_of(client.get(f"{URL}patrons/{patron.pk}/statement.pdf"))
    assert "credit 992.00" in " ".join(paper.split()) and "USD 0.00" in paper


def test_a_charge_says_what_it_was_and_its_history_has_signs(client):
    row = today()
    as_(client, "coordinator")
    page = client.get(f"{URL}{row.number}/").content.decode()
    assert "Hand over now" not in page and "Can be appealed until" in page
    assert page.index("is-filled") < page.index("Enter a payment") < page.index("/waive/")
    send(client, f"{URL}{row.number}/cancel/", reason="mistake")
    page = client.get(f"{URL}{row.number}/").content.decode()
    assert "Other: USD 40.00" in page and "Can be appealed until" not in page and "−40.00" in page


# --- the patron ----------------------------------------------------------------------------------------------


def mine(client):
    patron = f.patron()
    client.force_login(patron.user)
    return patron


def test_the_patron_sees_what_why_and_how_to_pay_and_appeals_with_a_file(client, tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {"default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}}
    policy(how_to_pay="At the Main desk, by card.")
    patron = mine(client)
    assert "You have no charges" in client.get("/my/charges/").content.decode()
    ill = f.ill("borrowing.checked_out", patron=patron)
    row = charged(patron, ill=ill.pk, now=timezone.now(), kind="lost", reason="lost_by_patron")
    assert "USD 40.00 to pay" in client.get("/my/").content.decode()
    charged(patron, "9.00", key="b", now=timezone.now(), kind="damaged", reason="damaged", provisional=True)
    page = client.get("/my/charges/").content.decode()
    for words in ("It was lost while you had it.", "At the Main desk, by card.", "Appeal this charge", "Middlemarch",
                  "USD 9.00 may still change"):
        assert words in page
    url = f"/my/charges/{row.number}/appeal/"
    assert client.get(url).status_code == 200
    answer = send(client, url, text="")
    assert answer.status_code == 422 and "Enter this: Why is the charge wrong?<" in answer.content.decode()
    bad = send(client, url, text="I returned it.", attached=SimpleUploadedFile("x.exe", b"MZ\x00\x01"))
    assert bad.status_code == 422 and "I returned it." in bad.content.decode() and not Appeal.objects.exists()
    files = [SimpleUploadedFile("a.pdf", f.pdf()), SimpleUploadedFile("b.pdf", f.pdf())]
    assert send(client, url, text="I returned it.", attached=files).status_code == 302
    page = client.get("/my/charges/").content.decode()
    assert "I returned it." in page and "a.pdf" in page and "b.pdf" in page
    assert "We are deciding on your appeal" in page and page.count("being decided") == 0
    assert "Nothing to pay now: USD 9.00 may still change" in client.get("/my/").content.decode()


def test_a_cancelled_charge_says_to_its_patron_what_it_was(client):
    row = today()
    other = today(patron=row.patron, key="b", amount="7.00")
    actions.cancel(row, "mistake", key="c", actor=f.staff(), now=timezone.now())
    client.force_login(row.patron.user)
    page = client.get("/my/charges/").content.decode()
    assert "<s>USD 40.00</s>" in page and "USD 0.00" not in page
    assert "We had charged USD 40.00 and cancelled it: nothing of it is asked for." in page
    assert "Other: USD 7.00" in page and other.number in page
    page = client.get(f"/my/charges/{row.number}/appeal/").content.decode()
    assert "<s>USD 40.00</s>" in page and "cancelled already" in page


def test_strangers_charges_do_not_exist(client):
    row = charged()
    paid = payments.pay("p", row.patron_id, Paid(D(5), "cash", f.NOW.date()), actor=f.staff(), now=f.NOW)
    mine(client)
    assert client.get(f"/my/charges/{row.number}/appeal/").status_code == 404
    assert client.get(f"/my/charges/receipts/{paid.number}/receipt.pdf").status_code == 404
    assert row.number not in client.get("/my/charges/").content.decode()


def test_a_patron_above_the_limit_cannot_ask_and_staff_see_why(client):
    policy(block_above=D(30))
    row = today()
    as_(client, "borrowing staff")
    page = client.get(f"/borrowing/new/?patron={row.patron_id}").content.decode()
    assert "You cannot request while USD 40.00 is unpaid" in page
    with pytest.raises(Exception, match="is unpaid"):
        f.asked(patron=row.patron)
    client.force_login(row.patron.user)
    page = client.get("/my/new/").content.decode()
    assert "USD 40.00 is unpaid" in page and 'href="/my/charges/"' in page


def test_a_requests_own_page_names_its_charge_and_its_timeline_speaks_in_words(client):
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    row = today(patron=ill.patron, ill=ill.pk)
    declared.hold(ill, actor=f.staff(), now=timezone.now())
    declared.end_hold(ill, actor=f.staff(), now=timezone.now())
    client.force_login(ill.patron.user)
    page = client.get(f"/my/{ill.number}/").content.decode()
    assert f"/my/charges/#{row.number}" in page and "USD 40.00" in page and "To pay" in page
    as_(client, "borrowing staff")
    page = client.get(f"/requests/{ill.number}/").content.decode()
    assert "charge.hold" not in page and "charges stand still" in page and "the clock of charges goes on" in page


# --- appeals -------------------------------------------------------------------------------------------------


def test_an_appeal_on_paper_is_entered_and_decided_by_another(client):
    maker = f.user("coordinator")
    row = today(by=f.actors.staff(maker))
    client.force_login(maker)
    assert send(client, f"/billing/appeals/for/{row.number}/", text="A letter.").status_code == 302
    one = Appeal.objects.get()
    url = f"/billing/appeals/{one.pk}/"
    page = client.get(url).content.decode()
    assert "Somebody else decides this." in page and "A letter." in page and one.came == "paper"
    answer = client.post(url, {"outcome": "granted", "words": "Mine."})
    assert answer.status_code == 409 and "You entered this" in answer.content.decode() and fresh(row).open == D(40)
    as_(client, "coordinator")
    assert client.post(url, {"outcome": "partly", "words": "Well."}).status_code == 422
    assert client.post(url, {"outcome": "partly", "words": "Well.", "amount": "15"}).status_code == 302
    assert fresh(row).open == D(25)
    page = client.get("/billing/appeals/?show=decided").content.decode()
    assert "Granted in part" in page and "USD 40.00" in page
    page = client.get(f"{URL}{row.number}/").content.decode()
    assert "Appeal granted in part" in page and "−15.00" in page


# --- rules ---------------------------------------------------------------------------------------------------


def test_rules_and_prices_are_changed_by_who_manages_money(client):
    assert as_(client, "borrowing staff").get(f"{URL}rules/").status_code == 403
    as_(client, "coordinator")
    page = client.get(f"{URL}rules/").content.decode()
    assert "Prices by patron status" in page
    sent = {name: getattr(ChargePolicy(), name) for name in (
        "block_above", "waive_above", "provisional_days", "refund", "refund_days", "appeal_days", "decide_days",
        "remind_days")} | {"block_above": "75.00", "how_to_pay": "By card."}
    assert client.post(f"{URL}rules/", sent).status_code == 302
    assert ChargePolicy.current().block_above == D(75)
    assert client.post(f"{URL}rules/", sent | {"block_above": "-1"}).status_code == 422
    sent = {"overdue_a_day": "0.5", "overdue_most": "20", "grace_days": 3, "free_days": 0, "lost": "80",
            "lost_fee": "20", "rush": "5"}
    assert client.post(f"{URL}rules/faculty/", sent).status_code == 302
    assert ChargeTerms.of("faculty").grace_days == 3 and ChargeTerms.of("other").grace_days == 0
    assert client.get(f"{URL}rules/nonsense/").status_code == 404


def test_the_hold_is_set_and_ended_on_its_page(client):
    ill = f.ill("borrowing.checked_out", patron=f.patron())
    as_(client, "borrowing staff")
    assert send(client, f"{URL}requests/{ill.number}/hold/begin/", note="In the drop.").status_code == 302
    assert "charging stands still" in client.get(f"/requests/{ill.number}/").content.decode()
    with pytest.raises(Exception, match="stands still"):
        declared.lost(ill, "lost_by_patron", actor=f.staff(), now=f.NOW)
    assert send(client, f"{URL}requests/{ill.number}/hold/end/").status_code == 302
    assert not ill.charge_holds.filter(until=None).exists()


# --- local billing -------------------------------------------------------------------------------------------


def test_where_files_go_a_charge_goes_into_the_next_one(client):
    LocalSystem.objects.update_or_create(pk=1, defaults={"kind": "file"})
    row = today()
    as_(client, "borrowing staff")
    assert "Into the next file" in client.get(f"{URL}{row.number}/").content.decode()
    page = client.post(f"/billing/local/charges/{row.number}/", follow=True).content.decode()
    assert "It goes into the next file." in page and "within minutes" not in page


def test_files_are_made_downloaded_and_acknowledged_on_the_page(client, tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {"default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}}
    as_(client, "coordinator")
    page = client.get("/billing/local/settings/?kind=file").content.decode()
    assert "Folder for files" in page
    assert client.post("/billing/local/settings/?kind=file", {
        "kind": "file", "after_days": 0, "option_folder": "/no/such"}).status_code == 422
    assert client.post("/billing/local/settings/?kind=file", {
        "kind": "file", "after_days": 0, "option_folder": ""}).status_code == 302
    row = charged()
    assert send(client, "/billing/local/file/").status_code == 302
    part = LocalPart.objects.select_related("file").get()
    assert row.number in client.get(f"/billing/local/files/{part.file.number}/").content.decode()
    ack = SimpleUploadedFile("ack.csv", f"number,state,reference\n{row.number},refused,\nx,accepted,".encode())
    assert client.post("/billing/local/answers/", {"file": ack}).status_code == 302
    page = client.get("/billing/local/").content.decode()
    assert "Refused there" in page and "Line 3: no charge of ours" in page
    client.post(f"/billing/local/parts/{part.pk}/there/")
    assert fresh(row).handed == D(40)


def test_the_key_is_never_shown_and_kept_when_left_empty(client):
    as_(client, "coordinator")
    given = {"kind": "alma", "after_days": 14, "url": "https://api.example/almaws/v1", "option_owner": "MAIN"}
    assert client.post("/billing/local/settings/?kind=alma", given).status_code == 422
    assert client.post("/billing/local/settings/?kind=alma", given | {"new_key": "very secret"}).status_code == 302
    assert client.post("/billing/local/settings/?kind=alma", given).status_code == 302
    assert LocalSystem.current().key == "very secret"
    assert "very secret" not in client.get("/billing/local/settings/").content.decode()
    assert client.post("/billing/local/settings/?kind=alma", given | {"url": "ftp://x"}).status_code == 422


def test_what_an_appeal_took_away_is_no_waiver_to_whoever_appealed():
    assert str(in_words.of_move("waived", "appeal_part")) == "Appeal granted in part"
    assert str(in_words.of_move("waived", "goodwill")) == "Waived" and str(in_words.of_move("paid", "")) == "Paid"


def test_each_appeal_and_its_answer_stand_on_the_patrons_page(client):
    row = charged()
    for key, words in (("a", "The scan shows it."), ("b", "We looked once more.")):
        mine = appeals.appeal(row, f"Wrong {key}", key=key, actor=actors.patron(row.patron.user), now=f.NOW)
        appeals.decide(mine, appeals.Decision("denied", words), actor=f.staff("coordinator"), now=f.NOW)
    client.force_login(row.patron.user)
    page = client.get("/my/charges/").content.decode()
    for said in ("Wrong a", "Wrong b", "The scan shows it.", "We looked once more.", "Your second appeal"):
        assert said in page
