"""Authors, wherever they stand. Pure."""

from requests_app.verification.fields import Looking, distinct_of
from requests_app.verification.likeness.people import shared


def look_at_authors(looking: Looking) -> None:
    """The author of a part may stand in either box; the editor of the book is no evidence against."""
    one, other = looking.one, looking.other
    names = ["author"] if looking.is_book else ["part_author", "author"]
    if not looking.is_book and one.part_author and other.part_author:
        names = ["part_author"]
    mine, yours = [
        distinct_of("", (form for name in names for form in record.forms(name))) for record in (one, other)
    ]
    typed, found = (mine or [""])[0], (yours or [""])[0]
    if looking.only_one("author", typed, found):
        return
    code = ""
    for first in mine:
        for second in yours:
            agreed = shared(first, second)
            if agreed.share >= 0.99 or (agreed.share >= 0.5 and agreed.first):
                looking.add("author", first, second, "same" if agreed.share >= 0.99 else "some",
                            None if agreed.share >= 0.99 else 2.2)
                return
            if agreed.share > 0:
                code = "some"
            elif agreed.family:
                code = code or "family"
            elif not code:
                code = "different" if agreed.readable else "unreadable"
    looking.add("author", typed, found, code)
