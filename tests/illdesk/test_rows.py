"""Rows by statements made once: the same as the ORM stores and reads, column by column, on both databases."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.forms import model_to_dict

from illdesk import rows
from illdesk.models import Branch, Event, Institution
from requests_app.models import Citation, ILLRequest, Library, LoanPolicy
from tests import factories as f

pytestmark = pytest.mark.django_db


def test_a_row_of_every_kind_of_column_is_stored_and_read_as_the_orm_does_it():
    ill = f.ill("borrowing.shipped")
    ill.max_cost, ill.claimed_at, ill.library_use_only = Decimal("12.50"), f.NOW, True
    citation = Citation(title="Ünïcode; 100 % of it", typed={"a": [1, None, "ü"]}, any_edition=True)
    assert rows.insert(citation) and citation.pk and not citation._state.adding
    ill.pk, ill.number, ill.citation, ill.form_key = None, "B-2026-99999", citation, None
    assert rows.insert(ill)
    read = ILLRequest.objects.get(number="B-2026-99999")
    assert model_to_dict(read) == model_to_dict(ill) and read.claimed_at == f.NOW
    assert model_to_dict(Citation.objects.get(pk=citation.pk)) == model_to_dict(citation)
    for model, row in ((ILLRequest, read), (Citation, citation), (Event, Event.objects.latest("id"))):
        assert model_to_dict(rows.one(model, "id = %s", row.pk)) == model_to_dict(row)


def test_an_encrypted_column_is_encrypted_and_readable():
    library = Library(name="Oak", symbol="OAK", secret_sent="tell nobody")
    rows.insert(library)
    assert rows.one(Library, "symbol = %s", "OAK").secret_sent == "tell nobody"
    assert Library.objects.extra(where=["secret_sent LIKE 'tell%%'"]).count() == 0


def test_many_rows_of_every_kind_of_column_are_stored_as_the_orm_does_it():
    ill, names = f.ill("borrowing.shipped"), ("id", "number", "form_key")
    many = []
    for number in range(7):
        row = ILLRequest.objects.get(pk=ill.pk)
        row.pk, row.number, row.form_key = None, f"B-2026-9{number:04d}", None
        row.max_cost, row.claimed_at, row.library_use_only = Decimal("12.50"), f.NOW, True
        row.citation = Citation.objects.create(title="100 % of it, 'quoted'")
        many.append(row)
    rows.insert_all(many)
    rows.insert_all([])
    for row in many:
        read = ILLRequest.objects.get(number=row.number)
        given = model_to_dict(row, exclude=names)
        assert model_to_dict(read, exclude=names) == given and read.claimed_at == f.NOW
    secret, plain = Library(name="Oak", symbol="OAK", secret_sent="tell nobody"), Library(name="Elm", symbol="ELM")
    rows.insert_all([secret, plain])
    assert Library.objects.get(symbol="OAK").secret_sent == "tell nobody"
    assert Library.objects.extra(where=["secret_sent LIKE 'tell%%'"]).count() == 0


@pytest.mark.parametrize("text", [
    "", "\\N", "\\", "a\tb\nc\rd", "\\t", "\\.", "\\x41", "\\.\n", "'\"%s\"'", "\x0b\x08 é 漢字 \U0001f4da", " ends "])
def test_many_rows_keep_every_sign(text):
    typed = {"said": text, "list": [text, None, True]}
    rows.insert_all([Citation(title=text, pages=text, typed=typed), Citation(title="after it")])
    read, after = Citation.objects.order_by("id")
    assert (read.title, read.pages, read.typed, after.title) == (text, text, typed, "after it")


def test_of_many_rows_none_is_stored_when_one_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert_all([Branch(code="east", name="East"), Branch(code="west", name="W"), Branch(code="east", name="")])
    assert not Branch.objects.filter(code__in=["east", "west"]).exists()


def test_a_taken_value_is_told_or_raised():
    rows.insert(Branch(code="north", name="North"))
    again = Branch(code="north", name="Another")
    assert not rows.insert(again, unless_there=True) and again.pk is None
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(again)
    assert [row.name for row in Branch.objects.all()] == ["North"]


def test_an_update_writes_what_it_names_where_its_condition_holds():
    branch = Branch.objects.create(code="north", name="North")
    branch.name, branch.code = "Northern", "south"
    rows.update(branch, "name")
    rows.update(branch)
    assert Branch.objects.values_list("code", "name").get() == ("north", "Northern")
    assert not rows.update_where(branch, "name = %s", ["North"], code="east")
    assert rows.update_where(branch, "name = %s", ["Northern"], code="east")
    assert Branch.objects.get().code == "east"


def test_none_and_further_attributes():
    f.institution()
    assert rows.one(LoanPolicy, "id = 1") is None
    us = rows.one(Institution, "id = 1", branches="(SELECT count(*) FROM illdesk_branch)")
    assert vars(us)["branches"] == 0 and us.symbol == "RIV"


def test_several_together_run_in_their_order_and_fail_as_one():
    north, same = Branch(code="north", name="North"), Branch(code="north", name="Again")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(Branch(code="south", name="South"), along=[rows.insertion(north), rows.insertion(same)])
    assert not Branch.objects.exists()
    south = Branch(code="south", name="South")
    assert rows.insert(south, along=[rows.insertion(north)])
    assert list(Branch.objects.order_by("id").values_list("code", flat=True)) == ["north", "south"]
    assert Branch.objects.get(code="south").pk == south.pk
