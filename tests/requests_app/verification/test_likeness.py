"""What is the same for a librarian although the letters differ, and what is not although they nearly agree."""

import pytest

from requests_app.verification.likeness import identifiers, journals, titles
from requests_app.verification.likeness.numbers import edition, edition_in, numbers, pages, roman, years
from requests_app.verification.likeness.people import people, shared
from requests_app.verification.likeness.reading_titles import title
from requests_app.verification.likeness.scripts import fold, sounds_alike

pytestmark = pytest.mark.nodb

TRANSLITERATED = [
    ("Война и мир", "Voĭna i mir"), ("Война и мир", "Vojna i mir"), ("Война и мир", "Voyna i mir"),
    ("Жизнь и судьба", "Žizn' i sud'ba"), ("Жизнь и судьба", "Zhiznʹ i sudʹba"), ("Чехов", "Čechov"),
    ("Чехов", "Tschechow"), ("Voĭna i mir", "Vojna i mir"), ("Структура текста", "Struktura teksta"),
    ("موسم الهجرة إلى الشمال", "Mawsim al-hijrah ilá al-shamāl"),
    ("موسم الهجرة إلى الشمال", "Mausim al-higra ila s-samal"),
    ("رجال في الشمس", "Rijal fil shams"), ("نجيب محفوظ", "Naguib Mahfouz"), ("תמול שלשום", "Temol shilshom"),
    ("מיכאל שלי", "Michael sheli"), ("Ο τελευταίος πειρασμός", "Ho teleutaios peirasmos"),
    ("Ο τελευταίος πειρασμός", "O teleftaios pirasmos"), ("红楼梦", "Hóng lóu mèng"), ("红楼梦", "Hung lou meng"),
    ("三国演义", "San1guo2 yan3yi4"), ("道德經", "Tao te ching"), ("ノルウェイの森", "Noruwei no mori"),
    ("雪国", "Yukiguni"),
    ("日本文学研究", "Nihon bungaku kenkyū"), ("한국문학", "Hanʼguk munhak"), ("채식주의자", "Chaesikchuuija"),
]


@pytest.mark.parametrize(("original", "roman"), TRANSLITERATED)
def test_all_transliterations_of_a_text_sound_like_it(original, roman):
    assert (sounds_alike(original, roman) or 0) >= 90
    assert sounds_alike(original, roman) == sounds_alike(roman, original)


def test_another_text_does_not():
    for original, other in [("Война и мир", "Krieg und Frieden"), ("Анна Каренина", "Voĭna i mir"),
                            ("تكوين العقل العربي", "Bayna al-qaṣrayn"), ("红楼梦", "Xi you ji")]:
        assert (sounds_alike(original, other) or 0) < 75, (original, other)


def test_characters_without_a_known_reading_are_not_judged():
    assert sounds_alike("東方学報", "Tōhō gakuhō") is None


def test_umlauts_ligatures_and_marks_have_one_spelling():
    assert fold("Schrödinger") == fold("Schroedinger") == fold("SCHRODINGER")
    assert fold("Ørsted") == fold("Oersted") and fold("Straße") == fold("Strasse") and fold("Łódź") == "lodz"
    assert fold("<i>α</i>-helix &amp; β") == "alpha helix beta"


@pytest.mark.parametrize(("text", "values"), [
    ("Bd. XII", ("12",)), ("т. 12", ("12",)), ("第12巻", ("12",)), ("vol. 12", ("12",)), ("v.2", ("2",)),
    ("LIX", ("59",)),
    ("3–4", ("3", "4")), ("3/4", ("3", "4")), ("s2-42", ("s2", "42")), ("IT-22", ("22",)), ("第二册", ("2",)),
    ("下", ("last",)),
    ("volume two", ("2",)), ("tome second", ("2",)), ("12A", ("12a",)), ("Spring", ("spring",)), ("", ()),
])
def test_volumes_in_many_words(text, values):
    assert numbers(text).values[-len(values):] == values if values else not numbers(text).values


@pytest.mark.parametrize(("text", "first_and_last"), [
    ("123-9", ("123", "129")), ("pp. 123–129", ("123", "129")), ("S12–S15", ("s12", "s15")), ("S12-5", ("s12", "s15")),
    ("S. 12-15", ("12", "15")), ("с. 12–15", ("12", "15")), ("061102", ("061102", "")), ("123ff", ("123", "")),
    ("xi-xv", ("xi", "xv")), ("e1000097", ("e1000097", "")), ("1099-101", ("1099", "1101")),
])
def test_page_ranges_are_written_out(text, first_and_last):
    assert pages(text) == first_and_last


@pytest.mark.parametrize(("text", "number"), [
    ("2nd ed.", 2), ("3d ed.", 3),
    ("Second edition", 2), ("2., überarb. Aufl.", 2), ("изд. 3-е", 3), ("3-е изд., перераб.", 3),
    ("第2版", 2), ("第二版", 2), ("deuxième édition", 2), ("2a ed.", 2), ("Zweite Auflage", 2), ("Segunda edición", 2),
    ("Seventeenth edition", 17), ("1. vyd.", 1), ("IV. Auflage", 4), ("10th anniversary ed.", None), ("Rev. ed.", None),
])
def test_editions_in_many_languages(text, number):
    assert edition(text).number == number


