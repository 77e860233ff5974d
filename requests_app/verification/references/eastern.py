"""References as print in Cyrillic (GOST 7.1, 7.0.5), Chinese (GB/T 7714) and Japanese has them. Pure."""

import re

from requests_app.verification.references.names import authors
from requests_app.verification.references.text import DASH, RANGE, YEAR, Found, clean, pages


def read(text: str) -> Found | None:
    for one in (_gbt, _japanese, _gost):
        if (found := one(text)) is not None and (found.fields.get("title") or found.fields.get("part_title")):
            found.fields = {name: value for name, value in found.fields.items() if value}
            return found
    return None


# --- Chinese: 作者. 题名[J]. 刊名, 2019, 12(3): 45-67. -----------------------------------------------------

_WIDE = str.maketrans("，．：；（）［］／－～。", ",.:;()[]/--.")
_MARK = re.compile(r"\s*\[(?P<mark>[A-Z]{1,2})(?:/(?:OL|CD|MT|DK))?\]\s*(?P<host>//)?\s*\.?\s*")
_GBT_KINDS = {"J": "article", "M": "book", "D": "thesis", "C": "book", "R": "report", "P": "patent", "S": "standard",
              "N": "newspaper", "G": "book", "A": "chapter", "Z": "other", "EB": "other", "DB": "other", "K": "book"}


def _gbt(text: str) -> Found | None:
    plain = text.translate(_WIDE)
    match = _MARK.search(plain)
    if match is None or match["mark"] not in _GBT_KINDS or not match.start():
        return None
    front, rest = plain[:match.start()].strip(), plain[match.end():].strip()
    kind = _GBT_KINDS[match["mark"]]
    people, title = _front(front)
    if match["host"]:
        kind = "conference" if match["mark"] == "C" else "chapter"
        host, rest = _host(rest)
        return Found("gb7714", 0.92, _imprint(rest) | host | {
            "kind": kind, "part_title": title, "part_author": people,
        })
    if kind == "article":
        found = re.match(rf"(?P<title>.+?),\s*(?P<year>{YEAR})(?:,\s*(?P<volume>\w+))?\s*(?:\((?P<issue>[^)]+)\))?\s*"
                         rf"(?::\s*(?P<pages>{RANGE}))?", rest)
        said = found.groupdict("") if found else {"title": rest.strip(" .")}
        said["pages"] = pages(said.get("pages", ""))
        return Found("gb7714", 0.95, said | {"kind": "article", "part_title": title, "part_author": people})
    if kind == "newspaper":
        found = re.match(r"(?P<title>.+?),\s*(?P<day>\d{4}-\d{1,2}-\d{1,2})\s*(?:\((?P<pages>[^)]+)\))?", rest)
        said = found.groupdict("") if found else {"title": rest.strip(" ."), "day": "", "pages": ""}
        day = said.pop("day")
        return Found("gb7714", 0.95, said | {
            "kind": kind, "part_title": title, "part_author": people, "issue": day, "year": day[:4],
        })
    if kind == "patent":
        name, _colon, number = title.rpartition(":")
        number = number.rpartition(",")[2] if "," in number else number
        return Found("gb7714", 0.9, {"kind": kind, "title": clean(name or title), "author": people,
                                     "document_number": clean(number) if name else "", "year": _year(rest)})
    if kind == "standard":
        coded = re.match(r"(?P<number>[A-Z/]{2,8}\s?[\d.]+(?:-\d+)*)[,.\s]*(?P<title>.*)$", title or front)
        said = {"document_number": coded["number"], "title": clean(coded["title"])} if coded else {"title": title}
        return Found("gb7714", 0.9, _imprint(rest) | said | {"kind": kind, "author": "" if coded else people})
    fields = _imprint(rest) | {"kind": kind, "title": title, "author": people, "pages": ""}
    return Found("gb7714", 0.92, fields)


def _front(front: str) -> tuple[str, str]:
    """Names end at the first full stop that is not an initial's."""
    match = re.match(r"(?P<names>(?:[^.]|(?<=[A-Z])\.(?=\s?[A-Z,\s]))+?)\.\s*(?P<title>.+)$", front)
    if match is None or re.match(r"[A-Z/]{2,8}\s?\d", front):
        return "", clean(front)
    return authors(re.sub(r"[,\s]*(?:主编|编著|编|著|译)?$", "", match["names"])), clean(match["title"])


def _host(rest: str) -> tuple[dict[str, str], str]:
    """编者. 书名. 地: 社 — the editors may be missing."""
    found = re.match(r"(?:(?P<names>[^.:]+)\.\s*)?(?P<title>[^.:]+)\.\s*(?P<rest>.*)$", rest)
    if found is None:
        return {"title": clean(rest)}, ""
    return {"author": authors(found["names"] or ""), "title": clean(found["title"])}, found["rest"]


