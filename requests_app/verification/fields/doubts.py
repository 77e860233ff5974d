"""What speaks against one for the other although much agrees. Pure."""

from requests_app.verification.fields import LATIN_LANGUAGES, NUMBERS, Looking
from requests_app.verification.likeness.scripts import script_of
from requests_app.verification.records import Record

# Not texts: a film of a novel is no other edition of it.
_MEDIA = {"film", "score"}
# Kinds that people and sources mix up without harm have none here.
_KINDS = {"article": "article", "newspaper": "article", "book": "book", "thesis": "thesis", "patent": "patent"}


def look_at_kinds(looking: Looking) -> None:
    one, other = looking.one, looking.other
    if one.kind and other.kind and one.kind != other.kind:
        if {one.kind, other.kind} & _MEDIA:
            looking.against.append("other_medium")
        elif "host" not in looking.against and _KINDS.get(one.kind) != _KINDS.get(other.kind) and (
            {one.kind, other.kind} & {"thesis", "patent"} or (
                _KINDS.get(one.kind) and _KINDS.get(other.kind)
            )
        ):
            looking.against.append("other_kind")
    if (one.language and other.language and one.language != other.language) or _other_letters(one, other):
        looking.against.append("translation")


def _other_letters(one: Record, other: Record) -> bool:
    """What is wanted in Cyrillic is no English book, however alike their titles sound."""
    return any(
        script_of(mine.part_title or mine.title) != "latin" and yours.language in LATIN_LANGUAGES
        and script_of(yours.part_title or yours.title) == "latin"
        for mine, yours in ((one, other), (other, one))
    )


def look_at_doubts(looking: Looking) -> None:
    agreement = looking.agreement
    number = any(agreement(name) == "same" for name in ("isbn", *NUMBERS)) and looking.identity
    same_pages = agreement("pages") in ("same", "first")
    if agreement("author") == "different" and not same_pages and not number:
        looking.against.append("other_author")
    if [agreement(name) for name in ("volume", "pages", "year")].count("different") > 1:
        looking.against.append("other_place_in_it")
    if not looking.is_book and "volume_missing" in looking.against and (same_pages or number):
        looking.against.remove("volume_missing")  # "Part I" is often left out, and this is its place
    if number and looking.share is not None and looking.share < 0:
        near = agreement("author") in ("same", "some") and agreement("year") != "different"
        looking.against.append("number_other_title" if near else "number_elsewhere")
