"""What stands behind a title: where it appeared, volume, issue, pages, year, editors, publisher. Pure.

Pieces that can be told by their form are cut out one after another; what is left before the first cut is the
journal's or book's name.
"""

import re

from requests_app.verification.references.names import authors
from requests_app.verification.references.text import DASH, MONTH, RANGE, YEAR, clean, pages

CUT = "\u241e"
_DATE = (
    rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:de\s+)?)?{MONTH}(?:\s*[{DASH}/]\s*{MONTH})?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?"
    rf"(?:\s*[{DASH}]\s*\d{{1,2}})?)?(?:\s+de)?)"
)
_VOLUME = r"(?:[A-Z]{1,3}-?)?\d{1,5}[A-Z]?(?:[-–/]\d+)?|[IVXLC]{1,7}"
_NO_YEAR = rf"(?!{YEAR}\b)"
_ISSUE = rf"(?:Suppl\.?\s*\d*|Pt\.?\s*\d+|[A-Za-z]?\d+[A-Za-z]?(?:\s?[{DASH}/]\s?\d+)?(?:\s?Suppl\.?\s*\d*)?|{MONTH})"
_PP = r"(?:pp?|pages?|págs?|S(?=\.)|pgs?|ص\s?ص|ص)\.?\s*"
_ARTICLE = r"(?:Article|Art\.?(?:\s*(?:no|ID)\.?)?|article|art\.)\s*(?:no\.?\s*|ID\s*)?"


def _re(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)