def _imprint(rest: str) -> dict[str, str]:
    """2版. 北京: 出版社, 2005: 12-15."""
    edition = re.match(r"(?:(?P<edition>第?\d+\s*版|\d+\w{0,2}\s*ed)\.?\s*)", rest)
    rest = rest[edition.end():] if edition else rest
    found = re.match(rf"(?:(?P<place>[^:,.]+):\s*)?(?P<publisher>[^,.:]+(?:\.[^,.:]+)?)?,?\s*"
                     rf"(?P<year>{YEAR})?[^:]*?(?::\s*(?P<pages>{RANGE}))?", rest)
    said = {name: clean(value) for name, value in found.groupdict("").items()} if found else {}
    said["pages"] = pages(said.get("pages", ""))
    whole = re.search(rf":\s*(?P<pages>{RANGE})\.?$", rest)
    if not said["pages"] and whole and said.get("year"):
        said["pages"] = pages(whole["pages"])
    return said | {"edition": clean(edition["edition"]) if edition else ""}


def _year(text: str) -> str:
    found = re.search(YEAR, text)
    return found.group() if found else ""


# --- Japanese: 山田太郎「題」『誌』12巻3号、2019年、45-67頁。 ---------------------------------------

_PART = re.compile(r"^(?P<names>[^「『(]+?)(?:\((?P<year>\d{4})\))?[、,.\s]*「(?P<part>[^」]+)」[、,.\s]*(?P<role>"
                   r"[^『]{0,40}?)『(?P<title>[^』]+)』(?P<rest>.*)$")
_WHOLE = re.compile(r"^(?P<names>[^「『(]+?)(?:\((?P<year>\d{4})\))?[、,.\s]*『(?P<title>[^』]+)』(?P<rest>.*)$")


def _japanese(text: str) -> Found | None:
    plain = text.translate(_WIDE)
    match = _PART.match(plain) or _WHOLE.match(plain)
    if match is None:
        return None
    said, rest = match.groupdict(), match["rest"]
    names = re.sub(r"(?:著|編著|編|訳)\s*$", "", said["names"].strip(" 、,."))
    people = "; ".join(part for part in re.split(r"[・、,]", names) if part)
    year = said["year"] or _year(rest)
    volume = re.search(r"(?:第)?(\d+)\s*巻|^\s*(\d+)\s*\(", rest)
    issue = re.search(r"(?:第)?(\d+)\s*号|\d\s*\((\d+)\)", rest)
    span = re.search(rf"(?:pp?\.\s*)?(\d+\s*[{DASH}~〜]\s*\d+)\s*(?:頁|ページ)?|(\d+)\s*(?:頁|ページ)", rest)
    house = re.search(r"(?:^|[、,\s])([^、,\d\s]{2,20}?(?:書店|出版[会社]?|社|書房|館|堂|新書|大学出版会|選書))", rest)
    fields = {"year": year, "title": said["title"].strip(), "publisher": house[1] if house else ""}
    if said.get("part"):
        editors = re.sub(r"[編著、,.\s]+$", "", said.get("role") or "")
        fields |= {
            "kind": "article" if volume or issue else "chapter", "part_title": said["part"].strip(),
            "part_author": people,
            "author": "" if volume or issue else editors,
            "volume": (volume[1] or volume[2]) if volume else "", "issue": (issue[1] or issue[2]) if issue else "",
            "pages": re.sub("[~〜]", "-", pages(span[1] or span[2])) if span else "",
        }
    else:
        fields |= {"kind": "book", "author": people}
    return Found("japanese", 0.9, fields)


# --- Cyrillic: Иванов И. И. Название / И. И. Иванов // Журнал. — 2019. — Т. 12, № 3. — С. 45–67. -----------

_LETTER = r"[А-ЯЁІЇЄҐA-Z]"
_NAME = rf"{_LETTER}[а-яёіїєґa-z’'ʼ-]+(?:-{_LETTER}[а-яёіїєґa-z]+)?,?\s{_LETTER}\.\s?(?:{_LETTER}\.)?"
_GOST_NAMES = re.compile(rf"^(?P<names>{_NAME}(?:\s?,\s{_NAME})*(?:\s?(?:и|та|and)\s{_NAME})?)(?:\s?(?:и"
                         rf" др\.|та ін\.))?\s+(?P<rest>.+)$")
_DISS = re.compile(r"\s*:?\s*(?P<degree>(?:автореф\.\s*)?дис(?:с|ертац\w+)?\.?\s*(?:…|\.\.\.)?\s*(?:на"
                   r" соиск\w*\.?\s*)?(?:канд|д-ра|докт)\w*\.?[^:—–]*?наук)\b",
                   re.I)


