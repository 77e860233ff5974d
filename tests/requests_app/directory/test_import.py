"""The directory out as a file and in again: nothing lost, nothing twice, nothing unseen."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from illdesk.errors import NotAllowed, Stale
from illdesk.models import Calendar, Event
from requests_app.directory import compare, sheet, store
from requests_app.models import DirectoryImport, Library, LibraryGroup
from tests import factories as f

pytestmark = pytest.mark.django_db


def exported() -> bytes:
    return "".join(sheet.write(compare.entry_of(row) for row in compare.libraries())).encode("utf-8-sig")


def planned(data: bytes | str):
    return compare.plan(sheet.read(data.encode() if isinstance(data, str) else data))


def imported(data: bytes | str, user=None) -> DirectoryImport:
    plan, counts = planned(data)
    user = user or f.user("coordinator")
    draft = DirectoryImport.objects.create(file_name="x.csv", made=f.NOW, by=user, plan=plan, counts=counts)
    store.confirm(draft, user=user, now=f.NOW)
    store.go_on(draft.pk, now=f.NOW)
    draft.refresh_from_db()
    return draft


def full_library() -> Library:
    calendar = Calendar.objects.create(name="Theirs", time_zone="Europe/Vienna")
    row = f.library("OAK", name="Oak, “Public” Library", note="line one\nline two", calendar=calendar,
                    answer_days_loan=4, file_hosts="files.oak.example", endpoint="https://oak.example/iso18626")
    row.symbols.create(agency_type="OCLC", agency_value="XOA", note="=1+1")
    row.contacts.create(kind="lending", name="Łucja Żak", email="l@oak.example")
    row.contacts.create(kind="billing", name="Accounts", phone="+1 555")
    row.addresses.create(kind="returns", line1="2 Dock Road", locality="Oakville", country="US")
    row.suspensions.create(first=date(2026, 7, 1), last=date(2026, 7, 31), reason="summer")
    row.suspensions.create(first=date(2026, 12, 20), reason="moving")
    policies = {"loan_days": 42, "charge_loan": Decimal("15.00"), "lends_books": False, "due_means": "lender"}
    row.policy = type(row.terms).objects.create(library=row, **policies)
    LibraryGroup.objects.create(name="Consortium", kind="consortium").libraries.add(row)
    return row


def test_a_round_trip_restores_a_library_that_was_lost():
    full_library()
    data, before = exported(), compare.entry_of(compare.libraries().get())
    Library.objects.all().delete()
    LibraryGroup.objects.all().delete()
    draft = imported(data)
    assert (draft.state, draft.failed) == ("done", [])
    assert compare.entry_of(compare.libraries().get()) == before


def test_the_same_file_twice_changes_nothing():
    full_library()
    f.library("HIL")
    data = exported()
    plan, counts = planned(data)
    assert counts == {"same": 2}
    imported(data)
    assert not Event.objects.filter(name="library.changed").exists()


def test_secrets_are_neither_exported_nor_imported():
    row = f.library("HIL")
    assert row.secret_sent.encode() not in exported() and row.secret_expected.encode() not in exported()
    imported("symbol,name,secret_sent,secret_expected\nHIL,Hill,stolen,stolen\n")
    row.refresh_from_db()
    assert (row.name, row.secret_sent) == ("Hill", "what-we-tell-them")


def test_the_preview_says_old_and_new_and_stores_nothing():
    row = f.library("HIL")
    plan, counts = planned("symbol;name;locality\nhil;Hill Library;Hilltown\nNEW;New one;\n")
    assert counts == {"changed": 1, "new": 1}
    assert plan[0]["changes"] == [["name", "Hill College Library", "Hill Library"], ["locality", "", "Hilltown"]]
    row.refresh_from_db()
    assert row.name == "Hill College Library" and Library.objects.count() == 1


def test_only_the_columns_of_the_file_change_and_an_empty_cell_empties():
    row = full_library()
    imported("symbol,email,contact_1_name,contact_1_kind\nOAK,,New Person,head\n")
    row.refresh_from_db()
    assert row.email == "" and row.note == "line one\nline two" and row.symbols.count() == 1
    assert list(row.contacts.values_list("name", "kind")) == [("New Person", "head")]


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("A/B,Alpha,,,,,,,", "symbol: A symbol is made of letters"),
        (",Alpha,,,,,,,", "symbol: A symbol is made of letters"),
        ("ABC,,,,,,,,", "name: This field cannot be blank"),
        ("ABC,Alpha,no mail,,,,,,", "email: Enter a valid email address"),
        ("ABC,Alpha,,USA,,,,,", "country: Enter the country as two letters"),
        ("ABC,Alpha,,,perhaps,,,,", "active: “perhaps” is neither yes nor no"),
        ("ABC,Alpha,,,,12.345,,,", "policy_charge_loan: Ensure that there are no more than 2 decimal places"),
        ("ABC,Alpha,,,,-1,,,", "policy_charge_loan: Ensure this value is greater than or equal to 0"),
        ("ABC,Alpha,,,,much,,,", "“much” is no amount"),
        ("ABC,Alpha,,,,,2026-02-30,,", "suspension_1_from: “2026-02-30” is no date"),
        ("ABC,Alpha,,,,,2026-03-02,2026-03-01,", "the last day lies before the first"),
        ("ABC,Alpha,,,,,,,Moon time", "There is no calendar “Moon time”"),
        ("ABC," + "x" * 201 + ",,,,,,,", "name: Ensure this value has at most 200 characters"),
        ("ABC,Al\x00pha,,,,,,,", "name: This holds a NUL byte"),
    ],
)
def test_what_is_wrong_is_told_with_line_column_and_sentence(line, sentence):
    head = "symbol,name,email,country,active,policy_charge_loan,suspension_1_from,suspension_1_until,calendar\n"
    ((row,), counts) = planned(head + line + "\n")
    assert counts == {"wrong": 1} and row["line"] == 2
    assert sentence in " ".join(row["why"])


def test_a_new_library_needs_a_name():
    rows, counts = planned("symbol,email\nABC,a@b.example\n")
    assert counts == {"wrong": 1} and rows[0]["why"] == ["name: a new library needs a name."]


def test_dates_and_amounts_as_spreadsheets_turn_them():
    head = "symbol;name;suspension_1_from;suspension_2_from;policy_charge_loan\n"
    draft = imported(head + "ABC;Alpha;11/26/2026;24.12.2026;12,5\n")
    row = Library.objects.get()
    assert draft.failed == [] and row.terms.charge_loan == Decimal("12.50")
    assert sorted(row.suspensions.values_list("first", flat=True)) == [date(2026, 11, 26), date(2026, 12, 24)]


def test_no_agency_symbol_comes_to_belong_to_two_libraries():
    full_library()
    head = "symbol,name,agency_type,agency_value\n"
    rows, counts = planned(head + "ABC,Alpha,oclc,xoa\nDEF,Delta,ISIL,US-D\nGHI,Gamma,isil,us-d\n")
    assert counts == {"wrong": 3}
    assert rows[0]["why"] == ["The agency symbol OCLC:XOA would belong to OAK too."]
    assert rows[1]["why"] == ["The agency symbol ISIL:US-D would belong to GHI too."]


def test_a_symbol_twice_in_the_file_is_wrong_the_second_time():
    rows, counts = planned("symbol,name\nABC,Alpha\nabc,Other\n")
    assert counts == {"new": 1, "wrong": 1} and "stands in line 2 already" in rows[1]["why"][0]


def test_two_who_confirm_at_once_act_once():
    plan, counts = planned("symbol,name\nABC,Alpha\n")
    first, second = f.user("coordinator", first_name="Ana"), f.user("coordinator")
    draft = DirectoryImport.objects.create(file_name="x.csv", made=f.NOW, plan=plan, counts=counts)
    store.confirm(draft, user=first, now=f.NOW)
    with pytest.raises(Stale, match="was faster"):
        store.confirm(draft, user=second, now=f.NOW)
    with pytest.raises(NotAllowed):
        store.discard(draft, user=second, now=f.NOW)
    assert store.go_on(draft.pk, now=f.NOW) == 1 and store.go_on(draft.pk, now=f.NOW) == 0
    assert Library.objects.count() == 1
    assert Event.objects.filter(name="library.added").count() == 1


def test_what_somebody_changed_after_the_preview_is_left_alone():
    row = f.library("HIL")
    plan, counts = planned("symbol,name\nHIL,From the file\n")
    Library.objects.filter(pk=row.pk).update(name="By a colleague")
    draft = DirectoryImport.objects.create(file_name="x.csv", made=f.NOW, plan=plan, counts=counts)
    store.confirm(draft, user=f.user("coordinator"), now=f.NOW)
    store.go_on(draft.pk, now=f.NOW)
    row.refresh_from_db()
    draft.refresh_from_db()
    assert row.name == "By a colleague"
    assert draft.failed[0][:2] == [2, "HIL"] and "Somebody changed this library" in draft.failed[0][2]


def test_the_clock_goes_on_with_what_a_dead_worker_left():
    plan, counts = planned("symbol,name\nABC,Alpha\n")
    draft = DirectoryImport.objects.create(file_name="x.csv", made=f.NOW, plan=plan, counts=counts)
    store.confirm(draft, user=f.user("coordinator"), now=f.NOW)
    assert store.take_up(now=f.later(seconds=30)) == (0, 0)
    assert store.take_up(now=f.later(minutes=5)) == (1, 0)
    assert Library.objects.get().symbol == "ABC"


def test_five_thousand_libraries_within_seconds():
    lines = [
        f"S{n},Library {n},US-S{n},Town {n},ill@s{n}.example,42,lending,Desk {n},d@s{n}.example" for n in range(5000)
    ]
    head = ("symbol,name,agency_value,locality,email,policy_loan_days,contact_1_kind,contact_1_name,contact_1_email")
    data = "\n".join([head, *lines])
    began = time.monotonic()
    plan, counts = planned(data)
    read = time.monotonic() - began
    draft = DirectoryImport.objects.create(file_name="x.csv", made=f.NOW, plan=plan, counts=counts)
    store.confirm(draft, user=f.user("coordinator"), now=f.NOW)
    store.go_on(draft.pk, now=f.NOW)
    stored = time.monotonic() - began - read
    began = time.monotonic()
    assert planned(exported())[1] == {"same": 5000}
    again = time.monotonic() - began
    print(f"read {read:.1f} s, stored {stored:.1f} s, exported and compared {again:.1f} s")
    assert Library.objects.count() == 5000
    assert (read, stored, again) < (20, 60, 30)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(str.strip).filter(bool)
CODES = st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True)


class TestAnyDirectory(HypothesisCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.dictionaries(
            CODES,
            st.tuples(
                WORDS, WORDS, st.lists(st.tuples(st.sampled_from(["lending", "head"]), WORDS), max_size=3),
                st.one_of(st.none(), st.tuples(st.integers(1, 366), st.decimals(0, 999, places=2))),
                st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=3),
            ),
            min_size=1, max_size=4,
        )
    )
    def test_survives_the_way_out_and_in(self, directory):
        for symbol, (name, note, contacts, terms, days) in directory.items():
            row = Library.objects.create(symbol=symbol, name=name, note=note, agency_value=f"X-{symbol}")
            for kind, person in contacts:
                row.contacts.create(kind=kind, name=person)
            for day in days:
                row.suspensions.create(first=day, reason=note)
            if terms:
                type(row.terms).objects.create(library=row, loan_days=terms[0], charge_copy=terms[1])
        before = {row.symbol: compare.entry_of(row) for row in compare.libraries()}
        data = exported()
        assert planned(data)[1] == {"same": len(directory)}
        Library.objects.all().delete()
        assert imported(data, f.user("coordinator")).failed == []
        assert {row.symbol: compare.entry_of(row) for row in compare.libraries()} == before
