"""The budget office's pages: filters in the address, many at once, downloads with their log, no patron, no title."""

import io
import zipfile

import pytest
from django.test import Client
from django.utils import timezone

from billing.batches import actions, files
from billing.batches.forms import BackForm
from billing.batches.models import Batch, BatchSettings, Download
from billing.models import Entry
from illdesk.models import Attachment
from requests_app.models import Citation, Patron
from tests import factories as f
from tests.billing import royalty_lists
from tests.billing.batches import bills
from tests.billing.batches.test_files import pdf_text

URL = "/billing/batches/"


def browser(*roles) -> Client:
    found = Client()
    found.force_login(f.user(*roles), backend="illdesk.accounts.backend.RoleBackend")
    return found


def forwarded(*pks, **more) -> list[Batch]:
    for pk in pks:
        bills.bill(pk, ("ILL-B", f"{pk}.50"), payee=f"P{pk}", **more)
    return [actions.forward([("bill", pk)], key=f"k{pk}", actor=f.staff("coordinator"), now=f.NOW)[0] for pk in pks]


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.django_db
def test_the_list_is_filtered_by_the_address_and_its_total_with_it():
    one, two = forwarded(1, 2)
    actions.pay(two, day=f.NOW.date(), reference="R2", version=0, actor=f.staff("budget"), now=f.NOW)
    page = browser("budget")
    for query, there, gone in (
        ("", (one, two), ()), ("?state=paid", (two,), (one,)), ("?payee=College+P1", (one,), (two,)),
        ("?fund=ILL-B&period=2026-03", (one, two), ()), ("?fund=ILL-Z", (), (one, two)),
        ("?period=2025-12", (), (one,)),
        ("?period=2025–26&state=forwarded", (one,), (two,)),
    ):
        text = page.get(URL + query).content.decode()
        assert all(f">{row.number}</a>" in text for row in there), query
        assert not any(f">{row.number}</a>" in text for row in gone), query
    assert "Ref. R2" in page.get(URL).content.decode()
    listed = body(page.get(f"{URL}export.csv?state=paid")).decode("utf-8-sig").splitlines()
    assert len(listed) == 2 and "2.50" in listed[1]


@pytest.mark.django_db
def test_the_office_has_its_three_places_in_the_bar_and_the_department_the_column():
    text = browser("budget").get(URL).content.decode()
    assert "Approved batches" in text and "Downloads" in text and 'class="ill-side"' not in text
    assert "To be forwarded" not in text
    assert 'class="ill-side"' in browser("coordinator").get(URL).content.decode()


@pytest.mark.django_db
def test_ticked_invoices_are_forwarded_from_their_page_once():
    bills.bill(1, ("ILL-B", "5.00"))
    page = browser("borrowing staff")
    text = page.get(f"{URL}waiting/").content.decode()
    key = text.partition('name="key" value="')[2].partition('"')[0]
    for _time in range(2):
        assert page.post(f"{URL}waiting/", {"tick": ["bill:1"], "key": key}).status_code == 302
    assert Batch.objects.count() == 1
    answer = page.post(f"{URL}waiting/", {"tick": ["bill:1", "x", "bill:99999999999999999999"],
                                          "key": "0b1c4c58-7f2f-4f0e-9a7f-0a1b2c3d4e5f"})
    assert answer.status_code == 422 and "in a batch already" in answer.content.decode()
    assert page.post(f"{URL}waiting/", {"key": "0b1c4c58-7f2f-4f0e-9a7f-0a1b2c3d4e5f"}).status_code == 422


@pytest.mark.django_db
def test_many_are_marked_paid_each_with_its_own_reference():
    rows = forwarded(1, 2, 3)
    page, today = browser("budget"), timezone.localdate().isoformat()
    asked = page.post(f"{URL}pay/", {"tick": [row.number for row in rows]})
    assert asked.status_code == 200 and asked.content.decode().count("Reference for") == 3
    typed = {"tick": [row.number for row in rows], "day": today}
    typed |= {f"reference_{row.pk}": f"R{row.pk}" for row in rows} | {f"version_{row.pk}": 0 for row in rows}
    missing = page.post(f"{URL}pay/", typed | {f"reference_{rows[0].pk}": ""})
    assert missing.status_code == 422 and f"R{rows[1].pk}" in missing.content.decode(), "what was typed stays"
    assert not Batch.objects.filter(state="paid").exists()
    assert page.post(f"{URL}pay/", typed).status_code == 302
    assert [row.reference for row in Batch.objects.order_by("pk")] == [f"R{row.pk}" for row in rows]
    assert page.post(f"{URL}pay/", typed).status_code == 302, "none waits any more"
    assert Entry.objects.filter(credit__family="bank").count() == 3


