"""Standard numbers: evidence, and no proof. Pure."""

from requests_app.verification.fields import NUMBERS, Looking, distinct_of
from requests_app.verification.likeness import identifiers


def look_at_issn(looking: Looking) -> bool:
    """Print, online and linking ISSN are one journal's: one that agrees will do."""
    one, other = looking.one, looking.other
    mine, yours = (
        [number for number in distinct_of(record.issn, record.issns) if identifiers.issn(number)]
        for record in (one, other)
    )
    if looking.only_one("issn", " ".join(mine[:1]), " ".join(yours[:1])):
        return False
    agreements = {identifiers.compare_issn(first, second) for first in mine for second in yours}
    code = next(code for code in ("same", "digit", "different") if code in agreements)
    looking.add("issn", one.issn, other.issn, code)
    return code == "same"


def look_at_isbn(looking: Looking) -> None:
    one, other = looking.one, looking.other
    mine, yours = (
        [number for number in distinct_of(record.isbn, record.isbns) if identifiers.isbn(number)]
        for record in (one, other)
    )
    if looking.only_one("isbn", " ".join(mine[:1]), " ".join(yours[:1])):
        return
    agreements = {identifiers.compare_isbn(first, second) for first in mine for second in yours}
    code = next(code for code in ("same", "digit", "different") if code in agreements)
    points = None
    if not looking.is_book:  # the book that a chapter is in
        points = {"same": 2.5, "digit": 1.0, "different": -0.3}[code]
    looking.add("isbn", mine[0], yours[0], code, points)


def look_at_other_numbers(looking: Looking) -> None:
    if looking.is_book:
        look_at_issn(looking)
    for name in NUMBERS:
        mine, yours = (
            [form for form in record.forms(name) if identifiers.number(form)] for record in (looking.one, looking.other)
        )
        if looking.only_one(name, *((forms or [""])[0] for forms in (mine, yours))):
            continue
        agreements = {identifiers.compare_number(first, second) for first in mine for second in yours}
        code = next(code for code in ("same", "digit", "different") if code in agreements)
        looking.add(name, mine[0], yours[0], code)
        if name == "document_number" and code != "same":
            looking.against.append("other_document")