def _gost(text: str) -> Found | None:
    cyrillic = len(re.findall(r"[Ѐ-ӿ]", text)) > 5
    if " // " not in text and not cyrillic:
        return None
    match = _GOST_NAMES.match(text)
    people, rest = (_people(match["names"]), match["rest"]) if match else ("", text)
    if " // " in rest:
        part, _slashes, host = rest.partition(" // ")
        title, said_by = _responsibility(part)
        if not re.search(r"\d", host):
            return None
        fields = _numbers(host)
        name = re.split(rf"\.\s*[{DASH}]|\s[{DASH}]\s|\.\s+(?=(?:{YEAR}|[ТTВV]\.|№|Вып|[СC]\.|Vol))|,\s"
                        rf"(?={YEAR})", host)[0]
        name, editors = _responsibility(name)
        collection = re.search(r"[Сс]б(?:орник|\.)|[Мм]атериалы|конференц|[Тт]руды|Proc|Conf", name)
        if fields.get("volume") or fields.get("issue") or not (collection or fields.get("publisher")):
            kind = "article"
        else:
            kind = "conference" if re.search(r"конференц|Conf|Proc|[Мм]атериалы", name) else "chapter"
        return Found("gost", 0.9, fields | {
            "kind": kind, "part_title": clean(title), "part_author": _both(people, said_by), "title": clean(name),
            "author": editors if kind != "article" else "",
        })
    if not people and not re.search(rf"[{DASH}]\s*(?:М|СПб|Л|Київ|К|Москва|Минск)\.?\s?:", rest):
        return None
    pieces = re.split(rf"\.?\s+[{DASH}]\s+", rest)
    title, said_by = _responsibility(pieces[0])
    thesis = _DISS.search(title)
    where = re.search(rf"(?:^|[{DASH}.]\s+)(?P<place>(?:[А-ЯЁІЇЄҐ][а-яёіїєґА-ЯЁ.-]*\s?){{1,3}}?)\s?:\s"
                      rf"(?P<publisher>[^,{DASH}]+?),\s(?P<year>{YEAR})", rest)
    short = re.search(rf"(?:^|[{DASH}.]\s+)(?P<place>[А-ЯЁІЇЄҐ][а-яёіїєґА-ЯЁ.-]*),\s(?P<year>{YEAR})", rest)
    said = where or short
    if said is None:
        return None
    edition = re.search(r"(\d+-е\s+изд)\.?", rest)
    title = title[:thesis.start()] if thesis else title
    if where and where.start() < len(title):
        title = title[:rest.index(where["place"])] if where["place"] in title else title
    elif short and short["place"] in title:
        title = title[:title.index(f"{short['place']},")]
    fields = {name: clean(value) if name != "place" else value.strip() for name, value in said.groupdict().items()}
    return Found("gost", 0.88, fields | {
        "kind": "thesis" if thesis else "book", "title": clean(title), "author": _both(people, said_by),
        "edition": edition[1] if edition else "", "degree": thesis["degree"].strip() if thesis else "",
    })


def _people(text: str) -> str:
    names = re.findall(_NAME, text)
    return "; ".join(re.sub(rf"^([^\s,]+),?\s+(?={_LETTER}\.)", r"\1, ", name.strip()) for name in names)


def _both(before: str, behind: str) -> str:
    """Before the title stands the first name alone, behind it all of them."""
    known = {name.partition(",")[0] for name in before.split("; ")}
    further = [name for name in behind.split("; ") if name and name.partition(",")[0] not in known]
    return "; ".join([*([before] if before else []), *further])


def _responsibility(text: str) -> tuple[str, str]:
    """"Title / I. I. Ivanov": what stands behind the slash says the names again, the first name first."""
    title, slash, names = text.partition(" / ")
    if not slash:
        return text, ""
    found = re.findall(rf"((?:{_LETTER}\.\s?){{1,2}})({_LETTER}[а-яёіїєґa-z-]+)", names)
    return title, "; ".join(f"{family}, {given.strip()}" for given, family in found)


def _numbers(host: str) -> dict[str, str]:
    forms = {
        "volume": r"\b(?:[ТT]|Том|Vol)\.\s*(\w+)", "issue": r"(?:№|No\.?|Вып\.|вып\.|N)\s*([\w/]+(?:"
                                                            r"[-–]\d+)?(?:\s?\(\d+\))?)",
        "pages": rf"\b[СCсcPpРС]\.\s*({RANGE})", "year": rf"(?<!\d)({YEAR})(?!\d)",
    }
    found = {name: match[1] for name, form in forms.items() if (match := re.search(form, host))}
    where = re.search(rf"[{DASH}.]\s+(?P<place>[А-ЯЁ][а-яёА-ЯЁ.-]*)\s?:\s(?P<publisher>[^,{DASH}]+),\s{YEAR}", host)
    place = re.search(rf"[{DASH}.]\s+(?P<place>[А-ЯЁ][а-яёА-ЯЁ.-]*),\s{YEAR}", host)
    return found | {"pages": pages(found.get("pages", ""))} | (
        {"place": where["place"].strip(), "publisher": clean(where["publisher"])} if where
        else {"place": place["place"]} if place else {}
    )
