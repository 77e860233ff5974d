"""Styles whose year stands behind the names: APA, Harvard, Chicago author-date, Elsevier. Pure."""

import re

from requests_app.verification.references import tail
from requests_app.verification.references.names import authors, look_like_names
from requests_app.verification.references.pieces import REPORT, day, placed, title_and_journal
from requests_app.verification.references.text import MONTH, YEAR, Found, clean

# "(2019)", "(2019, August 8-11)", "(2019a)", "(n.d.)" behind names
_APA = re.compile(
    rf"^(?P<names>.{{2,2500}}?)[\s,]*\((?P<year>{YEAR}|n\.d\.|in press|s\.f\.)[a-z]?(?:/\d{{4}})?(?:,?\s*"
    rf"(?P<date>(?:{MONTH}|\d{{1,2}})[^)]{{0,30}}))?\)"
    r"[\s.,:]*(?P<rest>.+)$"
)
_DATED = re.compile(rf"^(?P<names>.{{2,2500}}?)(?P<how>[.,]?)\s(?P<year>{YEAR})[a-z]?(?P<end>[.,:])\s+(?P<rest>.+)$")


def apa(text: str) -> Found | None:
    match = _APA.match(text)
    if match is None or not _may_be_names(match["names"]) or not re.search(r"[^\W\d_]{2}", match["rest"]):
        return None
    year = match["year"] if match["year"].isdigit() else ""
    people = authors(match["names"])
    fields = _titled(match["rest"], people, match["date"] or "")
    dotted = text[match.start("rest") - 2:match.start("rest")].startswith(".")
    if fields is None and dotted:  # a web page or report: nothing but its title follows
        fields = {"kind": "book" if ", " in people else "report", "title": clean(match["rest"]), "author": people}
    if fields is None:
        return None
    style = "apa" if dotted else "harvard"
    if fields["kind"] == "newspaper":
        fields["issue"] = day(match["date"] or "", year)
    return Found(style, 0.9, fields | {"year": year or fields.get("year", "")})


def dated(text: str) -> Found | None:
    """Chicago author-date "Smith, John. 2019. Title", Elsevier "Smith, J., 2019. Title", Australian "Smith, J 2019"."""
    match = _DATED.match(text)
    if match is None or not look_like_names(match["names"]):
        return None
    people = authors(match["names"] + ("." if match["how"] == "." else ""))
    fields = _titled(match["rest"], people, "", comma=match["end"] == ",")
    if fields is None:
        return None
    stops = match["how"] == match["end"] == "." and not re.search(r"\b[A-Z]$", match["names"])
    style = "chicago" if stops else "harvard"
    if style == "harvard" and fields["kind"] in ("book", "chapter") and not fields.get("place"):
        house, comma, place = fields.get("publisher", "").rpartition(", ")
        if comma and not re.match(r"(?:Inc|Ltd|LLC|Co)\b", place):
            fields |= {"publisher": house, "place": place}
    return Found(style, 0.8, fields | {"year": match["year"]})


def _may_be_names(text: str) -> bool:
    text = text.strip(" .,")
    return look_like_names(text) or (len(text.split()) <= 10 and not re.search(r"[\d?!:]", text))


