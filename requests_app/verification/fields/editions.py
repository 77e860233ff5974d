"""Edition and publisher. Pure."""

from rapidfuzz import fuzz

from requests_app.verification.fields import Looking
from requests_app.verification.likeness import journals
from requests_app.verification.likeness.numbers import Edition, edition, years
from requests_app.verification.likeness.reading_titles import title
from requests_app.verification.likeness.scripts import fold, script_of, sounds_alike
from requests_app.verification.records import Record


def _edition_of(record: Record) -> Edition:
    own = edition(record.edition) if record.edition else Edition(None, frozenset())
    in_title = title(record.title).edition if own.number is None and record.title else None
    return Edition(in_title.number, own.words | in_title.words) if in_title else own


def look_at_editions(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = _edition_of(one), _edition_of(other)
    if mine.number and yours.number:
        same = mine.number == yours.number
        looking.add("edition", one.edition, other.edition, "same" if same else "different")
        if not same:
            looking.against.append("other_edition")
    elif one.edition and other.edition and fold(one.edition) == fold(other.edition):
        looking.add("edition", one.edition, other.edition, "same")
    else:
        looking.only_one("edition", one.edition, other.edition)
        number = mine.number or yours.number
        silent, telling = (other, one) if mine.number else (one, other)
        if number and number > 1 and silent.year and not set(years(silent.year)) & set(years(telling.year)):
            looking.against.append("edition_missing")
    apart = (mine.words ^ yours.words) & {"abridged", "facsimile", "large print", "annotated"}
    if apart:
        looking.against.append("other_edition" if "abridged" in apart else "edition_missing")


def look_at_publisher(looking: Looking) -> None:
    if not looking.is_book:
        return
    one, other = looking.one, looking.other
    if looking.only_one("publisher", one.publisher, other.publisher):
        return
    mine, yours = fold(one.publisher), fold(other.publisher)
    if script_of(one.publisher) != script_of(other.publisher):
        same = (sounds_alike(one.publisher, other.publisher) or 0) > 85
    else:
        same = fuzz.token_set_ratio(mine, yours) >= 80 or fuzz.partial_ratio(mine, yours) >= 90 or (
            journals.compare(one.publisher, other.publisher).share > 0  # Univ. of Chicago Pr., MIT
        )
    # The university is half of what a thesis is known by.
    thesis = "thesis" in (one.kind, other.kind)
    points = (1.5 if same else -1.5) if thesis else None
    looking.add("publisher", one.publisher, other.publisher, "same" if same else "different", points)
