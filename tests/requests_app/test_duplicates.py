"""The same thing asked twice: told, never refused."""

import pytest

from requests_app import duplicates, lifecycle
from requests_app.actions import perform
from requests_app.models import Citation, ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db


def asked(patron=None, state="borrowing.in_review", **citation) -> ILLRequest:
    row = f.ill(state, patron=patron or f.patron())
    Citation.objects.filter(pk=row.citation_id).update(**({"isbn": "", "doi": "", "oclc": ""} | citation))
    return ILLRequest.objects.select_related("citation").get(pk=row.pk)


def found(row, kinds=lifecycle.KINDS) -> list[tuple[int, bool, str]]:
    return [(same.ill.pk, same.same_patron, same.why) for same in duplicates.of(row, kinds=kinds)]


def test_the_same_patrons_come_first_also_when_they_have_ended():
    patron = f.patron()
    old = asked(patron, state="borrowing.finished", doi="10.1/x", title="Tides")
    other = asked(doi="10.1/x", title="Something else")
    new = asked(patron, doi="10.1/x", title="Tides again")
    assert found(new) == [(old.pk, True, "doi"), (other.pk, False, "doi")]


def test_of_other_patrons_only_what_is_open_and_only_by_a_number():
    asked(state="borrowing.finished", isbn="9780306406157")
    asked(title="Tides and currents")
    assert found(asked(isbn="9780306406157", title="Tides and currents")) == []


def test_a_title_is_the_same_in_other_letters_and_marks():
    patron = f.patron()
    one = asked(patron, title="Über die Grenzen!")
    assert found(asked(patron, title="uber  die GRENZEN")) == [(one.pk, True, "title")]


def test_two_chapters_of_a_book_and_two_volumes_of_a_set_are_not_the_same():
    patron = f.patron()
    asked(patron, isbn="9780306406157", part_title="One", title="The book")
    asked(patron, isbn="9780306406157", title="The set", volume="2")
    assert found(asked(patron, isbn="9780306406157", part_title="Two", title="The book")) == []
    assert found(asked(patron, isbn="9780306406157", title="The set", volume="3")) == []


def test_lending_requests_are_other_libraries_affair():
    asked(state="borrowing.in_review", isbn="9780306406157")
    lent = f.ill("lending.received")
    Citation.objects.filter(pk=lent.citation_id).update(isbn="9780306406157")
    row = asked(isbn="9780306406157")
    assert lent.pk not in [pk for pk, *_rest in found(row)]


def test_it_costs_the_same_with_a_hundred(django_assert_num_queries):
    patron = f.patron()
    for _number in range(3):
        asked(patron, doi="10.1/x")
    row = asked(patron, doi="10.1/x")
    with django_assert_num_queries(2):
        duplicates.of(row, kinds=lifecycle.KINDS)
    first = ILLRequest.objects.filter(patron=patron).first()
    perform(first, "note", actor=f.staff(), now=f.NOW, text="x")
    with django_assert_num_queries(2):
        duplicates.of(row, kinds=lifecycle.KINDS)
