"""What if, in the browser: rules chosen and changed, a list uploaded; nothing is stored."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from requests_app.models import CopyrightUse, ElectronicPackage, ElectronicTitle, Royalty, RoyaltyList, RuleSet
from tests import factories as f
from tests.guards.world import writes
from tests.requests_app.copyright.stories import ISSN, sent
from tests.requests_app.copyright.test_ours import subscription

pytestmark = pytest.mark.django_db
PAGE = "/copyright/what-if/"


@pytest.fixture
def clerk(client):
    row = f.user("borrowing staff")
    client.force_login(row)
    for _time in range(3):
        sent()
    return row


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def asked(**more) -> dict:
    return {"year": "2026", "rules": "us-contu/1"} | more


def test_the_same_rules_change_nothing_and_nothing_is_written(client, clerk):
    assert client.get(PAGE, {"year": "2026"}).context["form"]["year"].value() == 2026
    with writes() as seen:
        page = text(client.post(PAGE, asked()))
    assert "Nothing would have been otherwise" in page and "3 requests that kept their rows" in page
    assert seen.found == []


def test_a_lower_limit_says_what_it_would_have_cost(client, clerk):
    page = text(client.post(PAGE, asked(limit="1", price="40")))
    assert "2 copies more that would have needed a royalty" in page and "USD 80.00" in page
    assert "1 within, 2 beyond, 0 not counted" in page
    assert "no price known" in text(client.post(PAGE, asked(limit="1")))


def test_which_average_it_reckons_with_is_said(client, clerk):
    use = CopyrightUse.objects.order_by("pk").first()
    CopyrightUse.objects.filter(pk=use.pk).update(royalty="38.00", currency="USD")
    assert "USD 38.00, the average of those agreed" in text(client.post(PAGE, asked(limit="1")))
    row = RoyaltyList.objects.create(number="R-1", made=f.NOW, first=use.asked_on, last=use.asked_on, key="k")
    Royalty.objects.create(
        number=use.number, use=use, title="Marine Letters", year=2026, price="38.00", currency="USD", source="entered",
        source_on=use.asked_on, agreed=f.NOW, state=Royalty.PAID, list=row, paid="30.00", paid_on=use.asked_on,
        used_on=use.asked_on)
    page = text(client.post(PAGE, asked(limit="1")))
    assert "USD 30.00, the average of those really paid" in page and "USD 60.00" in page


def test_a_stored_version_can_be_tried(client, clerk):
    RuleSet.objects.create(code="us-own", version=2, name="Ours", valid_from="2027-01-01", settings={"limit": 2})
    assert "Ours · us-own/2" in text(client.get(PAGE))
    assert "2 within, 1 beyond" in text(client.post(PAGE, asked(rules="us-own/2")))


def test_a_list_of_subscriptions_is_uploaded_or_typed(client, clerk):
    file = SimpleUploadedFile("subscriptions.csv", f"issn,since\n{ISSN},2020-01-01\n".encode())
    for way in ({"file": file}, {"typed": ISSN}):
        page = text(client.post(PAGE, asked(**way)))
        assert "1 subscription was assumed" in page and "0 within, 0 beyond, 3 not counted" in page
        assert "Held or on order here" in page
    assert CopyrightUse.objects.filter(state="held").count() == 3


def test_our_electronic_holdings_can_be_taken_for_subscriptions(client, clerk):
    package = ElectronicPackage.objects.create(name="Hills", generation=1)
    ElectronicTitle.objects.create(package=package, generation=1, kind="serial", title="Marine Letters",
                                   title_key="marine letters", online_identifier=ISSN.replace("-", ""), line=2)
    ElectronicTitle.objects.update(online_identifier=_normal())
    assert "0 within, 0 beyond, 3 not counted" in text(client.post(PAGE, asked(holdings="on")))


def _normal() -> str:
    from requests_app.verification.kbart_values import normal_identifier

    return normal_identifier(ISSN)


@pytest.mark.parametrize(("typed", "said"), [
    ({"limit": "-1"}, "limit"), ({"limit": "x"}, "limit"), ({"rules": "none/9"}, "rules"), ({"year": "1066"}, "year"),
    ({"typed": "1234-5670"}, "1 line cannot be read as a subscription"), ({"price": "-3"}, "price"),
    ({"typed": "hello"}, "“hello”"), ({"typed": f"{ISSN}\nhello\nworld"}, "2 lines cannot be read as subscriptions"),
    ({"currency": "Q1"}, "Enter the currency as three letters"), ({"currency": "U$D"}, "Enter the currency"),
    ({"limit": "0"}, "limit"), ({"limit": "51"}, "limit"),
])
def test_what_cannot_be_tried_is_said_with_what_was_typed(client, clerk, typed, said):
    answer = client.post(PAGE, asked(**typed))
    assert answer.status_code == 422 and "Nothing would have been" not in text(answer)
    assert answer.context["form"].errors and (said in answer.context["form"].errors or said in text(answer))


def test_a_file_that_is_no_list_is_refused(client, clerk):
    file = SimpleUploadedFile("x.csv", b"\x00\xff\xfe\x00" * 10)
    assert client.post(PAGE, asked(file=file)).status_code == 422


def test_a_year_without_uses_and_who_may_look(client, clerk):
    CopyrightUse.objects.all().delete()
    assert client.get(PAGE).status_code == 200
    for role, status in (("patron", 403), ("lending staff", 403), ("administrator", 200)):
        client.force_login(f.user(role))
        assert client.get(PAGE).status_code == status


def test_our_own_subscriptions_are_offered_and_each_page_of_theirs_leads_here(client, clerk):
    row = subscription()
    page = text(client.post(PAGE, asked(ours="on")))
    assert "1 subscription was assumed" in page and "Not counted" in page and "Nothing would have been" not in page
    assert "2 subscriptions were assumed" in text(client.post(PAGE, asked(ours="on", typed=ISSN)))
    assert client.get(PAGE, {"ours": "1"}).context["form"]["ours"].value() is True
    client.force_login(f.user("coordinator"))
    assert f"{PAGE}?ours=1" in text(client.get("/copyright/subscriptions/"))
    where = f"{PAGE}?typed={ISSN}"
    assert where in text(client.get(f"/copyright/subscriptions/{row.pk}/"))
    assert client.get(where).context["form"]["typed"].value() == ISSN
