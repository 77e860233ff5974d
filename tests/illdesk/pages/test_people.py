import re

import pytest

from illdesk.models import Event, OutboxMessage, User


@pytest.fixture
def admin(signed_in):
    return signed_in("administrator")


def _roles(user) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def _save(browser, user, *roles, active=True, seen=None):
    from illdesk import people

    sent = {"roles": list(roles), "seen": people.seen(user) if seen is None else seen}
    return browser.post(f"/settings/people/{user.pk}/", sent | ({"is_active": "on"} if active else {}))


def test_an_administrator_gives_and_takes_roles(admin, person):
    ben = person("ben", "student")
    assert _save(admin, ben, "lending staff", "student", "patron").status_code == 302
    assert _roles(ben) == {"lending staff", "student", "patron"}
    event = Event.objects.get(name="person.roles", subject_id=ben.pk)
    assert event.data == {"given": ["lending staff", "patron"], "taken": []}
    assert "Lending staff, Patron" in admin.get(f"/settings/people/{ben.pk}/").content.decode()


def test_saving_twice_is_one_change(admin, person):
    ben = person("ben", "student")
    for _n in range(2):
        _save(admin, ben, "patron")
    assert Event.objects.filter(name="person.roles").count() == 1


def test_a_new_person_gets_a_link_to_choose_a_password(admin):
    sent = {"first_name": "Ana", "last_name": "Ruiz", "email": "Ana@uni.example", "username": "20777"}
    sent["roles"] = ["student"]
    answer = admin.post("/settings/people/add/", sent)
    ana = User.objects.get(username="20777")
    assert answer["Location"] == f"/settings/people/{ana.pk}/"
    assert not ana.has_usable_password()
    assert _roles(ana) == {"student"}
    mail = OutboxMessage.objects.get(channel="mail")
    assert mail.recipient == "ana@uni.example"
    assert "/accounts/password/reset/key/" in mail.payload["body"]
    assert mail.confidential


def test_the_link_opens_once_and_the_password_counts(admin, client):
    sent = {"first_name": "Ana", "last_name": "Ruiz", "email": "ana@uni.example", "username": "20777"}
    admin.post("/settings/people/add/", sent)
    (link,) = re.findall(r"/accounts/password/reset/key/\S+", OutboxMessage.objects.get().payload["body"])
    page = client.get(link, follow=True)
    password = {"password1": "tidal-range-1987", "password2": "tidal-range-1987"}
    assert client.post(page.redirect_chain[-1][0], password).status_code == 302
    assert client.login(username="20777", password="tidal-range-1987")
    client.logout()
    assert "does not work any more" in client.get(link, follow=True).content.decode()


def test_a_link_is_sent_again_to_open_accounts_alone(admin, person):
    ben = person("ben")
    assert admin.post(f"/settings/people/{ben.pk}/link/").status_code == 302
    assert OutboxMessage.objects.get().recipient == ben.email
    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert admin.post(f"/settings/people/{ben.pk}/link/").status_code == 404


def test_an_address_in_use_is_refused_and_the_text_kept(admin, person):
    person("ben")
    sent = {"first_name": "Ana", "last_name": "Ruiz", "email": "BEN@library.example", "username": "ben"}
    answer = admin.post("/settings/people/add/", sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"email", "username"}
    assert 'value="Ruiz"' in answer.content.decode()
    assert not User.objects.filter(last_name="Ruiz").exists()


def test_nobody_takes_the_own_administrator_role(admin):
    answer = _save(admin, admin.user, "patron")
    assert answer.status_code == 422
    assert "from yourself" in answer.content.decode()
    assert _roles(admin.user) == {"administrator"}


def test_nobody_closes_the_own_account(admin):
    assert _save(admin, admin.user, "administrator", active=False).status_code == 422
    admin.user.refresh_from_db()
    assert admin.user.is_active


def test_the_last_administrator_stays(admin, person):
    from django.utils import timezone

    from illdesk import people
    from illdesk.errors import BadAnswer

    other = person("other")  # an administrator who was closed meanwhile still holds an open page
    with pytest.raises(BadAnswer, match="last administrator"):
        people.change(
            admin.user, roles=[], active=True, as_seen=people.seen(admin.user), by=other, now=timezone.now()
        )


def test_one_of_two_administrators_may_go(admin, person):
    second = person("second", "administrator")
    assert _save(admin, second, active=False).status_code == 302
    second.refresh_from_db()
    assert not second.is_active
    assert Event.objects.filter(name="person.closed", subject_id=second.pk).exists()


def test_a_second_administrator_is_told_of_the_first_ones_change(admin, person):
    ben = person("ben", "student")
    answer = _save(admin, ben, "budget", seen="patron;1")
    assert answer.status_code == 422
    assert _roles(ben) == {"student"}
    assert answer.context["form"].data.getlist("roles") == ["budget"]
    sent = {"roles": ["budget"], "is_active": "on", "seen": answer.context["form"].data["seen"]}
    assert admin.post(f"/settings/people/{ben.pk}/", sent).status_code == 302


def test_events_hold_codes_and_no_names(admin, person):
    _save(admin, person("ben", "student"), "budget")
    assert "Ben" not in str(list(Event.objects.values_list("data", flat=True)))


def test_people_are_found_by_any_part(admin, person):
    person("ben", last_name="Itō")
    assert [one.username for one in admin.get("/settings/people/?q=itō+BEN").context["page"]] == ["ben"]
    assert "Nobody found" in admin.get("/settings/people/?q=zzz").content.decode()


def test_a_coordinator_is_refused_with_the_right_s_name(signed_in, person):
    ben, browser = person("ben"), signed_in("coordinator")
    for address in ("/settings/people/", "/settings/people/add/", f"/settings/people/{ben.pk}/"):
        answer = browser.get(address)
        assert answer.status_code == 403
        assert "Give roles to people" in answer.content.decode()
    assert _save(browser, ben, "administrator").status_code == 403
    assert _roles(ben) == set()


def test_a_closed_account_opens_nothing_any_more(signed_in):
    browser = signed_in("lending staff")
    User.objects.filter(pk=browser.user.pk).update(is_active=False)
    assert browser.get("/")["Location"].startswith("/accounts/login/")