# In this order: how volume, issue, pages and year stand together. The first that is found counts.
NUMBERS = (
    # Vancouver: 2019 Mar;12(3):45-67
    _re(rf"(?P<year>{YEAR})\s*(?P<date>{_DATE})?\s*;\s*(?P<volume>{_VOLUME})?\s*(?:\((?P<issue>[^)]{{1,30}})\)|(?P<issue2>Suppl\.?\s*\w*))?"
        rf"(?:\s*:\s*(?P<pages>{RANGE}))?"),
    # Chicago: 12, no. 3 (2019): 45-67
    _re(rf"(?<![\w.])(?:vol\.\s*)?(?P<volume>{_VOLUME}),\s*(?:no|nos|issue|núm|n|nr|Nr)[.º°]*\s*(?P<issue>{_ISSUE})(?:\s*\((?P<date>[^()]*?)"
        rf"(?P<year>{YEAR})?\)|(?=:))(?:\s*[:,]\s*(?:{_PP})?(?P<pages>{RANGE}))?"),
    # MLA 7: 12.3 (2019): 45-67
    _re(rf"(?<![\w.])(?P<volume>\d{{1,4}})\.(?P<issue>\d{{1,3}}(?:-\d+)?)\s*\((?P<date>[^()]*?)(?P<year>{YEAR})\)(?:\s*:\s*(?P<pages>{RANGE}))?"),
    # with words: vol. 12, no. 3, (2019,) pp. 45-67; Arabic: مج 12، ع 3، ص 45-67
    _re(rf"(?:\b[Vv]ol(?:ume|umen|\.)?|\b[Bb]d\.|\bt\.|المجلد|مج\.?)\s*(?P<volume>{_VOLUME})(?:\s*[,.;]?\s*\(?(?:[Nn]o|[Nn]os|[Ii]ss(?:ue)?|[Nn]úm|[Nn]r|"
        rf"[Nn]|H|العدد|ع)[.º°]*\s*(?P<issue>{_ISSUE})\)?|\s*\((?P<issue2>{_ISSUE})\))?(?:\s*[,.;:]\s*\(?(?P<date>{_DATE})?\s*,?\s*(?P<year>{YEAR})\)?)?"
        rf"(?:\s*[,.;:]\s*(?:{_PP})(?P<pages>{RANGE}))?"),
    # APA, Harvard, Chicago author-date, Elsevier: 12(3), 45-67; 12 (3): pp. 45-67; 13(3), Article e1
    _re(rf"(?<![\w(./{DASH}])(?P<volume>{_VOLUME})\s*\((?P<issue>(?!{YEAR}\)){_ISSUE})\)(?:\s*\((?P<year>{YEAR})\))?"
        rf"(?:\s*[,:;]\s*(?:{_PP}|{_ARTICLE})?(?P<pages>{RANGE}))?"),
    # Nature, physics: 12, 45-67 (2019)
    _re(rf"(?<![\w(./{DASH}]){_NO_YEAR}(?P<volume>{_VOLUME}),\s*(?:{_PP})?(?P<pages>{RANGE})\s*\((?P<year>{YEAR})\)"),
    # 12 (2019): 45-67; 12 (2019), 45-67
    _re(rf"(?<![\w(./{DASH}])(?P<volume>{_VOLUME})\s*\((?P<date>[^()]*?)(?P<year>{YEAR})\)(?:\s*[:,.]\s*(?:{_PP})?(?P<pages>{RANGE}))?"),
    # 12, 45-67; 12: 45-67; 13, Article e1
    _re(rf"(?<![\w(./{DASH}]){_NO_YEAR}(?P<volume>{_VOLUME})\s*[,:]\s*(?:{_PP}|{_ARTICLE})?{_NO_YEAR}(?P<pages>{RANGE})(?=[\s.,;]*$|[.,;]\s)"),
)
_PAGES = (
    _re(rf"[(\[]\s*{_PP}(?P<pages>{RANGE})\s*[)\]]"),
    _re(rf"(?:^|[\s,.;:])(?:pp?|págs?|S(?=\.)|pages?|ص\s?ص|ص)\.?\s*(?P<pages>{RANGE})(?=[\s.,;)]|$)"),
    _re(rf"[,:]\s*(?P<pages>[A-Z]?\d+[{DASH}][A-Z]?\d+)(?=[\s.,;]*$|[.,;]\s)"),
)
_EDITION = _re(
    r"[(\[,.]?\s*\b(?P<edition>(?:\d{1,3}(?:st|nd|rd|th|\.ª|ª|a|e|\.)?|[Rr]ev(?:ised|\.)|[Ss]econd|[Tt]hird|[Ff]ourth|[Ff]ifth|"
    r"[Ss]ixth|[Ss]eventh|[Ee]ighth|[Nn]inth|[Tt]enth|[Ff]irst|[Nn]ew|[Ii]nternational|[Ee]nlarged)\s*(?:,?\s*rev(?:ised|\.)?\s*)?"
    r"(?:ed(?:ition|n|ición)?|Aufl(?:age)?|éd)\b)\.?\s*[)\]]?"
)
_EDITED = _re(
    rf"(?:,\s*|\.\s+|^|{CUT}\s*)(?:[Ee]dited by|[Ee]ds?\. by|[Ee]ds?\.|editado por|hrsg\. von)\s+"
    rf"(?P<editors>[^{CUT}]+?)"
    rf"(?=,\s(?![IVJS]r?\.?\b)(?:(?:[A-Z][\w&'’-]+\s?){{1,6}}(?:,|{CUT}|$|\.)|\d|{CUT}|pp?\.|vol\.)|(?<!\b[A-Z])\.\s+[A-Z]|\s*\(|\s*{CUT}|\.?\s*$)"
)
_EDITED_AFTER = _re(
    r",\s(?P<editors>(?:[A-Z]\.[\s-]?){1,3}+[^,.\d]+(?:(?:,|,?\sand|\s&)\s(?:[A-Z]\.[\s-]?){1,3}+[^,.\d]+)*),\s[Ee]ds?\.(?=[\s,])"
)
_EDITORS_FIRST = _re(
    r"^(?P<editors>.+?),?\s*[(\[]?\b(?:[Ee]ds?|[Ee]ditors?|Hrsg|Hg|coords?|comps?)\b\.?[)\]]?\s*[,.:]?\s+(?=[^\s,])"
)
_IMPRINT = _re(
    rf"(?:^|[.,;?!{CUT}]\s*|\()(?P<place>(?:St\.\s|N\.)?[^\W\d_][^.:;()\d{CUT}]{{1,60}}?(?:,\s[A-Z]\.?\s?[A-Z]\.?(?:\.?[A-Z]\.)?)?)\s*:\s*(?P<publisher>[^:;{CUT}()]{{2,90}}?)"
    rf"\s*(?:(?P<end>[,;]\s*(?P<date>{_DATE})?\s*(?:c|©)?(?P<year>{YEAR}))|(?=\.?\s*$|\.\s|{CUT}|\)))"
)
_PUBLISHER = re.compile(
    r"\b(?:Press|Publish(?:ers|ing)|Publications|Verlag|Books|Univ(?:ersity|ersidad|ersité|ersität)?|UP|Routledge|Springer|"
    r"Wiley|Sage|SAGE|Elsevier|Cambridge|Oxford|Penguin|Norton|Macmillan|Palgrave|Brill|Gruyter|Editorial|Ediciones|"
    r"House|Association|Society|Institute|Academic|Knopf|Vintage|Harper\w*|McGraw|Pearson|Blackwell|Houghton|Random|"
    r"Gallimard|Suhrkamp|Beck|Siglo|Alianza|Presses|Éditions|Editora|Einaudi|IEEE|ACM|& Sons|Inc|Ltd|Co)\b|دار"
)
THESIS = _re(
    r"[(\[]?\s*\b(?P<degree>(?:unpublished\s+)?(?:Ph\.?\s?D\.?|D\.?Phil\.?|doctoral|doctorate|master['’]?s?|MPhil|M\.?A\.?|M\.?Sc\.?|"
    r"M\.?S\.?|Ed\.?D\.?|honors|bachelor['’]?s?|tesis doctoral|tesis de maestr[ií]a|Dissertation|thèse de doctorat)"
    r"(?:\s+(?:thesis|dissertation|diss\.?))?|thesis|dissertation|tesis)\b\.?(?P<within>[^)\]]*)[)\]]?", re.I,
)
CONFERENCE = _re(r"\b(?:Proc(?:eedings|\.)?|Conference|Conf\.|Symposium|Symp\.|Workshop|Congress|Congreso|Actas|Meeting"
                 r"|Convention|Colloquium|Tagung|Kongress)(?=[\s.,:]|$)", re.I)
