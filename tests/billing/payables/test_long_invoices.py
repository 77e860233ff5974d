"""An invoice of two thousand lines is keyed in anew a page at a time; nothing that was typed is lost."""

import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing.payables import actions
from billing.payables.models import PayableInvoice, PayableLine
from illdesk.errors import NotAllowed, Stale
from tests import factories as f
from tests.billing.payables.cast import line

URL = "/billing/payables/"
pytestmark = pytest.mark.django_db


def signed(client, actor):
    client.force_login(actor.user)
    return client


def sent(page, **more):
    """The form as the browser would send it back, with `more` typed over it."""
    text, data = page.content.decode(), {}
    form = text[text.index('enctype="multipart/form-data"'):]
    form = form[:form.index("</form>")]
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if said.get("name") and said.get("type") != "file":
            data[said["name"]] = said.get("value", "")
    for name, inside in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found = re.search(r'value="([^"]*)" selected', inside)
        data[name] = found[1] if found else ""
    for name, inside in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        data[name] = inside.strip()
    return data | more


def invoice_of(cast, many):
    return cast.invoice(*[line("1.00", title=f"Title {at}") for at in range(1, many + 1)])


@pytest.fixture
def long(cast):
    return invoice_of(cast, 320)


def test_two_thousand_lines_are_corrected_a_page_at_a_time(client, cast):
    long = invoice_of(cast, 2000)
    kept = long.lines.get(place=1990)
    PayableLine.objects.filter(pk=kept.pk).update(
        theirs="T-9", external="O-9", dated="2026-03-01", fund=cast.other_fund)
    actions.general(long.lines.get(place=1989), "postage", actor=cast.clerk, now=f.NOW)
    page = signed(client, cast.clerk).get(f"{URL}{long.pk}/edit/?page=40")
    assert "Lines 1951 to 2000 of 2000" in page.content.decode()
    ill = cast.ill()
    answer = client.post(f"{URL}{long.pk}/edit/", sent(page, **{
        "lines-39-amount": "15,00", "lines-39-number": ill.number, "lines-0-amount": "", "lines-0-title": "",
        "go": "behind"}))
    assert answer.status_code == 302 and answer["Location"].endswith("?page=41")
    assert list(long.lines.order_by("place").values_list("place", flat=True)) == list(range(1, 2000))
    changed = long.lines.get(pk=kept.pk)
    assert (changed.place, changed.amount, changed.ill, changed.result) == (1989, Decimal("15.00"), ill, "agrees")
    assert (changed.theirs, changed.external, str(changed.dated), changed.fund) == (
        "T-9", "O-9", "2026-03-01", cast.other_fund), "what the form does not show stays"
    assert long.lines.get(place=1988).answer == "general", "what was answered of other lines stays"
    assert long.lines.filter(title="Title 1951").count() == 0

    page = client.get(answer["Location"])  # 1,999 lines now: the last page holds the last lines and empty ones
    assert "of 1999" in page.content.decode()
    page = client.get(f"{URL}{long.pk}/edit/?page=40")
    data = sent(page, go="stay")
    empty = next(at for at in range(60) if data[f"lines-{at}-pk"] == "")
    client.post(f"{URL}{long.pk}/edit/", data | {f"lines-{empty}-title": "Added", f"lines-{empty}-amount": "2.00"})
    assert long.lines.get(place=2000).title == "Added"
    page = client.get(f"{URL}{long.pk}/edit/?page=41")
    text = page.content.decode()
    assert "Lines to be added" in text and 'name="lines-9-amount"' in text, "behind a full page there is an empty one"


def test_the_buttons_lead_to_the_lines_before_to_a_line_and_to_the_invoice(client, cast, long):
    edit = f"{URL}{long.pk}/edit/"
    for typed, to in (({"go": "before"}, f"{edit}?page=2"), ({"go": "line", "line": "303"}, f"{edit}?page=7"),
                      ({"go": "behind", "line": "1"}, f"{edit}?page=1"), ({"go": "end"}, f"{URL}{long.pk}/")):
        page = signed(client, cast.clerk).get(f"{edit}?page=3")
        answer = client.post(edit, sent(page, **typed))
        assert (answer.status_code, answer["Location"]) == (302, to)
    assert long.lines.count() == 320 and client.get(f"{edit}?page=9999").status_code == 200