def test_years_and_roman_numerals():
    assert years("c2003") == (2003,) and years("1998/99") == (1998, 1999) and years("MCMLXXXIV") == (1984,)
    assert years("1415 [1994]") == (1415, 1994) and years("n.d.") == ()
    assert roman("XIV") == 14 and roman("IIX") is None and roman("") is None


def test_an_edition_in_the_title_is_read_and_taken_out():
    assert edition_in("Introduction to Algorithms (3rd ed.)")[0] == "Introduction to Algorithms"
    assert title("Theory of justice, revised edition").whole == "theory of justice"
    assert edition_in("The critical edition of Plato") == ("The critical edition of Plato", None)


@pytest.mark.parametrize(("one", "other"), [
    ("Watson, J. D.; Crick, F. H. C.", "James Watson and Francis Crick"), ("Watson", "Watson JD, Crick FHC"),
    ("Watson, J. D., & Crick, F. H. C.", "Watson JD, Crick FHC"), ("García Márquez, Gabriel", "Marquez, G."),
    ("Mao, Zedong", "Zedong Mao"), ("毛泽东", "Mao Zedong"), ("曹雪芹", "Ts'ao Hsüeh-ch'in"),
    ("三島由紀夫", "Mishima Yukio"),
    ("נגיד, חיים", "Nagid, Hayim"), ("Толстой, Лев Николаевич", "Tolstoy, L."), ("Бахтин, М. М.", "Bachtin, Mikhail"),
    ("World Health Organization", "World health organisation"),
    ("American Psychiatric Assn.", "American Psychiatric Association"),
    ("van der Waerden, B. L.", "Waerden, Bartel Leendert van der"), ("Einstien, A.", "Einstein, Albert"),
    ("einstein podolsky rosen", "Einstein, A.; Podolsky, B.; Rosen, N."),
    ("Dean, Ghemawat", "Dean, Jeffrey; Ghemawat, Sanjay"),
    ("Nelson & Grossberg (eds.)", "Nelson, Cary; Grossberg, Lawrence"), ("d'Alembert, Jean", "Alembert, J. d'"),
])
def test_the_same_people(one, other):
    assert shared(one, other).share == 1.0 and shared(other, one).share == 1.0


@pytest.mark.parametrize(("one", "other"), [
    ("Bohr, N.", "Einstein, A.; Podolsky, B.; Rosen, N."), ("Smith, J.", "Smith, Karl"),
    ("Goodfellow, Ian", "Bengio, Yoshua"),
    ("Толстой, Лев", "Chekhov, Anton"), ("Saeed, Ali", "محمد عابد الجابري"),
])
def test_other_people(one, other):
    assert shared(one, other).share == 0.0 and shared(other, one).share == 0.0


def test_only_the_family_name_agrees():
    assert shared("Tony Hoare", "Hoare, C. A. R.").family and not shared("Bohr, N.", "Rosen, N.").family


def test_members_of_a_collaboration_may_be_who_they_are():
    assert not shared("ATLAS Collaboration", "Aad, G.; Abajyan, T.").readable


def test_names_are_split_at_the_right_commas():
    assert [person.family for person in people("Watson, J. D., Crick, F.")] == ["watson", "crick"]
    assert len(people("Cormen, Leiserson, Rivest")) == 3 and len(people("Marx, Karl, 1818-1883")) == 1
    assert len(people("Perdew, J. P. et al.")) == 1 and people("") == ()


@pytest.mark.parametrize(("one", "other"), [
    ("J. Am. Chem. Soc.", "Journal of the American Chemical Society"),
    ("PNAS", "Proceedings of the National Academy of Sciences"),
    ("Proc Natl Acad Sci U S A", "Proceedings of the National Academy of Sciences of the United States of America"),
    ("Z. Phys.", "Zeitschrift für Physik"), ("Annalen d. Physik", "Annalen der Physik"),
    ("УФН", "Успехи физических наук"),
    ("Zh. Eksp. Teor. Fiz.", "Журнал экспериментальной и теоретической физики"),
    ("Докл. АН СССР", "Доклады Академии наук СССР"),
    ("Science", "Science (New York, N.Y.)"),
    ("Trans. AIEE", "Transactions of the American Institute of Electrical Engineers"),
    ("J. R. Stat. Soc. B", "Journal of the Royal Statistical Society: Series B (Methodological)"),
    ("Phys Rev B Condens Matter", "Physical Review B"),
    ("Ann. N. Y. Acad. Sci.", "Annals of the New York Academy of Sciences"),
])
def test_one_journal_under_several_names(one, other):
    assert journals.compare(one, other).share >= 0.4 and journals.compare(other, one).share >= 0.4