NEWS = _re(r"\b(?:Times|Post|Guardian|News(?:paper)?|Daily|Herald|Tribune|Telegraph|Gazette|Chronicle"
           r"|Observer|Globe|Today"
           r"|El País|El Mundo|Le Monde|Zeitung|Independent|Bulletin Board|Sun|Star|Mirror|Le Figaro|La Nación)\b")


def cut(text: str, match: re.Match[str], name: str | int = 0) -> str:
    return f"{text[:match.start(name)]} {CUT} {text[match.end(name):]}"


def numbers(text: str, *, unsure: bool = True) -> tuple[dict[str, str], re.Match[str] | None]:
    """Volume, issue, pages, year of the first form that fits. `unsure`: also bare "12, 45-67"."""
    for pattern in NUMBERS if unsure else NUMBERS[:-1]:
        match = pattern.search(text)
        if match:
            said = match.groupdict()
            fields = {
                "volume": said.get("volume") or "", "issue": (said.get("issue") or said.get("issue2") or "").strip(),
                "pages": pages(said.get("pages") or ""), "year": said.get("year") or "",
                "date": (said.get("date") or "").strip(" ,"),
            }
            return {name: value for name, value in fields.items() if value}, match
    return {}, None


def edition(text: str) -> tuple[str, str]:
    match = _EDITION.search(text)
    return (clean(match["edition"]), cut(text, match)) if match else ("", text)


def editors(text: str) -> tuple[str, str]:
    """Those named in the midst ("edited by …") or before the book ("R. Smith (Eds.), …")."""
    match = _EDITED_AFTER.search(text) or _EDITED.search(text)
    if match:
        return authors(match["editors"], direct=True), cut(text, match)
    match = _EDITORS_FIRST.match(text)
    if match and len(match["editors"]) < 400:
        return authors(match["editors"], direct=True), text[match.end():]
    return "", text


def imprint(text: str) -> tuple[dict[str, str], str]:
    """ "Place: Publisher, year". The last that looks so, since titles have colons too; never at the beginning, where
    the title stands."""
    found: list[re.Match[str]] = []
    at = 0 if re.match(rf"\s*[{CUT}(]|[^:.{CUT}]{{2,40}}:\s[^:.{CUT}]+,\s{YEAR}\W*$", text) else 1
    while match := _IMPRINT.search(text, at):
        if match.start() or not at:
            found.append(match)
        at = match.start() + 1
    last = max((match.start("publisher") for match in found), default=0)
    match = next((match for match in found if match.start("publisher") == last), None)
    if match and not re.match(r"(?:In|Vol|No|p|pp)$", match["place"].strip()):
        fields = {"place": clean(match["place"]), "publisher": clean(match["publisher"]), "year": match["year"] or ""}
        return {name: value for name, value in fields.items() if value}, cut(text, match)
    return {}, text


