"""The page of warnings and texts: locked, versioned, compared once; and what patrons read and sign."""

import re
from datetime import date, timedelta

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from django.utils import timezone

from requests_app.copyright import notices, texts
from requests_app.models import CopyrightText, Declaration, ILLRequest, TextCheck
from tests import factories as f
from tests.illdesk.paper import page_sizes, page_texts
from tests.requests_app.copyright.test_texts import abroad

pytestmark = pytest.mark.django_db
PAGE = "/copyright/notices/"


@pytest.fixture
def admin(client):
    row = f.user("administrator")
    client.force_login(row)
    return row


def words_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


# --- the warning ------------------------------------------------------------------------------------------------


def test_who_sees_copyright_reads_it_and_only_who_manages_it_may_say_that_it_was_compared(client):
    client.force_login(f.user("borrowing staff"))
    page = client.get(PAGE)
    assert page.status_code == 200 and notices.PARAGRAPHS[0] in page.content.decode()
    assert "Nobody has compared this text" in page.content.decode()
    assert "I compared it" not in page.content.decode()
    given = {"what": "warning", "version": notices.VERSION, "wording": "specified"}
    assert client.post(f"{PAGE}check/", given).status_code == 403
    client.force_login(f.user("lending staff"))
    assert client.get(PAGE).status_code == 403


def test_it_is_compared_once_with_name_and_day_and_the_found_wording_is_shown(client, admin):
    given = {"what": "warning", "version": notices.VERSION, "wording": "specified"}
    assert client.post(f"{PAGE}check/", given).status_code == 302
    assert TextCheck.objects.get().by == admin
    page = client.get(PAGE)
    assert "these specified conditions is" in page.content.decode()
    assert f"Compared with the official regulation by {admin.short_name}" in words_of(page)


@pytest.mark.parametrize(("wrong", "status"), [
    ({"wording": ""}, 422), ({"wording": "special"}, 422), ({"version": "200.1"}, 409), ({"what": "tax"}, 409),
])
def test_nothing_else_can_be_said_of_it(client, admin, wrong, status):
    given = {"what": "warning", "version": notices.VERSION, "wording": "specific"} | wrong
    assert client.post(f"{PAGE}check/", given).status_code == status
    assert not TextCheck.objects.exists()


@pytest.mark.parametrize("which", [
    "kind=warning&rules=us-contu&language=en", "kind=legend&rules=us-contu&language=en", "",
])
def test_the_prescribed_texts_are_locked(client, admin, which):
    """No address of ours takes a new wording of them."""
    given = {"text": "Take what you like.", "valid_from": timezone.localdate().isoformat(), "seen": "-1"}
    assert client.post(f"{PAGE}texts/new/?{which}", given).status_code == 422
    assert not CopyrightText.objects.exists()
    assert notices.PARAGRAPHS[0] in client.get(PAGE).content.decode()
    assert texts.legend(timezone.localdate()) == notices.LEGEND


def test_the_sign_is_one_letter_page_of_at_least_18_points_with_every_word(client, admin):
    answer = client.get(f"{PAGE}sign.pdf")
    assert answer["Content-Type"] == "application/pdf"
    (text,), ((width, height),) = page_texts(answer.content), page_sizes(answer.content)
    assert (width, height) == (612, 792)
    assert " ".join(text.split()) == " ".join((notices.TITLE, *notices.PARAGRAPHS))
    page = pypdfium2.PdfDocument(answer.content)[0].get_textpage()
    sizes = {pdfium.FPDFText_GetFontSize(page, at) for at in range(page.count_chars())
             if page.get_text_range(at, 1).strip()}
    assert min(sizes) >= 18


def test_patrons_read_it_where_they_begin_and_in_a_box_right_above_the_button(client):
    f.institution()
    client.force_login(f.patron().user)
    assert notices.PARAGRAPHS[1] in client.get("/my/").content.decode()
    page = client.get("/my/new/?kind=article").content.decode()
    box, button = page.index('class="ill-copyright"'), page.index('<button class="ill-btn is-filled">Request this')
    assert box < page.index(notices.PARAGRAPHS[2]) < button
    assert "<input" not in page[box:button], "nothing stands between the warning and the button"
    assert 'href="#warning"' in page