@pytest.mark.parametrize(("one", "other"), [
    ("Phys Rev B", "Physical Review D"), ("Nature", "Nature Genetics"), ("Lancet", "Lancet Oncology"),
    ("Cell", "Cell Metabolism"),
    ("J Physiol", "Journal of Physics"), ("Psychol Rev", "Psychological Bulletin"),
    ("Acta Cryst. C", "Acta Crystallographica Section D"),
    ("Physical Review", "Physical Review Letters"), ("Physical Review", "Physical Review B"),
])
def test_another_journal_with_a_similar_name(one, other):
    assert journals.compare(one, other).share <= 0


@pytest.mark.parametrize(("one", "other", "code"), [
    ("The structure of scientific revolutions", "Structure of Scientific Revolutions", "same"),
    ("Über die Grundlagen", "Ueber die Grundlagen", "same"),
    ("Capital in the 21st century", "Capital in the twenty-first century", "same"),
    ("1984", "Nineteen eighty-four", "same"), ("DNA in E. coli", "DNA in <i>Escherichia coli</i>", "same"),
    ("Molecular structure", "Molecular structure : a proposal", "subtitle"),
    ("Moby Dick", "Moby-Dick; or, The whale", "subtitle"),
    ("Two dogmas of empiricism", "Main trends in recent philosophy: Two dogmas of empiricism", "subtitle"),
    ("Learning Pyhton", "Learning Python", "spelling"), ("Ready playe rtwo", "Ready player two", "spelling"),
    ("Nineteenht-century American writers", "Nineteenth-century American writers : an anthology", "subtitle"),
    ("Война и мир", "Voina i mir", "script"), ("紅樓夢", "红楼梦", "script"),
    ("Der Process", "Der Prozess", "spelling"),
    ("A history of Venice : the rise", "A history of Venice : decline and fall", "other_subtitle"),
])
def test_titles_of_one_work(one, other, code):
    assert titles.compare(one, other).code == code == titles.compare(other, one).code


@pytest.mark.parametrize(("one", "other"), [
    ("Macroeconomics", "Microeconomics"), ("Men and history", "Women and history"),
    ("Organic chemistry", "Inorganic chemistry"),
    ("Pokrov, podarennyĭ Dimitrīem Ivanovichem Godunovym", "Vtoroĭ pokrov, podarennyĭ Dimitrīem Ivanovichem Godunovym"),
    ("Покров, подаренный Димитрием Ивановичем Годуновым", "Vtoroĭ pokrov, podarennyĭ Dimitrīem Ivanovichem Godunovym"),
    ("Perl : the complete reference", "Perl : programmer's reference"),
    ("The C programming language", "The C++ programming language"), ("雪国", "古都"), ("三体", "三国"),
])
def test_one_word_makes_another_work(one, other):
    assert titles.compare(one, other).share < 0.5


@pytest.mark.parametrize(("one", "other", "code"), [
    ("Theory of everything, vol. 2", "Theory of everything, vol. 3", "other_part"),
    ("Solid mechanics I", "Solid mechanics II", "other_part"),
    ("Thermochemistry. II. The gradient", "Thermochemistry. III. The exchange", "other_part"),
    ("ノルウェイの森 上", "ノルウェイの森（下）", "other_part"),
    ("Война и мир. Том 2", "Voĭna i mir, t. 1", "other_part"),
    ("Тихий Дон. Книга 1", "Tikhii Don, kn. 2", "other_part"),
    ("Erste Hilfe, 2. Teil", "Erste Hilfe, 1. Teil", "other_part"),
    ("ألف ليلة وليلة. الجزء الأول", "ألف ليلة وليلة، ج. 2", "other_part"),
    ("Comment on “Reproducibility”", "Reproducibility", "about_it"),
    ("Erratum: Gradients made simple", "Gradients made simple", "about_it"),
    ("Kuhn : a reader's guide", "Kuhn", "about_it"), ("Economic survey 2019", "Economic survey 2020", "other_figures"),
])
def test_what_forbids_taking_one_for_the_other(one, other, code):
    assert code in titles.against(one, other) and code in titles.against(other, one)


def test_a_retracted_article_is_still_the_article():
    assert titles.against("RETRACTED: Colitis in children", "Colitis in children") == ()
    assert titles.against("Retraction—Colitis in children", "Colitis in children") == ("about_it",)


def test_neighbouring_isbns_are_two_books_and_a_wrong_digit_is_a_slip():
    assert identifiers.compare_isbn("9780201896848", "9780201896855") == "different"  # volumes 2 and 3
    assert identifiers.compare_isbn("0-201-89684-2", "9780201896848") == "same"
    assert identifiers.compare_isbn("9780262033849", "9780262033848") == "digit"
    assert identifiers.compare_isbn("0201896840", "9780201896848") == "digit"
    assert identifiers.compare_number("https://doi.org/10.1038/171737A0", "10.1038/171737a0") == "same"
    assert identifiers.compare_number("10.1038/171738a0", "10.1038/171737a0") == "digit"
    assert identifiers.compare_number("arXiv:1706.03762v5", "1706.03762") == "same"
    assert identifiers.compare_issn("0028-0836", "1476-4687") == "different"