@pytest.mark.django_db
def test_one_refused_among_many_stays_on_the_page_with_its_sentence():
    one, two = forwarded(1, 2)
    page, today = browser("budget"), timezone.localdate().isoformat()
    answer = page.post(f"{URL}pay/", {
        "tick": [one.number, two.number], "day": today, f"reference_{one.pk}": "A", f"reference_{two.pk}": "B",
        f"version_{one.pk}": 5, f"version_{two.pk}": 0})
    text = answer.content.decode()
    assert answer.status_code == 422 and "changed by somebody else" in text
    assert two.number not in text.partition("<form")[2]
    assert Batch.objects.get(pk=two.pk).state == "paid" and Batch.objects.get(pk=one.pk).state == "forwarded"


@pytest.mark.django_db
def test_sent_back_without_a_reason_nothing_goes_and_what_was_ticked_stays():
    row = forwarded(1)[0]
    page, line = browser("budget"), row.lines.get()
    answer = page.post(f"{URL}{row.number}/back/", {"lines": [line.pk], "why": "", "version": 0, "shown": line.pk})
    assert answer.status_code == 422 and f'value="{line.pk}" checked' in answer.content.decode()
    typed = {"lines": [line.pk], "why": "No", "version": 0, "shown": line.pk}
    assert page.post(f"{URL}{row.number}/back/", typed).status_code == 302
    again = page.post(f"{URL}{row.number}/back/", typed)
    assert again.status_code == 422
    assert Batch.objects.get().state == "back"


@pytest.mark.django_db
def test_paid_by_mistake_is_taken_back_on_its_page_with_a_reason():
    row = forwarded(1)[0]
    row = actions.pay(row, day=f.NOW.date(), reference="A", version=0, actor=f.staff("budget"), now=f.NOW)
    page = browser("budget")
    assert page.post(f"{URL}{row.number}/unpaid/", {"why": "", "version": 1}).status_code == 422
    assert page.post(f"{URL}{row.number}/unpaid/", {"why": "Bounced", "version": 1}).status_code == 302
    text = page.get(f"{URL}{row.number}/").content.decode()
    assert "Bounced" in text and "Mark paid" in text


@pytest.mark.django_db
def test_what_is_downloaded_is_noted_with_who_and_when_and_can_be_taken_again():
    rows, page = forwarded(1, 2), browser("budget")
    answer = page.post(f"{URL}download/", {"tick": [row.number for row in rows], "form": "zip"})
    with zipfile.ZipFile(io.BytesIO(body(answer))) as archive:
        assert len(archive.namelist()) == 6
    page.get(f"{URL}{rows[0].number}/file.pdf")
    assert [(row.form, row.batches) for row in Download.objects.order_by("pk")] == [
        ("zip", [row.number for row in rows]), ("pdf", [rows[0].number])]
    text = page.get(f"{URL}downloads/").content.decode()
    assert rows[1].number in text and "Gómez" in text
    log = Download.objects.first()
    assert page.get(f"{URL}downloads/{log.pk}/").headers["Content-Type"] == "application/pdf"
    assert page.post(f"{URL}download/", {"form": "zip"}).status_code == 302, "nothing was ticked"
    assert page.post(f"{URL}download/", {"tick": rows[0].number, "form": "exe"}).status_code == 404


