"""The warning is locked; the library's own texts are versions; what was signed is kept as it was signed."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.models import Event
from requests_app.actions import perform
from requests_app.copyright import clearance, declarations, notices, texts
from requests_app.models import CopyrightText, Declaration, ILLRequest, RuleSet, TextCheck
from tests import factories as f
from tests.requests_app.copyright.stories import article, by_hand, ready, sent, use_of

pytestmark = pytest.mark.django_db
TODAY = f.NOW.date()
# RULES.md C9, word for word; its straight quotation marks stand for the curly ones of print.
OFFICIAL = (
    "NOTICE: WARNING CONCERNING COPYRIGHT RESTRICTIONS. The copyright law of the United States (title 17, United "
    "States Code) governs the making of photocopies or other reproductions of copyrighted material. Under certain "
    "conditions specified in the law, libraries and archives are authorized to furnish a photocopy or other "
    "reproduction. One of these specific conditions is that the photocopy or reproduction is not to be 'used for any "
    "purpose other than private study, scholarship, or research.' If a user makes a request for, or later uses, a "
    "photocopy or reproduction for purposes in excess of 'fair use,' that user may be liable for copyright "
    "infringement. This institution reserves the right to refuse to accept a copying order if, in its judgment, "
    "fulfillment of the order would involve violation of copyright law."
)


def abroad(code: str = "uk", **settings) -> RuleSet:
    return RuleSet.objects.create(code=code, version=1, name="Abroad", country={"uk": "GB", "au": "AU"}.get(code, "CA"),
                                  valid_from=date(2020, 1, 1), settings=settings)


def plain(notice: notices.Notice) -> str:
    text = f"{notice.title}. {' '.join(notice.paragraphs)}"
    return text.replace("“", "'").replace("”", "'")


# --- the warning ------------------------------------------------------------------------------------------------


def test_the_warning_is_the_regulations_word_for_word():
    assert plain(texts.warning()) == OFFICIAL


def test_what_an_administrator_found_in_the_official_text_is_shown_from_then_on():
    admin = f.staff("administrator")
    texts.record_check("warning", notices.VERSION, wording="specified", actor=admin, now=f.NOW)
    shown = texts.warning()
    assert plain(shown) == OFFICIAL.replace("One of these specific", "One of these specified")
    assert shown.version == "201.14, 2026-11, specified" and len(shown.version) <= 40
    event = Event.objects.get(name="copyright_text.checked")
    assert (event.actor, event.data["wording"]) == (admin.user, "specified")
    with pytest.raises(BadAnswer):
        texts.record_check("warning", notices.VERSION, wording="special", actor=admin, now=f.NOW)
    assert TextCheck.objects.count() == 1


def test_a_translation_stands_beside_the_english_text_and_never_in_its_place():
    spanish = texts.warning("es")
    assert plain(spanish) == OFFICIAL and spanish.translation and spanish.language == "es"
    assert len(spanish.translation) == len(spanish.paragraphs)
    assert texts.warning("fr").translation == ()


# --- the library's own ------------------------------------------------------------------------------------------


def test_a_new_wording_is_a_new_version_that_counts_from_its_day():
    abroad()
    by = f.staff("administrator")
    first = texts.add("declaration", "uk", "en", "First.", valid_from=TODAY, seen=-1, actor=by, now=f.NOW)
    texts.add("declaration", "uk", "en", "Second.", valid_from=TODAY + timedelta(days=9), seen=1, actor=by, now=f.NOW)
    assert texts.on_form(TODAY).declaration == first
    assert texts.on_form(TODAY + timedelta(days=9)).declaration.text == "Second."
    assert [row.version for row in CopyrightText.objects.order_by("version")] == [1, 2]
    assert Event.objects.filter(name="copyright_text.added").count() == 2


def test_the_second_of_two_who_wrote_at_once_is_told_and_the_past_stays():
    by = f.staff("administrator")
    texts.add("notice", "us-contu", "en", "Ask us.", valid_from=TODAY, seen=-1, actor=by, now=f.NOW)
    with pytest.raises(Stale):
        texts.add("notice", "us-contu", "en", "Ask me.", valid_from=TODAY, seen=-1, actor=by, now=f.NOW)
    with pytest.raises(BadAnswer) as refused:
        texts.add("notice", "us-contu", "en", "Ask.", valid_from=TODAY - timedelta(days=1), seen=1, actor=by, now=f.NOW)
    assert refused.value.field == "valid_from"
    with pytest.raises(IntegrityError), transaction.atomic():
        CopyrightText.objects.create(kind="notice", rules="us-contu", language="en", version=1, text="x",
                                     valid_from=TODAY, made=f.NOW)
    assert CopyrightText.objects.count() == 1


def test_the_legend_of_the_united_states_is_the_laws_and_cannot_be_changed():
    with pytest.raises(BadAnswer):
        texts.add("legend", "us-contu", "en", "Mine.", valid_from=TODAY, seen=-1, actor=f.staff(), now=f.NOW)
    CopyrightText.objects.create(kind="legend", rules="us-contu", language="en", version=1, text="Smuggled in.",
                                 valid_from=TODAY, made=f.NOW)
    assert texts.legend(TODAY) == notices.LEGEND


def test_abroad_the_legend_and_the_cover_are_the_countrys_and_no_warning_of_the_us_is_shown():
    abroad()
    assert "non-commercial research" in texts.legend(TODAY)
    shown = texts.on_form(TODAY)
    assert shown.warning is None and shown.version == ""
    assert texts.on_cover(TODAY)[1] == (texts.legend(TODAY),)
    texts.add("notice", "uk", "en", "Ask us.", valid_from=TODAY, seen=-1, actor=f.staff(), now=f.NOW)
    assert texts.on_form(TODAY).version == "uk notice 1, en"


def test_the_readers_language_counts_where_there_is_a_wording_in_it():
    abroad()
    by = f.staff("administrator")
    texts.add("declaration", "uk", "es", "Declaro.", valid_from=TODAY, seen=-1, actor=by, now=f.NOW)
    texts.add("declaration", "uk", "en", "I declare.", valid_from=TODAY, seen=-1, actor=by, now=f.NOW)
    with translation.override("es"):
        assert texts.on_form(TODAY).declaration.text == "Declaro."
    assert texts.on_form(TODAY).declaration.text == "I declare."


def test_a_proposal_is_named_as_such_until_somebody_confirms_it():
    abroad()
    rules = clearance.rules_on(TODAY)
    declaration, legend = texts.proposals(rules, TODAY)
    assert (declaration.check, legend.check) == (None, None)
    texts.record_check(declaration.what, declaration.version, actor=f.staff("administrator"), now=f.NOW)
    assert texts.proposals(rules, TODAY)[0].check is not None
    texts.add("declaration", "uk", "en", "Ours.", valid_from=TODAY, seen=-1, actor=f.staff(), now=f.NOW)
    assert [one.text.kind for one in texts.proposals(rules, TODAY)] == ["legend"], "the library's own needs no proposal"


# --- declarations -----------------------------------------------------------------------------------------------


def test_without_a_declaration_the_request_is_stored_and_waits_and_nothing_is_sent():
    abroad()
    ill = ready()
    assert ill.declaration_due == f.NOW
    assert (ill.state, ill.compliance) == ("borrowing.copyright_review", "")
    by_hand(ill, "UK-FairDealing")
    with pytest.raises(NotAllowed, match="has not signed the declaration"):
        perform(ill, "send", actor=f.staff(), now=f.NOW)
    ill.refresh_from_db()
    assert (ill.state, use_of(ill)) == ("borrowing.ready_to_send", None)


def test_signed_it_is_cleared_by_the_rules_and_sent_with_the_countrys_code_and_not_counted():
    abroad()
    ill = article()
    perform(ill, "sign_declaration", actor=actors.patron(ill.patron.user), now=f.NOW, signed=f.signed())
    assert (ill.declaration_due, ill.attention_why) == (None, "declared")
    perform(ill, "choose_lenders", actor=f.staff(), now=f.NOW, libraries=[f.library()])
    assert (ill.state, ill.compliance, ill.compliance_by) == ("borrowing.ready_to_send", "UK-FairDealing", None)
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    use = use_of(ill)
    assert (use.state, use.place, use.ground, use.rules) == ("outside", None, "country", "uk/1")
    from illdesk.models import OutboxMessage

    told = OutboxMessage.objects.get(what="Request").payload["xml"]
    assert "<copyrightCompliance>UK-FairDealing</copyrightCompliance>" in told


def test_the_version_that_was_signed_is_kept_when_the_text_changes_later():
    abroad()
    ill = article()
    perform(ill, "sign_declaration", actor=actors.patron(ill.patron.user), now=f.NOW, signed=f.signed())
    row = Declaration.objects.get(ill=ill)
    text = row.text.text
    assert (row.name, row.channel, row.by, row.text.locked) == ("Łucja Żak", "web", ill.patron.user, True)
    texts.add("declaration", "uk", "en", "Ours.", valid_from=TODAY, seen=row.text.version, actor=f.staff(), now=f.NOW)
    row.refresh_from_db()
    assert row.text.text == text and "infringing copy" in text
    other = article()
    mine = texts.on_form(TODAY).declaration
    signed = declarations.Signed(mine, "private_study", "A. Lind", TODAY)
    perform(other, "sign_declaration", actor=actors.patron(other.patron.user), now=f.NOW, signed=signed)
    assert Declaration.objects.get(ill=other).text == mine


def test_many_who_sign_the_same_proposal_share_one_row_and_signing_twice_is_once():
    abroad()
    first, second = article(), article()
    for ill in (first, second):
        perform(ill, "sign_declaration", actor=actors.patron(ill.patron.user), now=f.NOW, signed=f.signed())
    assert CopyrightText.objects.count() == 1
    with pytest.raises(NotAllowed):
        perform(first, "sign_declaration", actor=actors.patron(first.patron.user), now=f.NOW, signed=f.signed())
    assert declarations.accept(first, f.signed(name="Another"), actor=f.staff(), now=f.NOW).name == "Łucja Żak"
    assert Declaration.objects.count() == 2


def test_a_paper_that_staff_received_is_kept_with_who_typed_it():
    abroad("au")
    ill = article()
    clerk = f.staff("borrowing staff")
    perform(ill, "record_declaration", actor=clerk, now=f.NOW, signed=f.signed("au", channel="paper"))
    row = Declaration.objects.get()
    assert (row.channel, row.by, row.text.rules, row.purpose) == ("paper", clerk.user, "au", "research")


def test_rules_that_begin_later_ask_for_it_when_it_is_to_be_sent():
    """It was asked for under the guidelines; on the day of sending another country's rules hold."""
    ill = ready()
    assert ill.declaration_due is None
    abroad()
    with pytest.raises(NotAllowed, match="has not signed"):
        perform(ill, "send", actor=f.staff(), now=f.NOW)
    ill = ILLRequest.objects.get(pk=ill.pk)
    assert (ill.state, ill.declaration_due) == ("borrowing.ready_to_send", f.NOW)
    with pytest.raises(NotAllowed, match="has not signed"):
        perform(ill, "send", actor=f.staff(), now=f.NOW)
    perform(ill, "sign_declaration", actor=actors.patron(ill.patron.user), now=f.NOW, signed=f.signed())
    by_hand(ill, "UK-FairDealing")
    perform(ill, "send", actor=f.staff(), now=f.NOW)
    assert ill.state == "borrowing.sent"


