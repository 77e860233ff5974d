"""Call numbers in the order in which books stand on the shelf.

Library of Congress numbers come first, then Dewey numbers, then everything else in natural order ("Box 9"
before "Box 10"), last what has no call number. Any string gets a key, and any two keys can be compared.
"""

import re
import unicodedata

LIBRARY_OF_CONGRESS, DEWEY, OTHER, NONE = range(4)

# Nobody's call number is longer; what stands beyond still decides between equals.
LONGEST = 300

# What may follow a class number, in the order in which it stands on the shelf: nothing, then dates and other
# numbers, then the volumes of the same work, then words, then the next cutter.
NUMBER, VOLUME, WORD, CUTTER = range(4)

# Three letters only under D and K (DJK, KFN), none under I, O, X, Y: "MAP 3" or "Oversize 9" is no class.
LC_CLASS = re.compile(
    r"([A-HJ-NP-WZ][A-Z]?|[DK][A-Z]{2})\s*([0-9]{1,4})(?![0-9])(?:\s?\.([0-9]+)(?![0-9]*(?:ST|ND|RD|TH)))?"
)
# Dewey numbers may show where they can be shortened: 306/.0973 or 813'.54.
DEWEY_CLASS = re.compile(r"([0-9]{3})(?![0-9])(?:['/’]?\.([0-9]+(?:['/’][0-9]+)*))?")

VOLUME_NAMES = "V|VOL|NO|NR|PT|BD|BAND|T|TOM|TOME|COPY|C|SER|SUPPL|DISC|DISK|REEL|BOX|FASC|ISSUE|YEAR|JG"
PARTS = re.compile(
    # "v.3", "vol. 3", "pt 2". A point or a space after the word tells "c.2" (copy) from the cutter "C2".
    rf"(?P<volume>\b(?:{VOLUME_NAMES})(?:\.\s*|\s+)|\b(?:VOL|NO|PT|COPY|DISC|REEL)(?=[0-9]))(?P<count>[0-9]+)"
    r"|(?P<cutter>[A-Z]+)(?P<decimal>[0-9]+)(?P<mark>[A-Z]*(?![A-Z0-9]))?"
    r"|(?P<number>[0-9]+)(?:\s?(?P<suffix>(?:ST|ND|RD|TH)\b|[A-Z](?![A-Z0-9.]|\s*[0-9])))?"
    r"|(?P<word>[^\W0-9_]+)"
)


def shelf_key(call_number: str) -> tuple:
    """Sort key: (kind of number, its parts, the text itself). Never raises."""
    text = " ".join(unicodedata.normalize("NFKC", call_number[:LONGEST]).upper().split())
    if not text:
        return (NONE, (), call_number)
    if found := LC_CLASS.match(text):
        letters, number, decimal = found.groups()
        head: tuple = (letters, _whole(number), _decimal(decimal))
        return (LIBRARY_OF_CONGRESS, head + _parts(text[found.end() :]), call_number)
    if found := DEWEY_CLASS.match(text):
        number, decimal = found.groups()
        return (DEWEY, (number, _decimal(decimal), *_parts(text[found.end() :])), call_number)
    return (OTHER, natural_key(text), call_number)


def natural_key(text: str) -> tuple:
    """Sort key for names with numbers in them: "floor 2" before "floor 10", capitals and spaces aside."""
    text = " ".join(text.casefold().split())
    return tuple(
        (0, _whole(piece), "") if piece[0] in "0123456789" else (1, (0, ""), piece.strip())
        for piece in re.findall(r"[0-9]+|[^0-9]+", text)
        if piece.strip()
    )


def shelf_lines(call_number: str) -> list[str]:
    """The call number as on a spine, in at most two lines: the class, then cutters, date and volume."""
    text = " ".join(call_number.split())
    found = LC_CLASS.match(text.upper()) or DEWEY_CLASS.match(text)
    # Uppercasing may lengthen foreign letters, and then the place found is not the place in the text.
    if not found or len(text.upper()) != len(text):
        return [text] if text else []
    lines = [text[: found.end()].strip(), text[found.end() :].strip()]
    return [line for line in lines if line]


def _parts(text: str) -> tuple:
    """What follows the class number, as (kind, number, letters) each."""
    parts: list[tuple[int, tuple[int, str], str, str]] = []
    zero = (0, "")
    for found in PARTS.finditer(text):
        if found["volume"]:
            parts.append((VOLUME, zero, found["volume"].strip(" ."), ""))
            parts.append((NUMBER, _whole(found["count"]), "", ""))
        elif found["cutter"]:
            # The space files .A4x after .A4 and before .A42.
            place = _decimal(found["decimal"]) + " " + (found["mark"] or "")
            parts.append((CUTTER, zero, found["cutter"], place))
        elif found["number"]:
            parts.append((NUMBER, _whole(found["number"]), found["suffix"] or "", ""))
        else:
            parts.append((WORD, zero, found["word"], ""))
    return tuple(parts)


def _whole(digits: str) -> tuple[int, str]:
    """Digits in the order of whole numbers, without making a number of a line of a thousand digits."""
    digits = digits.lstrip("0")
    return (len(digits), digits)


def _decimal(digits: str | None) -> str:
    """Digits in the order of decimal fractions: .5 and .50 are the same place, .52 stands before .6."""
    return re.sub(r"[^0-9]", "", digits or "").rstrip("0")
