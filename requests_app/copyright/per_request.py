"""What no counting settles: rules for one request by itself, 17 USC 108(d), (e), (g)(1), (i). Pure."""

import re

from requests_app.copyright.facts import Facts
from requests_app.copyright.rules import Rules
from requests_app.copyright.words import Line

_MUSIC_AND_PICTURES = ("score", "film")
_SUCH_FORMATS = re.compile(
    r"\b(?:score|sheet music|music|map|maps|atlas|film|video|dvd|blu-?ray|image|picture|photograph|photo|painting|"
    r"poster|art print|drawing|slide|sculpture|partitura|mapa|pel[íi]cula|v[íi]deo|imagen|fotograf[íi]a|cartel)s?\b",
    re.I,
)
_PURPOSES = re.compile(
    r"\b(?:for (?:my|our|the|a)?\s*(?:class|course|students|seminar group|company|firm|client|employer|customers)|"
    r"class ?set|course ?pack|course reserves?|e-?reserves?|on reserve|hand ?outs?|commercial(?:ly)?|for sale|"
    r"to (?:re)?publish|republish|post (?:it )?online|para (?:mi|la|el|nuestra) (?:clase|curso|empresa|alumnos)|"
    r"para mis (?:alumnos|estudiantes|clientes)|con fines comerciales|f[üu]r (?:meine|die) (?:klasse|firma))\b", re.I
)
_NUMBER_OF_COPIES = re.compile(
    r"\b(?:[2-9]|[1-9]\d+|two|three|four|five|six|ten|several|multiple|dos|tres|cuatro|cinco|varias)\s+"
    r"(?:copies|copias|ejemplares)\b|\bmultiple copies\b|\ba copy for each\b", re.I
)


# "Chapters 3-5", "chs. 2 and 4", "capítulos 1 y 2": how many are asked for.
_CHAPTERS = re.compile(
    r"\b(?:chapters|chs?\.|chap\.|cap[íi]tulos|caps?\.)\s*(\d{1,3})\s*(-|‐|‑|–|to|a|,|and|&|y)\s*(\d{1,3})"
    r"((?:\s*(?:,|and|&|y)\s*\d{1,3})*)", re.I,
)
# Where the law of the United States is named, another country's sentence names none.
_ABROAD = {"music_or_picture", "whole", "many_pages", "several_copies", "purpose", "same_issue", "concerted"}


def concerns_of(facts: Facts, rules: Rules) -> list[Line]:
    """Sentences for which a person is asked; none where all is as usual."""
    found = _concerns(facts, rules)
    if rules.country == "US":
        return found
    return [Line(f"{one.code}_abroad", one.values) if one.code in _ABROAD else one for one in found]


def _concerns(facts: Facts, rules: Rules) -> list[Line]:
    asked, found = facts.asked, []
    if rules.music_and_pictures_need_a_person and (  # C14
        asked.kind in _MUSIC_AND_PICTURES or _SUCH_FORMATS.search(asked.format)
    ):
        found.append(Line("music_or_picture"))
    if rules.whole_works_need_a_person and is_whole(facts):  # C13
        found.append(Line("whole"))
    pages = pages_of(asked.pages)
    if rules.whole_works_need_a_person and pages > rules.many_pages:
        found.append(Line("many_pages", {"pages": pages}))
    chapters = chapters_of(asked.part_title)
    if rules.most_chapters and chapters > rules.most_chapters:  # C20
        found.append(Line("chapters", {"chapters": chapters}))
    if asked.copies > 1 or _NUMBER_OF_COPIES.search(asked.note):  # C12
        found.append(Line("several_copies"))
    if rules.purposes_need_a_person and (words := _PURPOSES.search(asked.note)):  # C11
        found.append(Line("purpose", {"words": words[0]}))
    if rules.one_article_an_issue and facts.others.same_issue:  # C11
        found.append(Line("same_issue", {"number": facts.others.same_issue}))
    if facts.others.patrons >= rules.concerted_patrons:  # C12
        found.append(Line("concerted", {"patrons": facts.others.patrons, "days": rules.concerted_days}))
    if facts.retracted:
        found.append(Line("retracted"))
    return found


def is_whole(facts: Facts) -> bool:
    """Neither a part's title nor pages: a book, or a whole issue."""
    asked = facts.asked
    return not asked.part_title.strip() and not asked.pages.strip()


def chapters_of(text: str) -> int:
    """How many a part's title names; 0 where it speaks of none, or of one."""
    match = _CHAPTERS.search(text)
    if match is None:
        return 0
    first, joint, last, more = int(match[1]), match[2], int(match[3]), len(re.findall(r"\d+", match[4]))
    ranges = joint in "-‐‑–" or joint.lower() in ("to", "a")
    return (last - first + 1 if ranges and last > first else 2) + more


_RANGE = re.compile(r"(?<![\w])[A-Za-z]?(\d{1,5})(?:\s*[-‐-―]\s*[A-Za-z]?(\d{1,5}))?")


def pages_of(text: str) -> int:
    """How many "41–58, 60" are; "345-61" is 345 to 361. 0 for what names no pages."""
    total = 0
    for first, last in _RANGE.findall(text):
        begins, ends = int(first), int(last or first)
        if last and ends < begins and len(last) < len(first):
            ends = int(first[: -len(last)] + last)
        if begins <= ends <= begins + 5000:
            total += ends - begins + 1
    return total

