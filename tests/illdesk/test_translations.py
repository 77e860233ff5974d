"""Spanish: the pages speak it to whom it is meant for, and the check finds every kind of gap."""

import shutil
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation
from django.utils.translation import gettext, ngettext

from illdesk.management.commands import check_translations
from illdesk.models import OutboxMessage
from tests import factories

FOLDER = Path(settings.BASE_DIR) / "locale" / "es" / "LC_MESSAGES"
needs_gettext = pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext is not installed")


# --- what people read -----------------------------------------------------------------------------------


@pytest.mark.nodb
def test_the_compiled_file_is_loaded():
    with translation.override("es"):
        assert gettext("My requests") == "Mis solicitudes"
        assert [ngettext("%(n)d piece", "%(n)d pieces", n) % {"n": n} for n in (1, 2)] == ["1 pieza", "2 piezas"]
    with translation.override("en"):
        assert gettext("My requests") == "My requests"


@pytest.mark.django_db
def test_sign_in_follows_the_browser(client):
    page = client.get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="es-MX,es;q=0.9,en;q=0.5").content.decode()
    assert '<html lang="es"' in page
    assert "Número de carné o correo electrónico" in page and "Contraseña" in page
    assert "Card number" not in page


@pytest.mark.django_db
def test_sign_in_is_english_for_everybody_else(client):
    page = client.get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert '<html lang="en"' in page and "Card number or e-mail" in page


@pytest.mark.django_db
def test_a_refused_password_is_told_in_spanish(client):
    answer = client.post("/accounts/login/", {"login": "nadie", "password": "x"}, HTTP_ACCEPT_LANGUAGE="es")
    assert "contraseña" in answer.content.decode() and "incorrect" not in answer.content.decode()


@pytest.mark.django_db
def test_a_patron_reads_the_language_of_the_account(client):
    patron = factories.patron(user=factories.user("patron", language="es"))
    ill = factories.ill("borrowing.on_hold_shelf", patron=patron)
    client.force_login(patron.user)
    mine = client.get("/my/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Mis solicitudes" in mine and "Lista para recoger" in mine and "Ready to pick up" not in mine
    one = client.get(ill.get_absolute_url(), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Qué ha pasado" in one and "Código de estante" in one and "What happened" not in one


@pytest.mark.django_db
def test_the_new_request_page_is_spanish_and_its_warning_stays_english(client):
    patron = factories.patron(user=factories.user("patron", language="es"))
    client.force_login(patron.user)
    page = client.get("/my/new/").content.decode()
    assert "¿Qué necesita?" in page and "Solicitar libro" in page
    assert 'lang="en"><h2' in page and "Warning Concerning Copyright Restrictions".lower() in page.lower()


@pytest.mark.django_db
def test_a_staff_queue_is_spanish_with_short_days(client):
    factories.ill("borrowing.received")
    client.force_login(factories.user("borrowing staff", language="es"))
    page = client.get("/borrowing/received/").content.decode()
    assert "Recibida" in page and "Imprimir fajas" in page and "Print book bands" not in page


@pytest.mark.nodb
def test_days_are_written_as_in_spanish():
    from datetime import date

    from illdesk.templatetags.ill import day, long_day

    with translation.override("es"):
        assert day(date(2020, 3, 2)) == "2 mar 2020"
        assert long_day(date(2026, 11, 24)) == "martes 24 de noviembre de 2026"


@pytest.mark.django_db
def test_letters_come_in_the_patrons_language_whoever_acts():
    ill = factories.ill("borrowing.received", patron=factories.patron(language="es"))
    with translation.override("en"):
        factories.perform(ill, "shelve", actor=factories.staff(), now=factories.NOW)
    letters = OutboxMessage.objects.filter(channel="mail", subject_id=ill.pk).order_by("pk")
    subjects = [row.payload["subject"] for row in letters]
    assert subjects == [f"Hemos recibido su solicitud {ill.number}", f"Su solicitud {ill.number} está lista"]
    body = letters.last().payload["body"]
    assert "Recójalo en" in body and " de 2026" in body and "Your request" not in body


@pytest.mark.django_db
def test_letters_stay_english_for_others_when_a_colleague_works_in_spanish():
    ill = factories.ill("borrowing.received", patron=factories.patron(language="en"))
    with translation.override("es"):
        factories.perform(ill, "shelve", actor=factories.staff(), now=factories.NOW)
    letter = OutboxMessage.objects.filter(channel="mail", subject_id=ill.pk).latest("pk")
    assert letter.payload["subject"] == f"Your request {ill.number} is ready"
    assert "Please pick it up" in letter.payload["body"] and "solicitud" not in letter.payload["body"]


# --- the check ------------------------------------------------------------------------------------------


class Copy:
    """A small .po and .mo of our own, to be spoiled."""

    def __init__(self, folder: Path):
        self.po_file, self.mo_file = folder / "django.po", folder / "django.mo"
        self.po = polib.POFile()
        self.po.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=2; plural=n != 1;"}
        self.add("Loan", "Préstamo")
        self.add("%(who)s wrote", "escribió %(who)s")

    def add(self, msgid: str, msgstr: str = "", **more) -> None:
        self.po.append(polib.POEntry(msgid=msgid, msgstr=msgstr, **more))

    def faults(self, *, found: dict | None = None, compiled: bool = True) -> list[str]:
        self.po.save(str(self.po_file))
        if compiled:
            self.po.save_as_mofile(str(self.mo_file))
        return check_translations.faults(self.po_file, self.mo_file, found or {})


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


@pytest.mark.nodb
def test_a_whole_file_has_no_faults(copy):
    copy.add("%(n)s day", msgid_plural="%(n)s days", msgstr_plural={0: "un día", 1: "%(n)s días"})
    # One form may leave the number out only where the English does.
    assert copy.faults() == ["“%(n)s day” has other placeholders in its translation: “un día”."]
    copy.po[-1].msgstr_plural[0] = "%(n)s día"
    assert copy.faults(found={(None, one.msgid): "a.py" for one in copy.po}) == []


@pytest.mark.nodb
@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"msgid": "Copy"}, "“Copy” has no translation."),
        ({"msgid": "Copy", "msgstr": "Copia", "flags": ["fuzzy"]}, "“Copy” is fuzzy"),
        ({"msgid": "Copy", "msgstr": "Copia", "obsolete": True}, "“Copy” is obsolete"),
        ({"msgid": "to %(who)s", "msgstr": "a %(quien)s"}, "“to %(who)s” has other placeholders"),
        ({"msgid": "to {who}", "msgstr": "a alguien"}, "“to {who}” has other placeholders"),
        ({"msgid": "{} of {}", "msgstr": "{} de"}, "“{} of {}” has other placeholders"),
        ({"msgid": "%s left", "msgstr": "quedan"}, "“%s left” has other placeholders"),
        (
            {"msgid": "%(n)s day", "msgid_plural": "%(n)s days", "msgstr_plural": {0: "%(n)s día", 1: ""}},
            "“%(n)s day” needs 2 plural forms.",
        ),
        (
            {"msgid": "%(n)s day", "msgid_plural": "%(n)s days", "msgstr_plural": {0: "%(n)s día", 1: "días"}},
            "“%(n)s day” has other placeholders",
        ),
    ],
)
def test_each_fault_of_an_entry_is_named(copy, entry, said):
    copy.add(**entry)
    found = copy.faults()
    assert len(found) == 1 and found[0].startswith(said)