def test_what_cannot_be_stored_stays_on_the_page(client, cast, long):
    edit = f"{URL}{long.pk}/edit/"
    page = signed(client, cast.clerk).get(f"{edit}?page=3")
    answer = client.post(edit, sent(page, **{"lines-4-amount": "12a", "lines-5-title": "Typed words", "go": "behind"}))
    text = answer.content.decode()
    assert answer.status_code == 422 and "Line 105:" in text and "Typed words" in text and "12a" in text
    assert not long.lines.filter(title="Typed words").exists()
    # Somebody else was faster: who, and the same button stores it after all.
    actions.general(long.lines.get(place=1), "postage", actor=cast.chen, now=f.NOW)
    answer = client.post(edit, sent(page, **{"lines-5-title": "Typed words", "go": "behind"}))
    text = answer.content.decode()
    assert answer.status_code == 422 and "M. Chen changed this invoice" in text and "Typed words" in text
    again = client.post(edit, sent(answer, go="behind"))
    assert again.status_code == 302 and long.lines.get(place=106).title == "Typed words"
    assert long.lines.get(place=1).answer == "general"


def test_another_currency_compares_all_lines_anew_and_a_paper_can_come_later(client, cast, long):
    ill = cast.ill()
    PayableLine.objects.filter(invoice=long, place=300).update(number=ill.number)
    page = signed(client, cast.clerk).get(f"{URL}{long.pk}/edit/")
    data = sent(page, go="end", currency="EUR") | {"paper": SimpleUploadedFile("a.pdf", f.pdf("x"))}
    assert client.post(f"{URL}{long.pk}/edit/", data).status_code == 302
    row = PayableInvoice.objects.get(pk=long.pk)
    assert (row.currency, row.paper.name) == ("EUR", "a.pdf")
    assert row.lines.get(place=300).result == "no_rate"


def test_booked_or_disputed_lines_and_strangers_lines_are_not_touched(cast, long):
    head = cast.head("320.00")
    other = cast.invoice(line("3.00"), number="9").lines.get()
    PayableLine.objects.filter(invoice=long, place=7).update(dispute="told")
    seven, eight = long.lines.get(place=7), long.lines.get(place=8)
    long.refresh_from_db()
    for changed in ({seven.pk: line("2.00")}, {other.pk: line("2.00")}, {seven.pk: None}):
        with pytest.raises(NotAllowed):
            actions.change_page(long, head, changed=changed, added=[], seen=long.version, actor=cast.clerk, now=f.NOW)
    actions.change_page(long, head, changed={eight.pk: line("2.00")}, added=[], seen=long.version, actor=cast.clerk,
                        now=f.NOW)
    with pytest.raises(Stale):
        actions.change_page(long, head, changed={eight.pk: line("4.00")}, added=[], seen=long.version,
                            actor=cast.clerk, now=f.NOW)
    assert long.lines.get(place=8).amount == Decimal("2.00") and other.invoice.lines.get().amount == Decimal("3.00")


def test_a_page_costs_the_same_queries_however_long_the_invoice(client, cast, long, django_assert_max_num_queries):
    page = signed(client, cast.clerk).get(f"{URL}{long.pk}/edit/?page=2")
    with django_assert_max_num_queries(90):
        client.post(f"{URL}{long.pk}/edit/", sent(page, go="behind", **{
            f"lines-{at}-title": f"Other {at}" for at in range(50)}))
    assert long.lines.filter(title__startswith="Other").count() == 50


def test_a_full_form_says_where_more_lines_are_added(client, cast):
    page = signed(client, cast.clerk).get(f"{URL}add/")
    answer = client.post(f"{URL}add/", sent(page, more="1") | {"lines-TOTAL_FORMS": "189"})
    assert "More lines are added when these are entered" in answer.content.decode()
