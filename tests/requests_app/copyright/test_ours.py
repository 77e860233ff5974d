"""What we subscribe to, ordered or read online, as a decision knows it (C7): no query more for it."""

from datetime import date

import pytest

from requests_app.copyright import clearance
from requests_app.models import Check, ElectronicPackage, ElectronicTitle, Subscription, SubscriptionLoad
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, ONLINE, OTHER, article, ready, sent, use_of

pytestmark = pytest.mark.django_db


def subscription(*keys: str, **fields) -> Subscription:
    given = {"name": "Marine Letters", "name_key": "marine letters", "begins": date(2020, 1, 1)}
    row = Subscription.objects.create(**given | fields)
    for key in keys or (f"issn:{ISSN}",):
        row.numbers.create(key=key)
    return row


def package(**fields) -> ElectronicTitle:
    name = f"Package {ElectronicPackage.objects.count()}"
    row = ElectronicPackage.objects.create(name=name, generation=1, titles=1, on=fields.pop("on", True))
    given = {"kind": "serial", "title": "Marine Letters", "title_key": "marine letters", "online_identifier": ISSN,
             "line": 2, "generation": 1}
    return ElectronicTitle.objects.create(package=row, **given | fields)


def ours_of(ill):
    return clearance.look(ill, now=f.NOW).facts.ours


def said(ill) -> set[str]:
    return set(clearance.look(ill, now=f.NOW).decision.why)


def on_the_shelf(ill, available: bool | None) -> None:
    held = {"name": "Main", "ours": True} | ({} if available is None else {"available": available})
    Check.objects.create(ill=ill, made=f.NOW, outcome="verified", held=[held])


# --- subscriptions -----------------------------------------------------------------------------------------------


def test_a_subscription_in_force_whose_volume_is_away_needs_no_place():
    subscription()
    ill = article()
    on_the_shelf(ill, False)
    found = clearance.look(ill, now=f.NOW).decision
    assert (found.verdict, found.code, found.ground) == ("outside", "US-CCL", "held") and "subscribed" in found.why


def test_of_one_on_the_shelf_or_of_which_nobody_says_so_a_person_decides():
    subscription()
    for available, sentence in ((True, "available"), (None, "maybe_available")):
        ill = article()
        on_the_shelf(ill, available)
        found = clearance.look(ill, now=f.NOW).decision
        assert found.verdict == "person" and sentence in [line.code for line in found.doubts]


@pytest.mark.parametrize(("fields", "what"), [
    ({"begins": date(2026, 3, 2)}, "subscription"),
    ({"begins": date(2026, 3, 3)}, ""),
    ({"begins": None, "ordered": date(2026, 3, 2)}, "entered"),
    ({"begins": date(2026, 6, 1), "ordered": date(2026, 2, 1)}, "entered"),
    ({"begins": None, "ordered": date(2026, 3, 3)}, ""),
    ({"ends": date(2026, 3, 2)}, "subscription"),
    ({"ends": date(2026, 3, 1)}, "cancelled"),
    ({"begins": None}, "subscription"),
])
def test_the_day_of_the_request_decides(fields, what):
    subscription(**fields)
    assert ours_of(article()).what == what


def test_what_it_covers_is_asked_of_the_date_of_the_part():
    row = subscription(covers_from="2025")
    assert "not_covered" in said(article())
    assert ours_of(article(year="2025")).covers == "yes"
    Subscription.objects.filter(pk=row.pk).update(covers_from="", embargo="P3Y")
    assert ours_of(article()).covers == "no" and ours_of(article(year="2022")).covers == "yes"
    Subscription.objects.filter(pk=row.pk).update(embargo="P20M")
    assert ours_of(article()).covers == "unknown"
    Subscription.objects.filter(pk=row.pk).update(begins=None, ordered=date(2026, 1, 1), covers_from="2026", embargo="")
    assert "not_covered" in said(article()), "what is ordered from 2026 on does not bring 2024"


def test_print_is_found_for_a_citation_of_the_online_issn_once_they_are_one_title():
    subscription(f"issn:{ONLINE}")
    assert ours_of(article()).what == ""
    ill = article()
    Check.objects.create(ill=ill, made=f.NOW, outcome="verified",
                         found=[{"record": {"title": "Marine Letters", "issn": ISSN, "issns": [ISSN, ONLINE]}}])
    assert ours_of(ill).what == "subscription"
    earlier = sent()
    use_of(earlier).title.numbers.create(kind="issn", key=f"issn:{ONLINE}")
    assert ours_of(article()).what == "subscription", "by the numbers of the title itself"


def test_one_known_by_its_name_alone_is_only_a_hint():
    row = subscription()
    row.numbers.all().delete()
    assert (ours_of(article()).what, ours_of(article()).covers) == ("subscription", "unknown")
    assert "maybe_available" in said(article())
    assert ours_of(article(title="Marine Reports")).what == ""


def test_a_book_in_a_series_says_nothing_of_the_journal_with_its_issn():
    subscription(kind="work")
    assert ours_of(article()).what == ""


def test_only_the_file_that_is_in_force_counts():
    load = SubscriptionLoad.objects.create(file_name="x.csv", made=f.NOW)
    subscription(load=load)
    for state, what in (("draft", ""), ("counts", "subscription"), ("replaced", ""), ("discarded", "")):
        SubscriptionLoad.objects.update(state=state)
        assert ours_of(article()).what == what, state


def test_a_book_that_is_ordered_is_exempt_and_one_that_came_is_owned():
    row = subscription("isbn:9780141439549", kind="work", name="Middlemarch", name_key="middlemarch", begins=None,
                       ordered=date(2026, 2, 1))
    chapter = {"kind": "chapter", "title": "Middlemarch", "issn": "", "isbn": "9780141439549", "volume": "",
               "issue": ""}
    ill = article(**chapter)
    assert ours_of(ill).what == "on_order" and "on_order" in said(ill)
    Subscription.objects.filter(pk=row.pk).update(begins=date(2026, 2, 20))
    assert ours_of(ill).what == "owned"


# --- packages -----------------------------------------------------------------------------------------------------


def test_access_with_an_embargo_counts_as_held_outside_of_it():
    package(embargo="P3Y")
    assert "not_covered" in said(article()) and ready().compliance == "US-CCG"
    found = ours_of(article(year="2022"))
    assert (found.what, found.available, found.covers) == ("subscription", True, "yes")
    assert "available" in said(article(year="2022")), "it can be read: look before a copy is asked for"


@pytest.mark.parametrize("fields", [
    {"on": False}, {"generation": 2}, {"free": True}, {"depth": "abstracts"}, {"online_identifier": OTHER},
    {"kind": "monograph"},
])
def test_what_is_no_access_of_ours_says_nothing(fields):
    package(**fields)
    assert ours_of(article()).what == ""


def test_a_cancelled_subscription_weighs_more_than_a_package_without_the_part():
    package(embargo="P3Y")
    subscription(ends=date(2025, 12, 31))
    assert "cancelled" in said(article()) and "not_covered" not in said(article())


def test_a_volume_on_our_shelf_is_looked_at_though_a_package_leaves_it_out():
    package(last_date="2010")
    ill = article()
    on_the_shelf(ill, None)
    assert ours_of(ill).what == "volume"


def test_no_query_more_however_much_is_held(django_assert_max_num_queries):
    for _time in range(5):
        subscription(), package()
    ill = article(doi="10.5555/tides")
    with django_assert_max_num_queries(3):
        clearance.look(ill, now=f.NOW)