@pytest.mark.nodb
def test_a_sentence_of_the_code_that_the_po_lacks_is_named_with_its_file(copy):
    found = {(None, "Loan"): "a.py", (None, "%(who)s wrote"): "a.py", (None, "Scan it"): "templates/scan.html"}
    assert copy.faults(found=found) == ["“Scan it” (templates/scan.html) is missing from the .po."]


@pytest.mark.nodb
def test_a_sentence_that_the_code_no_longer_has_is_named(copy):
    assert copy.faults(found={(None, "Loan"): "a.py"}) == [
        "“%(who)s wrote” stands in the .po, but nowhere in code or templates."
    ]


@pytest.mark.nodb
def test_the_same_words_in_another_context_are_another_sentence(copy):
    found = {(None, one.msgid): "a.py" for one in copy.po} | {("of a patron", "Loan"): "b.py"}
    assert copy.faults(found=found) == ["“Loan” (b.py) is missing from the .po."]


@pytest.mark.nodb
def test_a_stale_or_missing_mo_is_named(copy):
    assert "does not exist" in copy.faults(compiled=False)[0]
    assert copy.faults() == []
    copy.po[0].msgstr = "Empréstito"
    assert copy.faults(compiled=False) == ["The .mo differs from the .po in 1 sentences, first “Loan”."]


@pytest.mark.nodb
def test_sentences_that_xgettext_cannot_see_are_named(tmp_path):
    (tmp_path / "good.py").write_text('from django.utils.translation import gettext as _\nwords = _("a") + f"{1}"\n')
    assert check_translations.hidden(tmp_path) == []
    (tmp_path / "alias.py").write_text("from django.utils.translation import gettext_lazy as _lazy\n")
    (tmp_path / "glued.py").write_text("from django.utils.translation import gettext as _\nwords = f\"{_('a')}!\"\n")
    assert check_translations.hidden(tmp_path) == [
        "alias.py, line 1: xgettext does not know _lazy; write gettext_lazy.",
        "glued.py, line 2: xgettext does not look into an f-string.",
    ]


@pytest.mark.nodb
@needs_gettext
def test_a_new_template_without_spanish_is_seen_and_the_tree_is_left_alone(tmp_path):
    desk = tmp_path / "desk"
    shutil.copytree(settings.BASE_DIR, desk, ignore=shutil.ignore_patterns(*check_translations.LEFT_OUT))
    (desk / "templates" / "moon.html").write_text('{% load i18n %}{% translate "Lend the moon" %}')
    before = sorted(desk.rglob("*"))
    found = check_translations.in_code(desk, "es")
    assert found[None, "Lend the moon"] == "templates/moon.html"
    assert sorted(desk.rglob("*")) == before
    wrong = check_translations.faults(FOLDER / "django.po", FOLDER / "django.mo", found)
    assert "“Lend the moon” (templates/moon.html) is missing from the .po." in wrong


@pytest.mark.nodb
def test_the_command_ends_with_the_list(tmp_path, settings):
    shutil.copytree(FOLDER, tmp_path / "es" / "LC_MESSAGES")
    spoiled = polib.pofile(str(tmp_path / "es" / "LC_MESSAGES" / "django.po"))
    spoiled.find("Loan").msgstr = ""
    spoiled.save()
    settings.LOCALE_PATHS = [tmp_path]
    with pytest.raises(CommandError) as failure:
        call_command("check_translations")
    assert "“Loan” has no translation." in str(failure.value) and "makemessages -l es" in str(failure.value)


@pytest.mark.nodb
def test_without_gettext_the_rest_is_checked(capsys, monkeypatch):
    monkeypatch.setattr(check_translations.shutil, "which", lambda program: None)
    call_command("check_translations")
    said = capsys.readouterr().out
    assert "xgettext is not installed" in said and "Español is complete." in said


@pytest.mark.nodb
def test_the_file_itself_is_complete():
    assert check_translations.faults(FOLDER / "django.po", FOLDER / "django.mo", {}) == []
