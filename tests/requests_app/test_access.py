import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from requests_app import access
from tests import factories as f

pytestmark = pytest.mark.django_db

# role → the kinds it sees
SEES = {
    "patron": [], "student": ["lending"], "borrowing staff": ["borrowing", "documents"],
    "lending staff": ["lending", "documents"], "desk coordinator": ["lending"],
    "coordinator": ["borrowing", "lending", "documents"], "supervisor": ["borrowing", "lending", "documents"],
    "budget": [], "administrator": [],
}


@pytest.mark.parametrize(("role", "kinds"), SEES.items())
def test_staff_see_the_kinds_of_their_role_and_others_get_404(role, kinds):
    someone = f.user(role)
    assert access.kinds_seen(someone) == kinds
    for row in (f.ill("borrowing.submitted"), f.ill("lending.received")):
        if row.kind in kinds:
            assert access.request_for(someone, row.number) == row
            assert access.staff_request(someone, row.number) == row
            assert access.may_fetch_files(someone, row.pk)
        else:
            for door in (access.request_for, access.staff_request, access.own_request):
                with pytest.raises(Http404):
                    door(someone, row.number)
            assert not access.may_fetch_files(someone, row.pk)


def test_a_patron_gets_an_own_request_and_nobody_elses():
    row, other = f.asked(), f.asked()
    mine = row.patron.user
    assert access.request_for(mine, row.number) == row
    assert access.own_request(mine, row.number) == row
    for door, number in (
        (access.request_for, other.number), (access.own_request, other.number), (access.staff_request, row.number),
    ):
        with pytest.raises(Http404):
            door(mine, number)
    assert not access.may_fetch_files(mine, row.pk)


def test_a_number_that_does_not_exist_looks_like_one_that_is_not_for_you():
    someone = f.user("supervisor")
    for number in ("B-2026-99999", "", "x" * 500):
        with pytest.raises(Http404):
            access.request_for(someone, number)
    assert not access.may_fetch_files(someone, 10**9)


def test_staff_who_are_patrons_too_have_both_doors():
    someone = f.user("patron", "borrowing staff")
    row = f.asked(patron=f.patron(user=someone))
    assert access.own_request(someone, row.number) == access.staff_request(someone, row.number) == row
    with pytest.raises(Http404):
        access.own_request(someone, f.asked().number)


def test_who_left_the_department_sees_nothing():
    someone = f.user("supervisor", is_active=False)
    with pytest.raises(Http404):
        access.request_for(someone, f.asked().number)


def test_a_request_of_nobodys_account_is_nobodys():
    row = f.asked(patron=f.patron(user=None))
    assert not access.is_own(AnonymousUser(), row)
    assert not access.is_own(f.user("patron"), row)
