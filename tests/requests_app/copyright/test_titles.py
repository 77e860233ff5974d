"""Which title it is: names that continue one another, editions, and titles that are known by their name (C2, C4)."""

import pytest

from requests_app.actions import perform
from requests_app.copyright import clearance, corrections, ledger, titles
from requests_app.models import Check, CopyrightTitle, RuleSet, TitleLink
from requests_app.verification import check, stored
from requests_app.verification.marc import marc21, unimarc
from requests_app.verification.records import Answer, record_from, record_to
from tests import factories as f
from tests.requests_app.copyright.stories import ISSN, ONLINE, OTHER, article, place_of, ready, sent, use_of
from tests.requests_app.verification.marcs import make

pytestmark = pytest.mark.django_db


def checked(ill, *, container=None, **record) -> None:
    best = {"title": ill.citation.title, "issn": ill.citation.issn, "issns": [ill.citation.issn]} | record
    Check.objects.create(ill=ill, made=f.NOW, outcome="verified", found=[{"record": best}], container=container or {})


def title_of(ill) -> CopyrightTitle | None:
    return clearance.look(ill, now=f.NOW).title


def doubts(ill) -> list[str]:
    return [line.code for line in clearance.look(ill, now=f.NOW).decision.doubts]


# --- continued titles ---------------------------------------------------------------------------------------------


def test_a_continued_title_is_counted_with_the_former_one():
    former = use_of(sent(issn=OTHER)).title
    ill = article()
    checked(ill, container={"continues": [OTHER]})
    assert title_of(ill) == former and "conflict" not in doubts(ill)


def test_where_both_names_have_a_title_a_person_merges_them():
    sent(issn=OTHER), sent()
    ill = article()
    checked(ill, container={"continues": [OTHER]})
    assert "conflict" in doubts(ill)
    ledger.merge(use_of(sent()).title, CopyrightTitle.objects.get(numbers__key=f"issn:{OTHER}"), by=None, now=f.NOW)
    assert "conflict" not in doubts(ill)


def test_a_library_may_count_each_name_by_itself():
    RuleSet.objects.create(code="own", name="Own", valid_from="2020-01-01", settings={"continued_is_same": False})
    former = use_of(sent(issn=OTHER)).title
    ill = article()
    checked(ill, container={"continues": [OTHER]})
    corrections.link(former, TitleLink.CONTINUED_BY, f"issn:{ISSN}", actor=f.staff(), now=f.NOW)
    assert title_of(ill) is None


@pytest.mark.parametrize("kind", [TitleLink.CONTINUES, TitleLink.CONTINUED_BY])
def test_what_a_person_says_of_two_names_counts_in_both_directions(kind):
    former = use_of(sent(issn=OTHER)).title
    corrections.link(former, kind, f"issn:{ISSN}", actor=f.staff(), now=f.NOW)
    ill = sent()
    assert use_of(ill).title == former and place_of(ill) == 2
    assert title_of(article(issn=OTHER)) == former


def test_two_that_are_linked_and_both_counted_are_a_conflict_from_either_side():
    sent()
    former = use_of(sent(issn=OTHER)).title
    corrections.link(former, TitleLink.CONTINUED_BY, f"issn:{ISSN}", actor=f.staff(), now=f.NOW)
    assert "conflict" in doubts(article()) and "conflict" in doubts(article(issn=OTHER))


def test_that_two_are_apart_links_nothing():
    one, other = use_of(sent()).title, use_of(sent(issn=OTHER)).title
    corrections.apart(one, other, actor=f.staff(), now=f.NOW)
    assert "conflict" not in doubts(article())


@pytest.mark.nodb
@pytest.mark.parametrize(("field", "number", "continues", "continued_by"), [
    ("780 00", OTHER, (OTHER,), ()),
    ("785 00", OTHER, (), (OTHER,)),
    ("785 10", OTHER, (), (OTHER,)),
    ("780 05", OTHER, (), ()),  # absorbed
    ("785 06", OTHER, (), ()),  # split into
    ("785 07", OTHER, (), ()),  # merged with
    ("770 0_", OTHER, (), ()),  # has a supplement
    ("772 0_", OTHER, (), ()),
    ("780 00", "0028-0837", (), ()),  # a wrong check digit
])
def test_only_second_indicator_nought_is_the_same_journal(field, number, continues, continued_by):
    record = marc21.record(make(f"{field}$x{number}", leader="00000nas a2200000 a 4500"))
    assert (record.continues, record.continued_by) == (continues, continued_by)
    assert record_from(record_to(record)) == record


@pytest.mark.nodb
def test_unimarc_says_it_with_430_and_440_alone():
    text = f"200 1_$aA\n430 __$x{OTHER}\n440 __$1011__$a{ONLINE}\n431 __$x{ISSN}\n447 __$x{ISSN}"
    record = unimarc.record(make(text, leader="00000nas a2200000 a 4500"))
    assert (record.continues, record.continued_by) == ((OTHER,), (ONLINE,))


