"""How an invoice stands while it is worked on: what is left to be done says so, in the list and on its page."""

from decimal import Decimal

from billing.models import PayableInvoice
from billing.payables import actions, queries
from tests import factories as f
from tests.billing.payables.cast import line


def signed(client, actor):
    client.force_login(actor.user, backend="illdesk.accounts.backend.RoleBackend")
    return client


def said(client, invoice) -> str:
    page = client.get(f"/billing/payables/{invoice.pk}/").content.decode().partition("<main")[2]
    return page.partition("</h1>")[2].partition("<p")[0]


def listed(client, tab: str) -> str:
    return client.get(f"/billing/payables/?state={tab}").content.decode().partition("<tbody")[2]


def disputed(cast, invoice, *, paid="0", to="ill@delta.example"):
    row = invoice.lines.get()
    return actions.dispute(invoice, {row.pk: Decimal(paid)}, to=to, subject="s", body="b", key=f"d{row.pk}",
                           actor=cast.clerk, now=f.NOW)


def test_an_invoice_without_open_lines_is_ready_and_not_under_lines_to_answer(client, cast):
    good = cast.invoice(line(number=cast.ill().number), number="1")
    bad = cast.invoice(line("19.00", number=cast.ill("Other").number), number="2")
    signed(client, cast.clerk)
    assert "Ready to ask for approval" in said(client, good) and "Lines to answer" in said(client, bad)
    tab = listed(client, "entered")
    assert f"/billing/payables/{bad.pk}/" in tab and f"/billing/payables/{good.pk}/" not in tab
    tab = listed(client, "answered")
    assert f"/billing/payables/{good.pk}/" in tab and "Ready to ask for approval" in tab
    assert f"/billing/payables/{bad.pk}/" not in tab
    assert {key: queries.counts()[key] for key in ("entered", "answered", "open")} == {
        "entered": 1, "answered": 1, "open": 2}


def test_all_of_it_disputed_it_waits_for_the_library(client, cast):
    invoice = disputed(cast, cast.invoice(line("94.00", title="Nobody knows this")))
    signed(client, cast.clerk)
    assert "Disputed, waits for the library" in said(client, invoice)
    assert "Disputed, waits for the library" in listed(client, "disputed")
    for tab in ("entered", "answered"):
        assert f"/billing/payables/{invoice.pk}/" not in listed(client, tab)
    actions.settle_dispute(invoice.lines.get(), Decimal("94.00"), "credited", actor=cast.clerk, now=f.NOW)
    assert "To be put right" in said(client, invoice), "nothing of it is owed: it is refused"


def test_a_line_paid_in_part_meanwhile_leaves_it_ready(client, cast):
    invoice = disputed(cast, cast.invoice(line("18.00", number=cast.ill().number)), paid="15.00")
    assert "Ready to ask for approval" in said(signed(client, cast.clerk), invoice)


def test_lines_that_do_not_come_to_the_total_or_a_twin_are_put_right_first(client, cast):
    ill = cast.ill()
    wrong = cast.invoice(line(number=ill.number), number="1", total=Decimal("16.00"))
    cast.approved(line("7.00", title="postage"), number="2")
    twin = cast.invoice(line("8.00", title="postage"), number="02")
    actions.general(twin.lines.get(), "postage", actor=cast.clerk, now=f.NOW)
    signed(client, cast.clerk)
    for row in (wrong, twin):
        assert "To be put right" in said(client, row) and queries.waits(row)
    assert listed(client, "answered").count("To be put right") == 2
    actions.say_no_twin(PayableInvoice.objects.get(pk=twin.pk), "another month", actor=cast.clerk, now=f.NOW)
    assert "Ready to ask for approval" in said(client, twin)


def test_the_list_and_the_page_agree_with_what_is_refused(cast):
    """Whatever is called ready can be asked for; whatever is not, cannot."""
    ills = [cast.ill(f"Title {n}") for n in range(4)]
    rows = [cast.invoice(line(number=ills[0].number), number="1"),
            cast.invoice(line("15.00", number=ills[1].number), number="1-"),
            cast.invoice(line("20.00", number=ills[2].number), number="3"),
            cast.invoice(line("15.00", number=ills[3].number), number="4", total=Decimal("1.00"))]
    found = queries.standings(rows)
    assert [(found[row.pk].code == "ready") is (not queries.waits(row)) for row in rows] == [True] * 4


def test_one_invoice_that_was_split_is_one_twin(client, cast):
    ills = [cast.ill("One"), cast.ill("Two")]
    whole = cast.approved(*[line(number=ill.number) for ill in ills], number="77")
    from billing.batches.payable import KINDS

    KINDS["payable"].back(whole.pk, [str(whole.lines.last().pk)], "fund", f.staff("budget"), f.NOW)
    again = cast.invoice(*[line(number=ill.number) for ill in ills], number="077")
    assert [row.pk for row, _why in queries.twins(again)] == [whole.pk]
    page = signed(client, cast.clerk).get(f"/billing/payables/{again.pk}/").content.decode()
    assert page.count("It looks like invoice") == 1 + ("It looks like invoice 77: compare" in page)


def home(client, actor) -> str:
    answer = signed(client, actor).get("/")
    return answer.content.decode().partition("<main")[2]


def test_the_start_page_names_what_waits_for_each_person(client, cast):
    asked = cast.invoice(line(number=cast.ill("A").number), number="1")
    actions.ask(asked, actor=cast.clerk, now=f.NOW)
    cast.invoice(line("19.00", number=cast.ill("B").number), number="2")
    cast.invoice(line("16.00", number=cast.ill("C", cost="16.00").number), number="3")
    own = cast.invoice(line("17.00", number=cast.ill("D", cost="17.00").number), number="4")
    actions.ask(own, actor=cast.chen, now=f.NOW)
    found = home(client, cast.clerk)
    assert "Library invoices" in found and "?state=entered" in found and "?state=answered" in found
    assert "Invoices to approve" not in found, "no right to approve"
    found = home(client, cast.chen)
    assert "?state=asked" in found and home_to_approve(cast.chen) == 1, "what one asked for waits for another"
    assert home_to_approve(f.staff("supervisor")) == 2


def home_to_approve(actor) -> int:
    from billing.payables import home

    return home.to_approve(actor.user)


def test_a_part_sent_back_stands_on_the_start_page(client, cast):
    from billing.batches.payable import KINDS

    invoice = cast.approved(line(number=cast.ill().number))
    assert "?state=back" not in home(client, cast.clerk)
    KINDS["payable"].back(invoice.pk, [str(invoice.lines.get().pk)], "fund", f.staff("budget"), f.NOW)
    assert "?state=back" in home(client, cast.clerk)


def test_a_start_page_without_anything_waiting_has_no_card(client, cast):
    cast.approved(line(number=cast.ill().number))
    assert "/billing/payables/?state=" not in home(client, cast.chen)
