"""The styles of Latin print: APA, Harvard, MLA, Chicago, IEEE, Vancouver, Nature and their relatives. Pure.

Told by where the year stands and whether the title is in quotes. A style is taken only if what stands before the
title looks like names: an ordinary title must never be cut to pieces.
"""

from requests_app.verification.references import dated, quoted, undated
from requests_app.verification.references.text import Found

# The surest first.
_STYLES = (
    quoted.quoted, dated.apa, undated.vancouver, undated.vancouver_book, undated.physics, undated.nature, undated.acs,
    dated.dated, undated.note_book, undated.ieee_book, undated.last_book,
)


def read(text: str) -> Found | None:
    """None where no style fits: then it is a title."""
    for one in _STYLES:
        if (found := one(text)) is not None and (found.fields.get("title") or found.fields.get("part_title")):
            found.fields = {name: value for name, value in found.fields.items() if value}
            return found
    return None