def publisher_at_end(text: str) -> tuple[str, str]:
    """The last piece of the name of a book, if it looks like a house: "Title, Oxford UP"."""
    parts = re.split(r"(?<=\w)[,.]\s+(?=[^\W\d_a-z])", text)
    if len(parts) > 1 and _PUBLISHER.search(parts[-1]):
        return clean(parts[-1]), text[:text.rindex(parts[-1])].rstrip(" ,.")
    return "", text


def read(text: str) -> dict[str, str]:
    """Fields of Record, "date" beside them; `title` is the container's."""
    fields: dict[str, str] = {}
    text = re.sub(r"^[\s,.;:]+", "", text)
    # APA's "(2nd ed., pp. 7-13)"
    text = re.sub(r"\((?P<ed>[^()]{2,30}?\bed\.),\s(?P<pp>pp?\.[^()]+)\)", r"(\g<ed>) (\g<pp>)", text)
    inside = re.match(r"(?:[Ii]n|En|Dans)\b:?\s+", text)
    if inside:
        text = text[inside.end():]
    thesis = THESIS.search(text) if not inside else None
    if thesis:
        fields["degree"] = clean(thesis["degree"].strip())
        text = f"{text[:thesis.start()]} {CUT} {thesis['within'] or ''} {CUT} {text[thesis.end():]}"
    named, text = editors(text)
    found, match = numbers(text, unsure=not thesis)
    if match is not None and (found.get("volume") or found.get("pages")):
        fields |= found
        text = cut(text, match)
    for pattern in _PAGES:
        if not fields.get("pages") and (match := pattern.search(text)):
            fields["pages"] = pages(match["pages"])
            text = cut(text, match)
    if (match := re.search(rf"\b(?:[Vv]ol|[Bb]d)\.?\s*(?P<volume>{_VOLUME})\b", text)) and not fields.get("volume"):
        fields["volume"] = match["volume"]
        text = cut(text, match)
    said, text = edition(text)
    place, text = imprint(text)
    match = re.search(rf"[(,.\s]\s*(?P<date>{_DATE})?[\s,]*(?P<year>{YEAR})[a-z]?\)?(?=[\s.,;:)]|$)", " " + text)
    if match and "year" not in fields and "year" not in place:
        fields["year"] = match["year"]
        fields.setdefault("date", match["date"] or "")
        text = cut(" " + text, match)
    match = re.search(rf"(?:^|[\s,.;(])(?P<date>{_DATE})(?=[\s.,;)]|$)", text)
    if match and re.search(r"\d", match["date"]) and not fields.get("date"):
        fields["date"] = match["date"]
        text = cut(text, match)
    pieces = [clean(piece) for piece in text.split(CUT)]
    pieces = [piece for piece in pieces if re.search(r"\w", piece)]
    fields |= place
    if named:
        fields["author"] = named
    if said:
        fields["edition"] = said
    if thesis:
        rest = [clean(part) for piece in pieces for part in re.split(r",\s+", piece) if clean(part)]
        school = next((part for part in rest if re.search(r"Univ|College|Institut|School|ETH|Polit[eé]cnic"
                                                          r"|جامعة", part)), "")
        fields["publisher"] = school or fields.get("publisher", "") or (rest[0] if rest else "")
        behind = rest[rest.index(school) + 1:] if school in rest else rest[1:]
        if behind and "place" not in fields and "ProQuest" not in behind[0] and len(behind[0].split()) <= 3:
            fields["place"] = ", ".join(part for part in behind[:3] if len(part.split()) <= 3)
    elif pieces:
        fields["title"] = pieces[0]
        if inside or named or (fields.get("pages") and not fields.get("volume")):
            house, fields["title"] = publisher_at_end(fields["title"])
            if house and "publisher" not in fields:
                fields["publisher"] = house
        if "publisher" not in fields and not fields.get("volume"):
            house = next((piece for piece in pieces[1:] if _PUBLISHER.search(piece)), "")
            if not house and (inside or named) and len(pieces) > 1:
                house = pieces[1]
            if house:
                fields["publisher"] = house
    fields["inside"] = "1" if inside else ""
    return {name: value for name, value in fields.items() if value}