def test_supplements_with_a_number_of_their_own_stay_apart():
    sent()
    assert use_of(sent(issn=OTHER, title="Marine Letters. Supplement")).title != use_of(sent()).title


# --- works --------------------------------------------------------------------------------------------------------

CHAPTER = {"kind": "chapter", "title": "Middlemarch", "issn": "", "volume": "", "issue": ""}


def test_editions_of_one_work_are_counted_together():
    first = sent(**CHAPTER, isbn="9780141439549")
    ill = article(**CHAPTER, isbn="9780192834027")
    assert title_of(ill) is None
    checked(ill, issn="", issns=[], isbn="9780192834027", isbns=["9780192834027", "9780141439549"])
    assert title_of(ill) == use_of(first).title
    by_oclc = article(**CHAPTER, isbn="9780192834027", oclc="")
    checked(by_oclc, issn="", issns=[], isbn="9780192834027", isbns=["9780192834027"], oclc="42",
            also=[["oclc", "7"], ["title", "Middlemarch"]])
    assert {"oclc:42", "oclc:7"} <= set(clearance.look(by_oclc, now=f.NOW).wanted.keys)


# --- by name ------------------------------------------------------------------------------------------------------


def by_name(publisher: str, **fields):
    return article(issn="", publisher=publisher, title="Bulletin", **fields)


def counted(publisher: str) -> CopyrightTitle:
    ill = by_name(publisher)
    found = clearance.look(ill, now=f.NOW)
    title = titles.ensure(found.wanted, found.title, now=f.NOW)
    ledger.hold(ill, ledger.Sending(title=title, **clearance.sending_facts(found)), by=None, now=f.NOW)
    return title


def test_one_bulletin_is_not_that_of_another_publisher():
    oak, elm = counted("Oak Press, Inc."), counted("Elm & Sons")
    assert oak != elm and title_of(by_name("Oak Publishing Co.")) == oak and title_of(by_name("Elm and Sons")) == elm
    assert title_of(by_name("Ash")) is None
    assert "by_name" in doubts(by_name("Oak Press"))


def test_without_a_publisher_nobody_knows_which_and_a_person_looks():
    RuleSet.objects.create(code="own", name="Own", valid_from="2020-01-01", settings={"by_name_is_certain": True})
    counted("Oak"), counted("Elm")
    assert "conflict" in doubts(by_name("")) and doubts(by_name("Oak")) == []


def test_a_bulletin_with_a_number_asks_only_after_one_of_the_same_publisher():
    counted("Oak")
    assert "same_name" in doubts(article(title="Bulletin", publisher="Oak Press"))
    assert "same_name" in doubts(article(title="Bulletin"))
    assert "same_name" not in doubts(article(title="Bulletin", publisher="Elm"))


# --- numbers that were put right ------------------------------------------------------------------------------------


def test_a_number_put_right_after_sending_leaves_the_use_where_it_is_and_says_so():
    ill = sent()
    ill.citation.issn = OTHER
    ill.citation.save()
    found = clearance.look(ill, now=f.NOW)
    assert found.facts.counted.strayed and "strayed" in found.decision.why and found.title == use_of(ill).title
    corrections.move([use_of(ill)], corrections.title_by_number(f"issn:{OTHER}", kind="periodical", name="Nature",
                                                                now=f.NOW), actor=f.staff(), now=f.NOW)
    assert not clearance.look(ill, now=f.NOW).facts.counted.strayed and use_of(ill).title.name == "Nature"


def test_print_and_online_are_no_stray():
    ill = sent()
    checked(ill, issns=[ISSN, ONLINE])
    assert not clearance.look(ill, now=f.NOW).facts.counted.strayed and ready().compliance == "US-CCG"


def test_what_a_catalogue_says_of_the_journal_is_kept_with_the_check_of_the_article():
    """From the answer of a catalogue, through the stored check, into the count."""
    former = use_of(sent(issn=OTHER)).title
    ill = article()
    wanted = stored.wanted_of(ill.citation)
    of_journal = marc21.record(make(
        f"022 __$a{ISSN}\n245 00$aMarine letters\n780 00$tMarine notes$x{OTHER}\n770 0_$x{ONLINE}",
        leader="00000nas a2200000 a 4500",
    )).with_(source="catalogue", source_id="7")
    another = of_journal.with_(issn="1050-124X", issns=("1050-124X",), continues=(ONLINE,))
    of_article = wanted.with_(source="crossref", source_id="1", doi="10.5555/tides")
    answers = [Answer(records=(of_article,)), Answer(records=(of_journal, another))]
    checked = check._drawn(wanted, answers, False, (check.Asked("catalogue", "found"),), "")
    assert checked.container == (of_journal,)
    perform(ill, "check", actor=f.staff(), now=f.NOW, checked=checked)
    assert Check.objects.get(ill=ill).container == {"continues": [OTHER]}
    assert title_of(ill) == former