def _titled(rest: str, people: str, date: str, *, comma: bool = False) -> dict[str, str] | None:
    """Title and what follows, where nothing but a full stop (or a comma) parts them."""
    rest = rest.strip()
    thesis = re.search(r"[(\[][^)\]]*(?:thesis|dissertation|tesis|thèse)[^)\]]*[)\]]|(?:\.|,)\s+(?:"
                       r"[\w.'’]+\s){0,3}(?:thesis|dissertation|tesis)\b",
                       rest, re.I)
    if thesis:
        found = tail.read(rest[thesis.start():])
        title = re.sub(r"\s*\((?:Publication|UMI|Order) No\.? [\w-]+\)", "", rest[:thesis.start()])
        return {name: found[name] for name in ("degree", "publisher", "place", "year") if name in found} | {
            "kind": "thesis", "title": clean(title), "author": people,
        }
    chapter = re.match(r"(?P<title>.+?)(?:[.?!,]|[’'])\s+(?:In|in|En):?\s+(?P<rest>.+)$", rest)
    if chapter and (re.search(r"\b[Ee]ds?\b|[Ee]ditor|\bpp?\.|Proceedings|Conference|Hrsg|coord", chapter["rest"])):
        found = tail.read("In " + chapter["rest"])
        ending = "?" if rest[chapter.end("title")] == "?" else ""
        return placed(found, clean(chapter["title"]) + ending, people)
    report = REPORT.search(rest)
    if report and not re.search(r"\d\s?\(\d+\)", rest):
        title, house = rest[:report.start()], rest[report.end():]
        where, _rest = tail.imprint(house)
        return {
            "kind": "report", "title": clean(title), "author": people, "document_number": clean(report["number"]),
            "publisher": where.get("publisher") or clean(house), "place": where.get("place", ""),
        }
    found, match = tail.numbers(rest)
    if match is not None and match.start() > 5 and (found.get("volume") or found.get("issue")):
        title, journal = title_and_journal(rest[:match.start()].strip(" ,.;:"), comma=comma)
        if journal:
            found.pop("date", None)
            fields = found | {"kind": "article", "title": journal, "part_title": title, "part_author": people}
            if not found.get("pages") and (pages := re.search(r"(?:pp?\.|Article|p)\s*([\w–-]+)", rest[match.end():])):
                fields["pages"] = re.sub("[–—]", "-", pages[1])
            return fields
    if re.search(r"\d|[A-Za-z]{3}", date) and not tail.imprint(rest)[0]:
        title, paper = title_and_journal(rest.strip(" ."), comma=comma)
        paper = re.sub(r",?\s*(?:pp?\.\s*)?[A-Z]?\d+(?:[,–-]\s*[A-Z]?\d+)*$", "", paper)
        if paper and "[" not in rest and (tail.NEWS.search(paper) or re.search(r"\d", date)):
            kind = "newspaper" if tail.NEWS.search(paper) else "article"
            pages = re.search(r"\b(?:pp?\.\s*)?([A-Z]\d+(?:[,–-]\s*[A-Z]?\d+)*)\.?$", rest)
            return {"kind": kind, "title": paper, "part_title": title, "part_author": people,
                    "issue": date if kind == "newspaper" else "", "pages": pages[1] if pages else ""}
    if session := re.search(r"\s*\[(?:Conference|Paper|Poster|Keynote)[^\]]*\]\.?\s*", rest):
        name, _comma, place = rest[session.end():].strip(" .").partition(", ")
        return {"kind": "conference", "part_title": clean(rest[:session.start()]), "part_author": people, "title": name,
                "place": place}
    return _book(rest, people, comma=comma)


def _book(rest: str, people: str, *, comma: bool = False) -> dict[str, str] | None:
    edition, text = tail.edition(rest)
    volume = re.search(r"\s*\((?:Vols?|Bd|T)\.\s*(?P<volume>[\w–-]+)[^)]*\)", text)
    text = text[:volume.start()] + tail.CUT + text[volume.end():] if volume else text
    text = re.sub(r"\s*\([^()]*\b(?:Trans|Eds?|Illus|trad)\b\.?\)\.?", tail.CUT, text)
    where, text = tail.imprint(text)
    pieces = [clean(piece) for piece in re.split(rf"{tail.CUT}|(?<=[^\W\d_]{{2}}|\d[)\]])[.]\s+(?=[^\W\d_a-z])", text)]
    pieces = [piece for piece in pieces if re.search(r"\w", piece)]
    if comma and len(pieces) == 1 and not where:
        parts = pieces[0].split(", ")
        pieces = [", ".join(parts[:-2]), parts[-2]] if len(parts) > 2 else parts
        where = {"place": parts[-1]} if len(parts) > 2 else {}
    if not pieces:
        return None
    fields = {"kind": "book", "author": people, "edition": edition} | where
    if volume:
        fields["volume"] = volume["volume"]
    if "publisher" not in where and len(pieces) > 1:
        fields["publisher"] = pieces.pop()
    elif "publisher" not in where and not edition:
        return None
    title = ". ".join(pieces)
    return fields | {"title": re.sub(r"\s*\[(?:Internet|Kindle|E-book|eBook)[^\]]*\]", "", title)}