def test_our_own_copies_need_it_too():
    abroad()
    ill = article()
    perform(ill, "to_documents", actor=f.staff(), now=f.NOW)
    perform(ill, "start_search", actor=f.staff(), now=f.NOW)
    with pytest.raises(NotAllowed, match="has not signed"):
        perform(ill, "found", actor=f.staff(), now=f.NOW)
    perform(ill, "record_declaration", actor=f.staff(), now=f.NOW, signed=f.signed(channel="paper"))
    perform(ill, "found", actor=f.staff(), now=f.NOW)
    assert ill.state == "documents.scanning"


def test_a_signature_without_a_name_or_a_purpose_is_none():
    abroad()
    ill = article()
    for wrong in (f.signed(name="  "), declarations.Signed(texts.proposed("declaration", "uk"), "profit", "A", TODAY)):
        with pytest.raises(BadAnswer):
            perform(ill, "sign_declaration", actor=actors.patron(ill.patron.user), now=f.NOW, signed=wrong)
    assert not Declaration.objects.exists() and not CopyrightText.objects.exists()


def test_in_the_united_states_nothing_of_this_is_asked(django_assert_max_num_queries):
    ill = sent()
    assert (ill.state, ill.declaration_due, ill.compliance) == ("borrowing.sent", None, "US-CCG")
    other = ILLRequest.objects.select_related("citation").get(pk=ready(doi="10.5555/x").pk)
    with django_assert_max_num_queries(3):
        clearance.look(other, now=timezone.now())


