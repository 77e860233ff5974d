"""The title of the thing itself, and of what it appeared in. Pure."""

from requests_app.verification.evidence import CONTAINER, CONTAINER_AGAINST, TITLE, TITLE_AGAINST
from requests_app.verification.fields import LATIN_LANGUAGES, PARTS, Looking
from requests_app.verification.fields.numbers import look_at_issn
from requests_app.verification.likeness import journals, titles
from requests_app.verification.likeness.reading_titles import title, weight
from requests_app.verification.likeness.scripts import script_of
from requests_app.verification.records import Record


def look_at_titles(looking: Looking) -> None:
    one, other = looking.one, looking.other
    if one.part_title and other.part_title:
        looking.is_book = False
        _identity(looking, "part_title", one.forms("part_title"), other.forms("part_title"))
        _container(looking)
    elif not one.part_title and not other.part_title:
        looking.is_book = one.kind not in PARTS and other.kind not in PARTS
        if one.title and other.title:
            _identity(looking, "title", one.forms("title"), other.forms("title"))
        else:
            looking.only_one("title", one.title, other.title)
        if _is_part(one) != _is_part(other):
            looking.against.append("host")
    else:
        _title_of_one(looking)


def _is_part(record: Record) -> bool:
    return bool(record.part_title or record.kind in PARTS or (record.pages and record.volume and record.issn))


def _title_of_one(looking: Looking) -> None:
    """Only one has a title of a part. The other's title may be that one, in the wrong box, or the journal's."""
    one, other = looking.one, looking.other
    looking.is_book = False
    part, whole = (one, other) if one.part_title else (other, one)
    if not whole.title:
        looking.only_one("part_title", one.part_title, other.part_title)
        looking.only_one("title", one.title, other.title)
        return
    as_part = titles.compare(whole.title, part.part_title, "").share
    as_container = journals.compare(whole.title, part.title).share if part.title else -1.0
    if as_part > max(as_container, 0):
        forms = [record.forms("part_title" if record is part else "title") for record in (one, other)]
        _identity(looking, "part_title", *forms)
        looking.only_one("title", part.title if part is one else "", part.title if part is other else "")
        return
    looking.only_one("part_title", one.part_title, other.part_title)
    _container(looking)
    if not whole.pages and not whole.doi and not whole.pmid:
        looking.against.append("host")


def _identity(looking: Looking, name: str, mine: tuple[str, ...], yours: tuple[str, ...]) -> None:
    languages = {looking.one.language, looking.other.language} - {""}
    language = min(languages) if len(languages) == 1 else ""
    best, pair = titles.compare(mine[0], yours[0], language), (mine[0], yours[0])
    if best.share < 0.95 and (len(mine) > 1 or len(yours) > 1):
        pairs = [(first, second) for first in mine for second in yours]
        # Of equals always the same, whichever side they are on.
        pair = max(pairs, key=lambda two: (titles.compare(*two, language).share, two == pair, sorted(two)))
        best = titles.compare(*pair, language)
    code, share = best.code, best.share
    if pair != (mine[0], yours[0]) and share > 0 and not (
        _is_form(mine[0], pair[0], looking.one.language) and _is_form(yours[0], pair[1], looking.other.language)
    ):
        code, share = "other_form", min(share, 0.7)
        looking.against.append("other_title")
    told = min(weight(title(pair[0])), weight(title(pair[1])))  # what only one of them says is no evidence
    reasons = titles.against(*pair)
    points = share * (TITLE * told if share > 0 else TITLE_AGAINST)
    if "figure_missing" in reasons:
        points -= 1.0
    looking.against += [reason for reason in reasons if reason != "figure_missing"]
    if not looking.is_book and _one_names_a_part(pair):
        looking.against.append("volume_missing")
    looking.identity, looking.share = name, share
    looking.add(name, mine[0], yours[0], code, points)


def _one_names_a_part(pair: tuple[str, str]) -> bool:
    return bool(title(pair[0]).parts) != bool(title(pair[1]).parts)


def _is_form(own: str, form: str, language: str) -> bool:
    """The same title in other letters, and no translation that a catalogue names beside it."""
    if own == form or titles.compare(own, form, language).share >= 0.6:
        return True
    return script_of(own) != script_of(form) and language not in LATIN_LANGUAGES


def _container(looking: Looking) -> None:
    one, other = looking.one, looking.other
    same_issn = look_at_issn(looking)
    if looking.only_one("title", one.title, other.title):
        return
    best, renamed = journals.compare(one.title, other.title), False
    if best.share < 0.85:
        for first in one.forms("title"):
            for second in other.forms("title"):
                found = journals.compare(first, second)
                if found.share > best.share:
                    best, renamed = found, True
        chapter = {one.kind, other.kind} & {"chapter", "conference"}
        if best.share < 0.6 and chapter and (found := titles.compare(one.title, other.title)).share > best.share:
            best, renamed = found, False  # of a book, not of a journal
    code, share = ("renamed" if renamed and best.share > 0 else best.code), best.share
    if share < 0 and one.kind == other.kind == "conference":
        code, share = "partly", 0.0  # proceedings have more names than any table knows
    if same_issn and share <= 0:
        code, share = "renamed", 0.0
    points = share * (CONTAINER if share > 0 else CONTAINER_AGAINST)
    if same_issn and share > 0:
        points = 0.3  # the ISSN has said it already
    if share < 0 and looking.identity:
        looking.against.append("other_container")
    if {one.kind, other.kind} & {"chapter"}:
        looking.against += [code for code in titles.against(one.title, other.title) if code == "other_part"]
    looking.add("title", one.title, other.title, code, points)
