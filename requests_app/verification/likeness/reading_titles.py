"""What a title says: its main words, subtitle, part, figures, edition, and whether it is about another work. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

from requests_app.verification.likeness.numbers import Edition, edition_in, numbers, ordinal, roman
from requests_app.verification.likeness.scripts import fold, letters, script_of, tidy

_ARTICLE_WORDS = """
the a an der die das den dem ein eine einer eines le la les l un une des el los las lo il i gli uno una o os as um uma
de het een en ett det az egy al ha ho he to ta oi hoi
"""
_ARTICLES = set(_ARTICLE_WORDS.split())
_LINKS = {"and", "und", "u", "et", "y", "og", "och", "en", "i", "e", "ve", "w"}
# A sentence's end, but neither an initial's nor an abbreviation's.
_CUT = re.compile(
    r"\s*[,;]\s+(?:or|oder|ou|ossia|ovvero)[,;:]?\s+|\s*[:;：；=]\s+|\s*[:：]\s*|\s+[-–—―]+\s+|[–—―]{1,2}(?=\w{4})"
    r"|(?<=\w{4})[.?!。？！]\s+(?=\w)| [⸺] "
)
_RESPONSIBILITY = re.compile(r"\s/\s.*$")
_DESIGNATION = re.compile(
    r"[\s,;:.(\[–—-]*\b(?P<word>vols?|volume|volumen|volumes|bands?|bde?|teil|tle?|theil|tomes?|tomo|tom|part|parts|pt"
    r"|pts|partie|parte|book|livre|libro|buch|deel|del|dil|rész|cz|cast|część|том|т|часть|ч|книга|кн|випуск|вып|выпуск|kniga|kn"
    r"|chast|vypusk|vyp"
    r"|juz|al-juz|kerekh|kerech|тарас|heft|halbband|τόμος|τ|μέρος|series|ser|reihe|section|sect|abt|abteilung|supplement"
    r"|suppl)(?![^\W\d_])\.? ?(?P<number>\d{1,4}[a-z]?|[ivxlc]{1,7}|[a-h](?![\w.])|one|two|three|four|five|six|seven"
    r"|first|second|third|erster|zweiter|dritter|premier|deuxième|первый|второй|третий|первая|вторая|третья|primo"
    r"|secondo|terzo|primero|segundo|tercero|الأول|الثاني|الثالث)(?!\w)[)\]:.,]*", re.IGNORECASE,
)
_DESIGNATION_FIRST = re.compile(
    r"(?<!\w)(?P<number>\d{1,3}|[ivx]{1,5}|erster|zweiter|dritter|vierter|première?|deuxième|troisième|первая|вторая"
    r"|третья|первый|второй|третий|first|second|third|fourth)\.? ?(?:-?[йяе] )?(?P<word>band|teil|volume|tome|partie"
    r"|part|том|часть|книга|halbband|abteilung)(?!\w)", re.IGNORECASE,
)
_EASTERN = re.compile(
    r"第? ?(?P<number>\d+|[一二三四五六七八九十]+) ?(?P<word>[巻卷冊册部編编集辑])"
    r"|[(（ ](?P<place>[上中下])[)）]?(?:巻|卷|冊|册)?|[(（ 　](?P<last>[上中下])$|(?P<side>[上中下])(?:巻|卷|冊|册)"
    r"|(?<=[\u3040-\u9fff])[\s.:：]*(?P<figure>[ivx]{1,4}|\d{1,2})(?=[\s:：,，]|$)"
)
_ORDINALS = {
    "الأول": "1", "الاول": "1", "الثاني": "2", "الثالث": "3", "الرابع": "4", "א": "1", "ב": "2", "ג": "3",
    "ראשון": "1", "שני": "2", "שלישי": "3",
}
_ARABIC_PART = re.compile(
    r"(?<!\w)(?:الجزء|المجلد|ج|כרך|חלק)\.? ?(?P<number>\d+|(?:" + "|".join(_ORDINALS) + r")(?!\w))"
)
# At the end of a title a number says which one of several.
_LAST_NUMBER = re.compile(
    r"(?<=\S)(?<!minus)(?<!plus)(?<!and)(?<! to)(?<! of)(?<! in)[\s,.:;(\[–—-]+(?P<number>[ivx]{1,6}|\d{1,2})[.)\]]*$",
    re.IGNORECASE,
)
# And so does one in the middle, between two sentences: "Thermochemistry. III. The role of exchange".
_MIDDLE_NUMBER = re.compile(r"(?<=\w)[.,:;–—]\s+(?P<number>[ivx]{1,5}|\d{1,2})[.):]+\s+(?=\w)", re.IGNORECASE)
_JAPANESE_LAST = re.compile(r"[,.:(]\s*(?P<number>jō|jo|chū|chu|ge)\)?$")
_JAPANESE_PLACES = {"jō": "1", "jo": "1", "chū": "middle", "chu": "middle", "ge": "last"}
_FIGURES = re.compile(r"\d+")
# What stands before the title of the work that it is about, of a work that was taken back, or of a column.
_BEFORE = re.compile(
    r"^(?:(?:publisher'?s? |author )?(?:erratum|errata|corrigendum|correction|addendum)(?: to| for)?|retraction"
    r"(?: of| note)?|retracted(?: article)?|(?:a )?comments? on|(?:response|reply) to(?: comments? on)?|letters? to the"
    r" editor|opinion|[ivx]{1,4}\.\s?[–—-])\s*[:.–—-]*\s*", re.IGNORECASE,
)
_CITED = re.compile(r"\s*\[[^\]]*\d{4}[^\]]*\]")
# A text about, after or beside the work, that bears its title.
_ABOUT = {
    "erratum": r"^(?:publisher )?(?:errat(?:um|a)\b|corrigend|correction\b|berichtigung|addend|author correction"
               r"|fe de err|popravk|ispravlen)|\b(?:errata?|erratum|corrigend\w+|a correction|correction)$",
    "comment": r"^(?:a )?(?:comments?\b|response to|reply|replik|replique|rejoinder|discussion o|remarks? on|letter"
               r"|kommentar|erwiderung|antwort auf|in defen|more on|notes? on|commentary)|\b(?:reply|a comment|a reply"
               r"|a response|a rejoinder|comment|a commentary)$",
    "retraction": r"^(?:retraction\b|withdrawn\b|expression of concern)",
    "review": r"^(?:a )?(?:book )?(?:review (?:of|essay)|review$|rezension|besprechung|recens|retsenzi"
              r"|compte rendu|resena)|\b(?:book review|rezension)$",
    "guide": r"\b(?:study guide|students? guide|solutions? manual|workbook|teachers? (?:guide|manual|edition)"
             r"|instructors? manual|companion to|cliffs?notes|sparknotes|test bank|lab(?:oratory)? manual|problem book"
             r"|problems and solutions|the problems book|a readers? guide|kommentar zu|concordance)\b",
    "supplement": r"^(?:supplement|appendix|erganzung|nachtrag)\b|\b(?:supplementary|supplement)$",
}
_ABOUT_RE = {kind: re.compile(signs) for kind, signs in _ABOUT.items()}
_GENERIC = re.compile(
    r"^(?:editorial|introduction|preface|foreword|vorwort|einleitung|letters?(?: to the editor)?|correspondence"
    r"|obituary|book reviews?|reviews?|rezensionen|news|notes|errata|contents|index|conclusion|conclusions|commentary"
    r"|comment|in memoriam|abstracts?|discussion|reply|poems?|gedichte|stories|works|collected works|selected works"
    r"|letters|gesammelte werke|werke|complete works|opere|oeuvres|sobranie sochinenii|essays?|report|annual report"
    r"|proceedings|poiimata|avant propos|prologue|epilogue|bibliography|glossary|acknowledgements?|predislovie"
    r"|vvedenie)$"
)


class Title(NamedTuple):
    """`whole`, `main`, `sub`: folded, without article, volume and edition; `parts`: designated ("2"); `figures`: other
    numbers; `about`: kinds of texts about a work; `raw`: what is left of the writing, for its script."""

    whole: str
    main: str
    sub: str
    parts: tuple[str, ...]
    figures: frozenset[str]
    edition: Edition | None
    about: frozenset[str]
    raw: str

    @property
    def compact(self) -> str:
        return self.whole.replace(" ", "")


@lru_cache(maxsize=2_000)
def title(text: str) -> Title:
    raw = tidy(_RESPONSIBILITY.sub("", text[:1000]))
    raw, in_title = edition_in(raw)
    raw, parts = _designated(raw)
    plain = letters(raw)
    main = letters(cut(raw)[0])
    about = frozenset(kind for kind, signs in _ABOUT_RE.items() if signs.search(plain) or signs.search(main))
    if len(shorter := _CITED.sub("", _BEFORE.sub("", raw))) > 6:
        raw = re.sub(r"\s*[:.–—-]\s*(?:errat\w+|a? ?correction)$", "", shorter)
    main_raw, sub_raw = cut(raw)
    if not parts and len(sub_raw) < 7 and (number := numbers(sub_raw).values) and (sub_raw.isdigit() or roman(sub_raw)):
        parts, sub_raw, raw = number, "", main_raw
    if not parts and (last := _LAST_NUMBER.search(main_raw)) and not re.search(r"\d-\d|^\d+$", main_raw):
        parts = (numbers(last["number"]).values[0],) if last["number"].isdigit() or roman(last["number"]) else ()
        if parts:
            main_raw = main_raw[: last.start()]
            raw = f"{main_raw} : {sub_raw}" if sub_raw else main_raw
    main, sub = _words(main_raw), _words(sub_raw)
    whole = f"{main} {sub}".strip()
    figures = frozenset(figure.lstrip("0") for figure in _FIGURES.findall(whole))
    return Title(whole, main, sub, parts, figures, in_title, about, raw)


def _designated(raw: str) -> tuple[str, tuple[str, ...]]:
    parts: list[str] = []
    patterns = (_DESIGNATION_FIRST, _DESIGNATION) if script_of(raw) not in ("han", "kana") else (_EASTERN,)
    if script_of(raw) in ("arabic", "hebrew"):
        patterns = (*patterns, _ARABIC_PART)
    for pattern in patterns:
        for found in pattern.finditer(raw):
            said = next((value for name, value in found.groupdict().items() if value and name != "word"), "")
            values = numbers(said).values
            value = _ORDINALS.get(said) or (values[0] if values else said)
            spelled = ordinal(value) if value.isalpha() else None
            parts.append(str(spelled) if spelled else value)
        raw = pattern.sub(" : ", raw)
    if not parts and (middle := _MIDDLE_NUMBER.search(raw)):
        figure = middle["number"]
        if figure.isdigit() or roman(figure):
            parts.append(numbers(figure).values[0])
            raw = f"{raw[: middle.start()]} : {raw[middle.end():]}"
    if not parts and (last := _JAPANESE_LAST.search(raw)):
        parts.append(_JAPANESE_PLACES[last["number"]])
        raw = raw[: last.start()]
    return raw.strip(" :"), tuple(dict.fromkeys(parts))


def cut(raw: str) -> tuple[str, str]:
    pieces = [piece.strip(" :;.,") for piece in _CUT.split(raw, maxsplit=1)]
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return "", ""
    if len(pieces) == 1 or len(pieces[0]) < 2:
        return " ".join(pieces), ""
    return pieces[0], pieces[1]


_TENS = {word: number * 10 for number, word in enumerate(
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2,
)}
_TEENS = {"seventeen": "17", "eighteen": "18", "nineteen": "19"}
_HUNDREDS = {"hundred": "100", "hundert": "100", "cien": "100", "cent": "100", "cento": "100", "thousand": "1000",
             "tausend": "1000", "mille": "1000", "mil": "1000"}
_SPECIES = {"e coli": "escherichia coli", "c elegans": "caenorhabditis elegans", "h pylori": "helicobacter pylori",
            "s cerevisiae": "saccharomyces cerevisiae", "d melanogaster": "drosophila melanogaster",
            "a thaliana": "arabidopsis thaliana", "b subtilis": "bacillus subtilis",
            "s aureus": "staphylococcus aureus", "m tuberculosis": "mycobacterium tuberculosis",
            "p falciparum": "plasmodium falciparum"}
_SPECIES_RE = re.compile(r"\b(?:" + "|".join(_SPECIES) + r")\b")
_SHORT_WORDS = {"mme": "madame", "mlle": "mademoiselle", "st": "saint", "ste": "sainte", "dr": "doctor", "mr": "mister"}
_COUNTED = {word: str(number) for number, word in enumerate(
    ["tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
     "nineteenth", "twentieth"], start=10,
)}
_SMALL_COUNTS = {word: str(number) for number, word in enumerate(
    ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2,
)}
_FIGURE_WORD = re.compile(r"(\d+)(?:st|nd|rd|th|e|eme|er|go|i|y)")


def _counted(words: list[str]) -> list[str]:
    """"Twenty-first", "21st", "XXI" are 21: titles and people differ in how they write centuries and kings."""
    found: list[str] = []
    for word in words:
        if found and found[-1] in _TENS and (ones := ordinal(word)) and ones < 10:
            found[-1] = str(_TENS[found[-1]] + ones)
            if len(found) > 1 and found[-2] in _TEENS:  # nineteen eighty-four
                found[-2:] = [_TEENS[found[-2]] + found[-1]]
        elif word in _HUNDREDS:
            if found and found[-1] in ("one", "ein", "a"):
                found.pop()
            found.append(_HUNDREDS[word])
        elif word in _SHORT_WORDS:
            found.append(_SHORT_WORDS[word])
        elif word in _COUNTED or word in _SMALL_COUNTS:
            found.append(_COUNTED.get(word) or _SMALL_COUNTS[word])
        elif figure := _FIGURE_WORD.fullmatch(word):
            found.append(figure[1])
        elif len(word) > 1 and set(word.rstrip("e")) <= set("ivx") and (number := roman(word.rstrip("e"))):
            found.append(str(number))
        else:
            found.append(word)
    return found


def _words(raw: str) -> str:
    text = _SPECIES_RE.sub(lambda found: _SPECIES[found[0]], fold(raw.replace("&", " ")))
    words = _counted([word for word in text.split() if word not in _LINKS] or text.split())
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(words)


def is_generic(one: Title) -> bool:
    return bool(_GENERIC.match(one.whole)) or bool(_GENERIC.match(one.main) and not one.sub)


def weight(one: Title) -> float:
    """How much this title alone tells, 0 to 1: "Editorial" nothing, "Emma" little, eight words all."""
    if is_generic(one):
        return 0.1
    if script_of(one.raw) in ("han", "kana", "hangul"):
        return min(1.0, 0.4 + 0.08 * len(one.compact) / 2)
    # Without vowels fewer letters say as much.
    letters_each = 1.5 if script_of(one.raw) in ("arabic", "hebrew") else 1.0
    return min(1.0, 0.45 + 0.03 * letters_each * max(len(one.compact), len(letters(one.raw).replace(" ", "")) - 3))


def same_parts(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """"last" is the second or the third of a Japanese or Chinese work in two or three volumes."""
    first, second = set(one), set(other)
    if first & second:
        return True
    return ("last" in first and bool(second & {"2", "3"})) or ("last" in second and bool(first & {"2", "3"})) or (
        "middle" in first | second and "2" in first | second
    )
