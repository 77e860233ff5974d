"""What all styles share: which fields a found piece belongs in, and where title and journal meet. Pure."""

import re

from requests_app.verification.references import tail
from requests_app.verification.references.names import look_like_names
from requests_app.verification.references.text import clean

REPORT = re.compile(
    r"[(\[]?\s*(?P<number>\b(?:(?:[A-Z][\w/&-]*\s){0,3}(?:Technical Report|Tech\.? Rep\.?|Report|Rep\."
    r"|Working Paper|Publication|Discussion Paper"
    r"|Research Report|White Paper|Policy Paper)(?:\s(?:No\.?|Number|Nr\.?|#))?\s*[A-Z]{0,6}[-\s]?[\dA-Z]"
    r"[\w./-]*\d[\w./-]*|(?:[A-Z]{2,8}\s)?"
    r"(?:Publication|Report)\s(?:No\.?)\s[\w./-]+))\s*[)\]]?"
)


def placed(rest: dict[str, str], title: str, people: str) -> dict[str, str]:
    """What kind it is, and with it where title, names and numbers belong."""
    container, date = rest.pop("title", ""), rest.pop("date", "")
    inside = rest.pop("inside", "")
    report = REPORT.search(container) if not rest.get("volume") else None
    if "degree" in rest:
        return rest | {"kind": "thesis", "title": title, "author": people, "pages": ""}
    if report or re.search(r"Tech\.? Rep|Technical Report|Working Paper", container):
        number = report["number"] if report else ""
        house = clean(container.replace(number, "")) if number else container
        house, _comma, place = house.partition(", ")
        return {"place": clean(place)} | rest | {
            "kind": "report", "title": title, "author": people, "document_number": clean(number), "pages": "",
            "publisher": rest.get("publisher") or clean(house),
        }
    fields = rest | {"title": container, "part_title": title, "part_author": people}
    if tail.CONFERENCE.search(container) and (inside or not rest.get("issue")):
        kind = "conference"
        parts = container.split(", ")
        at = len(parts)
        town = re.compile(r"[^\W\d_a-z]\S*(?: \S+)?$")
        while at > 1 and town.match(parts[at - 1]) and not tail.CONFERENCE.search(parts[at - 1]):
            at -= 1
        if at < len(parts) and "place" not in rest:
            fields |= {"title": ", ".join(parts[:at]), "place": ", ".join(parts[at:])}
    elif inside and (rest.get("author") or rest.get("publisher")) and not rest.get("issue"):
        kind = "chapter"
    elif rest.get("volume") or rest.get("issue"):
        kind = "article"
    elif re.search(r"\d", date) or (tail.NEWS.search(container) and not inside and not rest.get("publisher")):
        kind = "newspaper" if tail.NEWS.search(container) or re.search(r"\d", date) else "article"
        if kind == "newspaper" and date:
            fields["issue"] = day(date, rest.get("year", ""))
    elif inside or rest.get("author") or rest.get("publisher") or rest.get("place"):
        kind = "chapter"
    else:
        kind = "article"
    return {"kind": kind} | fields


def day(date: str, year: str) -> str:
    return f"{date}, {year}".strip(" ,") if re.search(r"[^\W\d]\.?\s\d+$", date) else f"{date} {year}".strip()


def title_and_journal(text: str, *, comma: bool = False) -> tuple[str, str]:
    """The border is the last full stop, unless what stands before it is the shortening of a word ("J. Chem. Educ.")."""
    pieces = re.split(r"(?:(?<=[.?!…])|(?<=[.?!…][”\"’»]))\s+", text)
    if len(pieces) == 1 and (comma or "," in text):
        title, _comma, journal = text.rpartition(", ")
        return clean(title), clean(journal)
    at = len(pieces) - 1
    while at > 1 and re.match(r"(?:[^\W\d_a-z][^\W\d_]{0,6}(?:-"
                              r"[^\W\d_]{1,6})?\.?\s?){1,2}\.$", pieces[at - 1]) and len(pieces[at - 1].split()) <= 2:
        at -= 1
    title, journal = " ".join(pieces[:at]).strip(), " ".join(pieces[at:])
    return re.sub(r"(?<=[^.])\.$|,$", "", title), re.sub(r"^[\s,.]+|^(?:In|Dans|En):\s|[\s,]+$", "", journal)


def names_first(front: str) -> tuple[str, str]:
    """Names up to the first full stop that is not behind an initial; none where the piece is no list of names."""
    for match in re.finditer(r"\.\s+|,\s*(?:eds?|editors?)\.\s+", front):
        names = front[:match.end()]
        if re.search(r"(?:^|[\s.-])[^\W\d_]\.\s*$", names) and re.match(r"(?:[^\W\d_a-z]\.|[^\W\d_]+,\s"
            r"[^\W\d_a-z]\.|&\s|and\s)", front[match.end():]):
            continue
        if look_like_names(names.strip(" .")) or re.fullmatch(r"(?:[^\W\d_a-z]\w*[\s.]*){1,8}", names):
            return names.strip(), front[match.end():]
        break
    return "", front