def test_in_spanish_the_english_text_stands_and_the_translation_beside_it_does_not_bind(client):
    f.institution()
    patron = f.patron(user=f.user("patron", language="es"))
    client.force_login(patron.user)
    page = client.get("/my/new/?kind=article").content.decode()
    for paragraph in (*notices.PARAGRAPHS, *notices.TRANSLATIONS["es"][1]):
        assert paragraph in page
    assert page.index(notices.PARAGRAPHS[0]) < page.index(notices.TRANSLATIONS["es"][1][0])


# --- the library's own texts --------------------------------------------------------------------------------------


def test_a_new_version_is_written_from_the_last_and_all_are_listed(client, admin):
    abroad()
    url = f"{PAGE}texts/new/?kind=declaration&rules=uk&language=en"
    page = client.get(url)
    assert "I have not been supplied with a copy" in page.content.decode()
    today = timezone.localdate()
    given = {"text": "Ours.\r\nAll of it.", "valid_from": today.isoformat(), "seen": "-1"}
    assert client.post(url, given).status_code == 302
    row = CopyrightText.objects.get()
    assert (row.text, row.version, row.by) == ("Ours.\nAll of it.", 1, admin)
    page = words_of(client.get(PAGE))
    assert "Ours." in page and admin.short_name in page
    sheet = b"".join(client.get(f"{PAGE}texts/export.csv").streaming_content).decode("utf-8-sig")
    assert "Ours." in sheet and client.get(f"{PAGE}texts/export.xlsx").status_code == 200


