"""What is left out of a list, and what stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app import claims
from requests_app.lists.filters import FLAGS, narrowed
from requests_app.models import ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db


def _left(wanted, user=None) -> set[str]:
    rows = narrowed(ILLRequest.objects.all(), wanted, user=user or f.user(), now=timezone.now())
    return {row.number for row in rows}


def test_kind_material_status_branch_and_library():
    one = f.asked(patron=f.patron(status="faculty"))
    other = f.asked(citation={"kind": "thesis"})
    lent = f.arrived(library=f.library("DBU", name="Delta Bay University"))
    ILLRequest.objects.filter(pk=one.pk).update(branch=f.branch())
    assert _left({"status": "faculty"}) == {one.number}
    assert _left({"material": "thesis"}) == {other.number}
    assert _left({"branch": "main", "material": "book"}) == {one.number}
    assert _left({"library": "dbu"}) == _left({"library": "delta bay"}) == {lent.number}
    assert _left({"service": "copy"}) == set()
    assert _left({"library": "%"}) == set()


@pytest.mark.parametrize("words", ["uber", "ÜBER", "die grenzen", "grenz", "über żak", "Über%"])
def test_words_are_found_whatever_their_dress(words):
    one = f.asked(title="Über die Grenzen")
    f.asked(title="Middlemarch")
    assert _left({"words": words}) == {one.number}


@pytest.mark.parametrize("words", ["ber", "grenzenlos", "a" * 300])
def test_words_that_do_not_begin_so_are_not_found(words):
    f.asked(title="Über die Grenzen")
    assert _left({"words": words}) == set()


def test_any_of_several_flags_is_enough():
    today = timezone.localdate()
    ills = {name: f.asked() for name in ("attention", "referred", "renewal", "late")}
    plain = f.asked()
    now = timezone.now()
    ILLRequest.objects.filter(pk=ills["attention"].pk).update(attention=now)
    ILLRequest.objects.filter(pk=ills["referred"].pk).update(referred=now)
    ILLRequest.objects.filter(pk=ills["renewal"].pk).update(renewal_asked=now)
    ILLRequest.objects.filter(pk=ills["late"].pk).update(respond_by=now - timedelta(hours=1))
    for name, ill in ills.items():
        assert _left({"flag": [name]}) == {ill.number}, name
    assert _left({"flag": list(ills)}) == {ill.number for ill in ills.values()}
    overdue = f.ill("borrowing.checked_out")
    ILLRequest.objects.filter(pk=overdue.pk).update(due_patron=today - timedelta(days=1))
    assert _left({"flag": ["overdue"]}) == {overdue.number}
    assert plain.number not in _left({"flag": list(FLAGS)})


def test_ranges_hold_their_first_and_last_day():
    one = f.asked()
    day = timezone.localtime(one.created).date()
    ILLRequest.objects.filter(pk=one.pk).update(need_by=day)
    inside = {"asked_from": day, "asked_to": day, "need_from": day, "need_to": day}
    assert _left(inside) == {one.number}
    assert _left({"asked_from": day + timedelta(days=1)}) == _left({"asked_to": day - timedelta(days=1)}) == set()
    assert _left({"need_from": day + timedelta(days=1)}) == _left({"need_to": day - timedelta(days=1)}) == set()


def test_mine_is_what_i_work_on_now():
    me, ill = f.user("borrowing staff"), f.asked()
    f.asked()
    claims.claim(ill, me, now=timezone.now())
    assert _left({"mine": True}, me) == {ill.number} and _left({"mine": True}) == set()