def test_a_declaration_holds_for_the_law_it_was_signed_under(client):
    """Another country's rules ask for another one; rules that ask for none show none any more."""
    today = timezone.localdate()
    uk = {"code": "uk", "name": "UK", "country": "GB", "valid_from": today}
    RuleSet.objects.create(**uk)
    patron = f.patron()
    ill = f.asked(service="copy", patron=patron)
    declarations.accept(ill, f.signed("uk"), actor=actors.patron(patron.user), now=timezone.now())
    assert not declarations.is_due(ill, today)
    RuleSet.objects.create(code="au", name="AU", country="AU", valid_from=today)
    assert declarations.is_due(ill, today)
    ILLRequest.objects.filter(pk=ill.pk).update(declaration_due=timezone.now())
    client.force_login(patron.user)
    assert "please sign the declaration" in client.get(f"/my/{ill.number}/").content.decode()
    declarations.accept(ill, f.signed("au"), actor=actors.patron(patron.user), now=timezone.now())
    assert not declarations.is_due(ill, today) and ill.declarations.count() == 2
    RuleSet.objects.create(code="us-contu", version=2, name="US", valid_from=today)
    ILLRequest.objects.filter(pk=ill.pk).update(declaration_due=timezone.now())
    assert "sign the declaration" not in client.get(f"/my/{ill.number}/").content.decode()