def test_bad_input_keeps_what_was_typed_and_a_stale_one_shows_the_other(client, admin):
    url = f"{PAGE}texts/new/?kind=notice&rules=us-contu&language=en"
    today = timezone.localdate()
    for wrong in ({"text": ""}, {"valid_from": "soon"}, {"valid_from": (today - timedelta(days=1)).isoformat()},
                  {"text": "x" * 7000}):
        given = {"text": "My own words.", "valid_from": today.isoformat(), "seen": "-1"} | wrong
        answer = client.post(url, given)
        assert answer.status_code == 422 and (given["text"] in answer.content.decode()), wrong
    texts.add("notice", "us-contu", "en", "Somebody else’s.", valid_from=today, seen=-1, actor=f.staff(),
              now=timezone.now())
    answer = client.post(url, {"text": "My own words.", "valid_from": today.isoformat(), "seen": "-1"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "My own words." in page and "Somebody else’s." in page
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert client.post(url, {"text": "My own words.", "valid_from": today.isoformat(), "seen": seen}).status_code == 302
    assert CopyrightText.objects.count() == 2


def test_a_notice_of_the_librarys_own_stands_under_the_warning(client):
    texts.add("notice", "us-contu", "en", "Ask us about reserves.", valid_from=timezone.localdate(), seen=-1,
              actor=f.staff(), now=timezone.now())
    f.institution()
    client.force_login(f.patron().user)
    page = client.get("/my/new/?kind=article").content.decode()
    assert page.index(notices.PARAGRAPHS[2]) < page.index("Ask us about reserves.")


def test_a_proposal_for_another_country_is_confirmed_by_a_person(client, admin):
    abroad()
    page = client.get(PAGE).content.decode()
    assert "It was not checked against the law of your country" in page
    for what, version in re.findall(r'name="what" value="(\w+:uk)"><input type="hidden" name="version" value="(\w+)"',
                                    page):
        assert client.post(f"{PAGE}check/", {"what": what, "version": version}).status_code == 302
    page = words_of(client.get(PAGE))
    assert "not checked" not in page and f"confirmed by {admin.short_name}" in page


# --- the patron signs ---------------------------------------------------------------------------------------------


def _form(client, **more) -> dict:
    page = client.get("/my/new/?kind=article").content.decode()
    key = re.search(r'name="form_key" value="(\w+)"', page)[1]
    text = re.search(r'name="signed_text" value="(\w+)"', page)[1]
    return {"kind": "article", "form_key": key, "signed_text": text, "title": "Marine Letters",
            "part_title": "On tides", "year": "2024"} | more


SIGNED = {"purpose": "private_study", "declared": "on", "signature": "Łucja Żak"}


def test_a_patron_signs_with_the_request(client):
    f.institution()
    abroad()
    client.force_login(f.patron().user)
    page = client.get("/my/new/?kind=article").content.decode()
    assert "infringing copy" in page and notices.PARAGRAPHS[0] not in page
    assert "infringing copy" not in client.get("/my/new/?kind=book").content.decode(), "a loan needs none"
    assert client.post("/my/new/", _form(client, **SIGNED)).status_code == 302
    ill = ILLRequest.objects.get()
    row = Declaration.objects.get(ill=ill)
    assert (row.name, row.purpose, row.channel, ill.declaration_due) == ("Łucja Żak", "private_study", "web", None)
    client.force_login(f.user("borrowing staff"))
    facts = words_of(client.get(f"/requests/{ill.number}/"))
    assert "Łucja Żak" in facts and "on the web: Private study (uk declaration 0, en)" in facts


def test_unsigned_it_waits_and_is_signed_later_on_its_page(client):
    f.institution()
    abroad()
    patron = f.patron()
    client.force_login(patron.user)
    answer = client.post("/my/new/", _form(client), follow=True)
    assert "It waits until the declaration is signed" in words_of(answer)
    ill = ILLRequest.objects.get()
    url = f"/requests/{ill.number}/act/sign_declaration/"
    page = client.get(f"/my/{ill.number}/").content.decode()
    assert url in page and "please sign the declaration" in page
    form = client.get(url).content.decode()
    text = re.search(r'name="signed_text" value="(\w+)"', form)[1]
    assert client.post(url, {"version": ill.version, "signed_text": text}).status_code == 422
    assert client.post(url, SIGNED | {"version": ill.version, "signed_text": text}).status_code == 302
    ill.refresh_from_db()
    assert ill.declaration_due is None and url not in client.get(f"/my/{ill.number}/").content.decode()
    assert "You signed the declaration." in words_of(client.get(f"/my/{ill.number}/"))
    assert client.post(url, SIGNED | {"version": ill.version, "signed_text": text}).status_code == 409


@pytest.mark.parametrize("lost", list(SIGNED))
def test_half_a_signature_is_asked_for_again_and_kept(client, lost):
    f.institution()
    abroad()
    client.force_login(f.patron().user)
    given = {name: value for name, value in SIGNED.items() if name != lost}
    answer = client.post("/my/new/", _form(client, **given))
    assert answer.status_code == 422 and not ILLRequest.objects.exists()
    if lost != "signature":
        assert 'value="Łucja Żak"' in answer.content.decode()


def test_what_is_signed_is_what_was_read(client):
    """The text changed while the form was open: it is read again."""
    f.institution()
    abroad()
    client.force_login(f.patron().user)
    given = _form(client, **SIGNED)
    texts.add("declaration", "uk", "en", "Ours.", valid_from=timezone.localdate(),
              seen=-1, actor=f.staff(), now=timezone.now())
    answer = client.post("/my/new/", given)
    page = answer.content.decode()
    assert answer.status_code == 422 and "worded anew meanwhile" in page and "Ours." in page
    text = re.search(r'name="signed_text" value="(\w+)"', page)[1]
    assert client.post("/my/new/", given | {"signed_text": text}).status_code == 302
    assert Declaration.objects.get().text.text == "Ours."


def test_staff_record_a_paper_with_its_day(client):
    f.institution()
    abroad("au")
    clerk = f.user("borrowing staff")
    client.force_login(clerk)
    patron = f.patron()
    url = f"/borrowing/new/?patron={patron.pk}"
    page = client.get(f"{url}&kind=article").content.decode()
    key = re.search(r'name="form_key" value="(\w+)"', page)[1]
    text = re.search(r'name="signed_text" value="(\w+)"', page)[1]
    given = {"kind": "article", "form_key": key, "signed_text": text, "title": "Marine Letters", "came": "paper",
             "part_title": "On tides", "year": "2024", "purpose": "research", "declared": "on",
             "signature": "Amina Okafor", "signed_on": "2026-01-05"}
    late = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert client.post(url, given | {"signed_on": late}).status_code == 422
    assert client.post(url, given).status_code == 302
    row = Declaration.objects.get()
    assert (row.channel, row.by, row.signed_on, row.name) == ("paper", clerk, date(2026, 1, 5), "Amina Okafor")