@pytest.mark.django_db
def test_an_invoice_as_it_came_is_had_through_its_batch_only():
    row = forwarded(1)[0]
    mine, other = (Attachment.objects.create(
        subject_kind="bill", subject_id=1, name="i.pdf", content_type="application/pdf", size=3, sha256="x",
        file=f.default_storage.save("came", f.ContentFile(b"%PDF")), added=f.NOW) for _one in range(2))
    row.invoices.update(files=[mine.pk])
    page = browser("budget")
    assert body(page.get(f"{URL}{row.number}/came/{mine.pk}/")) == b"%PDF"
    assert page.get(f"{URL}{row.number}/came/{other.pk}/").status_code == 404
    assert page.get(f"/files/{mine.pk}/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("roles", [("coordinator",), ("borrowing staff",), ("student",), ("patron",)])
def test_only_the_office_marks_paid_and_sends_back(roles):
    row, page = forwarded(1)[0], browser(*roles)
    for url in (f"{URL}pay/", f"{URL}{row.number}/back/", f"{URL}{row.number}/unpaid/"):
        assert page.post(url, {"tick": row.number, "why": "x", "version": 0}).status_code == 403
    assert Batch.objects.get().version == 0


@pytest.mark.django_db
def test_no_patrons_name_and_no_title_is_on_any_page_or_file_of_the_office():
    """A world in which every patron and every title is unmistakable, and the office opens all it can."""
    ill = f.ill("borrowing.delivered", patron=f.patron(first_name="Zebedee", last_name="Quillfeather"))
    row = royalty_lists.made("38.00", title="Qqtitle of the oak")
    row.lines.update(ill=ill, number=ill.number, title="Qqtitle of the oak", article="Qqtitle", author="Qqtitle")
    Patron.objects.update(first_name="Zebedee", last_name="Quillfeather")
    Citation.objects.update(title="Qqtitle of the oak", part_title="Qqtitle", author="Qqtitle")
    from billing.batches import royalties

    royalties.approve(row, seen=0, actor=f.staff("coordinator"), now=f.NOW)
    bills.bill(1, ("ILL-B", "5.00"))
    BatchSettings.objects.create(pk=1, email="budget@riverside.example")
    batches = actions.forward([("royalty", row.pk), ("bill", 1)], key="k", actor=f.staff("coordinator"), now=f.NOW)
    page = browser("budget")
    numbers = [one.number for one in batches]
    urls = ["/", URL, f"{URL}export.csv", f"{URL}downloads/", "/billing/talk/", "/billing/year/",
            "/billing/year/export.csv", "/billing/budget/",
            "/billing/budget/funds/ILL-R/", "/api/v1/batches/",
            f"{URL}pay/?tick={numbers[0]}"]
    for number in numbers:
        urls += [f"{URL}{number}/", f"{URL}{number}/back/", f"/api/v1/batches/{number}/"]
        urls += [f"{URL}{number}/file.{form}" for form in files.FORMS]
    met = 0
    for url in urls:
        answer = page.get(url)
        assert answer.status_code == 200, url
        for text in _texts(body(answer), url):
            assert "Quillfeather" not in text and "Zebedee" not in text and "Qqtitle" not in text, url
            met += ill.number in text
    assert met >= 4, "numbers of requests do stand there"
    for url in ("/patrons/", f"/requests/{ill.number}/", "/search/?q=Qqtitle", f"/copyright/royalties/{row.number}/"):
        assert page.get(url).status_code in (403, 404), url


def _texts(content: bytes, url: str) -> list[str]:
    """All words of a file, also those packed into it."""
    if content.startswith(b"%PDF"):
        return [pdf_text(content)]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [text for name in archive.namelist() for text in _texts(archive.read(name), name)]
    return [content.decode("utf-8", "replace")]


@pytest.mark.django_db
def test_the_list_costs_the_same_with_many_batches(django_assert_max_num_queries):
    page = browser("budget")
    first = forwarded(1)[0]
    actions.send_back(first, None, "No", version=0, actor=f.staff("budget"), now=f.NOW)
    page.get(URL)
    with django_assert_max_num_queries(60) as few:
        page.get(URL)
    for row in forwarded(*range(2, 12)):
        actions.send_back(row, None, "No", version=0, actor=f.staff("budget"), now=f.NOW)
    with django_assert_max_num_queries(len(few)):
        page.get(URL)


@pytest.mark.django_db
def test_of_the_places_in_the_bar_only_the_one_that_is_open_is_current():
    page = browser("budget")
    for url, count in (("/", 0), (URL, 1), ("/billing/year/", 1), ("/billing/budget/", 1), ("/billing/talk/", 1)):
        bar = page.get(url).content.decode().partition('class="ill-more')[0]
        assert bar.count('aria-current="page"') == count, url


@pytest.mark.django_db
def test_what_waits_to_be_paid_says_who_approved_it():
    forwarded(1)
    text = browser("budget").get(URL).content.decode()
    assert "M. Chen, " in text and f.staff("coordinator").user.short_name not in text


@pytest.mark.django_db
def test_paid_without_references_each_sentence_names_its_batch():
    one, two = forwarded(1, 2)
    data = {"tick": [one.number, two.number], "day": timezone.localdate().isoformat(), **{
        f"version_{row.pk}": row.version for row in (one, two)}}
    text = browser("budget").post(f"{URL}pay/", data).content.decode()
    for row in (one, two):
        assert f"Enter this: Reference for {row.number}." in text


@pytest.mark.django_db
def test_a_reference_that_a_paid_batch_bears_is_asked_about_first():
    one, two = forwarded(1, 2)
    client, day = browser("budget"), timezone.localdate().isoformat()

    def given(row, **more):
        return {"tick": row.number, "day": day, f"reference_{row.pk}": "55121", f"version_{row.pk}": row.version} | more

    client.post(f"{URL}pay/", given(one))
    page = client.post(f"{URL}pay/", given(two))
    text = page.content.decode()
    assert page.status_code == 422 and f"55121 is the reference of {one.number} already" in text
    assert 'value="55121"' in text and 'name="same"' in text
    assert Batch.objects.get(pk=two.pk).state == Batch.FORWARDED
    client.post(f"{URL}pay/", given(two, same="on"))
    assert Batch.objects.get(pk=two.pk).state == Batch.PAID


@pytest.mark.django_db
def test_batches_that_one_payment_settles_together_are_not_asked_about():
    done = actions.pay_many([(row, row.version, "55121") for row in forwarded(1, 2)], day=f.NOW.date(),
                            actor=f.staff("budget"), now=f.NOW)
    assert not any(one.refusal for one in done)


@pytest.mark.django_db
def test_a_line_that_went_back_meanwhile_is_told_in_our_words():
    row, = forwarded(1)
    line = row.lines.get()
    form = BackForm(row, {"lines": [line.pk + 99], "why": "x", "version": row.version})
    assert not form.is_valid() and "sent back or paid meanwhile" in str(form.errors["lines"])


@pytest.mark.django_db
def test_what_is_approved_is_a_decision_to_whoever_pays_and_waits_for_them_to_the_others():
    row, = forwarded(1)
    for url in (URL, f"{URL}{row.number}/"):
        assert "ill-state is-decision" in browser("budget").get(url).content.decode(), url
        page = browser("supervisor").get(url).content.decode()
        assert "ill-state is-others" in page and "ill-state is-decision" not in page, url


def hidden(page: str) -> dict[str, str]:
    """What a form of sending back holds unseen."""
    return {name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("version", "shown")}


@pytest.mark.django_db
def test_ticks_that_the_browser_brought_back_among_other_lines_send_nothing_back():
    bills.bill(1, ("ILL-A", "1.00"), ("ILL-B", "2.00"), ("ILL-C", "3.00"))
    row = actions.forward([("bill", 1)], key="k", actor=f.staff("coordinator"), now=f.NOW)[0]
    first, second, third = row.lines.all()
    page, url = browser("budget"), f"{URL}{row.number}/back/"
    seen = hidden(page.get(url).content.decode())
    assert page.post(url, {"lines": [second.pk], "why": "Dear", **seen}).status_code == 302
    # The page loads anew, with its new version; the old lines come with it, as does the tick, on what stands there now.
    new = hidden(page.get(url).content.decode())
    answer = page.post(url, {"lines": [third.pk], "why": "Dear", "version": new["version"], "shown": seen["shown"]})
    text = answer.content.decode()
    assert answer.status_code == 422 and "Other lines of" in text and "checked" not in text.partition("<main")[2]
    assert "Dear" in text and hidden(text) == new, "sent from here, it is what is seen here"
    assert page.post(url, {"lines": [third.pk], "why": "Dear", **seen}).status_code == 422, "the old form as it was"
    assert [line.state for line in row.lines.all()] == ["forwarded", "back", "forwarded"]
    assert page.post(url, {"lines": [third.pk], "why": "Dear", **new}).status_code == 302
    assert [line.pk for line in row.lines.filter(state="forwarded")] == [first.pk]


@pytest.mark.django_db
def test_the_browser_is_told_to_bring_no_ticks_back_where_money_goes_out():
    row, = forwarded(1)
    bills.bill(2, ("ILL-B", "5.00"))
    for role, url in (("budget", f"{URL}{row.number}/back/"), ("budget", f"{URL}pay/?tick={row.number}"),
                      ("borrowing staff", f"{URL}waiting/")):
        forms = browser(role).get(url).content.decode().partition("<main")[2].split("<form")[1:]
        assert 'autocomplete="off"' in forms[0].partition(">")[0], url


@pytest.mark.django_db
def test_what_waits_to_be_forwarded_says_that_it_is_to_be_ticked():
    page = browser("borrowing staff")
    assert "Tick the invoices" not in page.get(f"{URL}waiting/").content.decode(), "there is none"
    bills.bill(1, ("ILL-B", "5.00"))
    assert "Tick the invoices that are to be forwarded" in page.get(f"{URL}waiting/").content.decode()


@pytest.mark.django_db
def test_the_month_a_batch_was_forwarded_in_is_called_so_on_its_page_its_sheet_and_in_the_list():
    row, = forwarded(1)
    page = browser("budget")
    assert "<dt>Forwarded in</dt>" in page.get(f"{URL}{row.number}/").content.decode()
    assert "Forwarded in" in pdf_text(body(page.get(f"{URL}{row.number}/file.pdf")))
    assert b"Forwarded in, month" in body(page.get(f"{URL}export.csv"))
