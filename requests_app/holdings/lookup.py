"""What of our electronic holdings answers a citation: the text's link, or in words why it is not included.

One query for the titles and one for the proxy's address, however much is held.
"""

from collections.abc import Iterable
from datetime import date
from urllib.parse import quote

from django.db.models import F, Q
from django.utils.translation import gettext as _

from illdesk.models import Institution
from requests_app.models import ElectronicTitle
from requests_app.verification import coverage, kbart
from requests_app.verification.records import Access, Answer, Link, Record, distinct

SOURCE = "own_electronic"
_MOST_ROWS, _MOST_PACKAGES = 300, 20
# What stands in journals, and what books are.
_IN_SERIALS = ("", "article", "conference", "newspaper")
_BOOKS = ("", "book", "chapter", "thesis", "report", "conference", "score", "standard", "other")


def find(wanted: Record, *, today: date) -> Answer:
    """`access`: where it is inside what we have. `notes`: where a title is ours but this part is not, or may not be;
    for the latter `links` lead to it, so that a person can look."""
    numbers = _numbers(wanted)
    found = _rows(numbers, _keys(wanted))
    access: list[Access] = []
    notes: list[str] = []
    links: list[Link] = []
    proxy = _proxy() if found else ""
    for rows in _by_package(found):
        by_number = [row for row in rows if {row.print_identifier, row.online_identifier} & numbers]
        for kind, judge in ((kbart.SERIAL, _of_serial), (kbart.MONOGRAPH, _of_book)):
            mine = [row for row in by_number or rows if row.kind == kind]
            if not mine or wanted.kind not in (_IN_SERIALS if kind == kbart.SERIAL else _BOOKS):
                continue
            row, covered = judge(wanted, mine, by_number=bool(by_number), today=today)
            name = str(row.package)
            if covered.answer == coverage.YES and row.url:
                access.append(_access(row, covered.words, proxy))
            elif covered.answer == coverage.YES:
                notes.append(_("%(package)s has it, but its file names no link.") % {"package": name})
            elif covered.words:
                notes.append(f"{name}: {covered.words}")
                if covered.answer == coverage.UNKNOWN and row.url:
                    links.append(Link(name, _address(row, proxy)))
    return Answer(access=tuple(access), links=tuple(links), notes=distinct(notes))


def can_look(wanted: Record) -> bool:
    return bool(_numbers(wanted) or _keys(wanted))


def _numbers(wanted: Record) -> set[str]:
    said = (wanted.issn, wanted.isbn, *wanted.issns, *wanted.isbns)
    return {number for text in said[:40] if text and (number := kbart.normal_identifier(text))}


def _keys(wanted: Record) -> list[str]:
    """Of the title and its other forms; of a book also without its subtitle."""
    forms = wanted.forms("title")[:6]
    keys = [kbart.title_key(form) for form in forms]
    if wanted.kind in _BOOKS:
        keys += [kbart.title_key(form.partition(":")[0]) for form in forms if ":" in form]
    return list(distinct(keys))


def _rows(numbers: set[str], keys: list[str]) -> list[ElectronicTitle]:
    if not numbers and not keys:
        return []
    named = Q(print_identifier__in=numbers) | Q(online_identifier__in=numbers) if numbers else Q()
    rows = ElectronicTitle.objects.filter(named | Q(title_key__in=keys) if keys else named)
    counts = rows.filter(package__on=True, package__generation=F("generation"))
    return list(counts.select_related("package").order_by("package__name", "pk")[:_MOST_ROWS])


def _by_package(rows: Iterable[ElectronicTitle]) -> list[list[ElectronicTitle]]:
    groups: dict[int, list[ElectronicTitle]] = {}
    for row in rows:
        groups.setdefault(row.package_id, []).append(row)
    return list(groups.values())[:_MOST_PACKAGES]


# --- journals --------------------------------------------------------------------------------------------


def _of_serial(
    wanted: Record, rows: list[ElectronicTitle], *, by_number: bool, today: date
) -> tuple[ElectronicTitle, coverage.Covered]:
    if not by_number:
        # "Bulletin" is the title of many: with another ISSN it is another one.
        rows_like = [row for row in rows if not _issns(row) or not _issns_of(wanted)]
        if not rows_like:
            return rows[0], coverage.Covered(
                coverage.NO, _("A journal of this title is there, with another ISSN (%(issn)s).") % {
                    "issn": ", ".join(sorted(_issns(rows[0])))})
        rows = rows_like
    row, covered = coverage.covers_any(rows, wanted.year, wanted.volume, wanted.issue, today=today)
    return next((one for one in rows if one is row), rows[0]), covered


def _issns(row: ElectronicTitle) -> set[str]:
    return {number for number in (row.print_identifier, row.online_identifier) if len(number) == 9}


def _issns_of(wanted: Record) -> set[str]:
    return {number for number in _numbers(wanted) if len(number) == 9}


# --- books -----------------------------------------------------------------------------------------------


def _of_book(
    wanted: Record, rows: list[ElectronicTitle], *, by_number: bool, today: date
) -> tuple[ElectronicTitle, coverage.Covered]:
    """By ISBN it is this edition; by its title alone it may be another book, another edition or volume."""
    told = [(row, _this_book(wanted, row, by_number, today)) for row in rows]
    for answer in (coverage.YES, coverage.UNKNOWN):
        for row, covered in told:
            if covered.answer == answer:
                return row, covered
    return told[0]


def _this_book(wanted: Record, row: ElectronicTitle, by_number: bool, today: date) -> coverage.Covered:
    if wanted.volume and row.volume and not _same(wanted.volume, row.volume):
        return coverage.Covered(coverage.NO, _("Volume %(volume)s is there, not this one.") % {"volume": row.volume})
    if row.depth == "abstracts":
        return coverage.Covered(coverage.NO, _("Only abstracts are there, not the text itself."))
    wall = coverage.wall(row.embargo, today=today)
    if wall.last is not None and _year(row) and _year(row) > f"{wall.last.year}":
        return coverage.Covered(coverage.NO, _("It is too new: an embargo leaves what appeared up to %(day)s.") % {
            "day": wall.last.isoformat()})
    if by_number:
        return coverage.Covered(coverage.YES, "")
    author = f"{row.first_author} {row.first_editor}"
    if author.strip() and wanted.author and not _share_a_name(author, wanted.author):
        return coverage.Covered(coverage.NO, "")  # another book of the same title: nothing worth a note
    years = _year(row) and wanted.year
    about = {"title": row.title, "year": _year(row) or "—", "author": author.strip() or "—"}
    if years and _year(row) != wanted.year:
        return coverage.Covered(
            coverage.NO, _("It has %(title)s of %(year)s, which may be another edition.") % about)
    if wanted.edition and row.edition and not _same(wanted.edition, row.edition):
        return coverage.Covered(coverage.NO, _("It has the edition “%(edition)s”.") % {"edition": row.edition})
    if author.strip() and wanted.author:
        return coverage.Covered(coverage.YES, "")
    return coverage.Covered(
        coverage.UNKNOWN,
        _("It has a book of this title (%(author)s, %(year)s); look whether it is this one.") % about,
    )


def _year(row: ElectronicTitle) -> str:
    return (row.published_print or row.published_online)[:4]


def _same(one: str, other: str) -> bool:
    """"2nd ed." and "2", "Vol. 3" and "3"."""
    first, second = kbart.title_key(one), kbart.title_key(other)
    digits = ["".join(sign for sign in text if sign.isdigit()) for text in (first, second)]
    return digits[0] == digits[1] if all(digits) else first == second


def _share_a_name(one: str, other: str) -> bool:
    names = [{word for word in kbart.title_key(text).split() if len(word) > 2} for text in (one, other)]
    return bool(names[0] & names[1])


# --- links -----------------------------------------------------------------------------------------------


def _access(row: ElectronicTitle, words: str, proxy: str) -> Access:
    way = "free" if row.free else "licensed"
    return Access(url=_address(row, proxy), way=way, name=str(row.package), coverage=words, source=SOURCE)


def _address(row: ElectronicTitle, proxy: str) -> str:
    if row.free or not row.package.through_proxy:
        return row.url
    return proxied(row.url, proxy)


def proxied(url: str, proxy: str) -> str:
    """`proxy`: what stands before an address ("…/login?url="); EZproxy's "qurl=" wants it encoded."""
    if not proxy or url.startswith(proxy):
        return url
    return proxy + (quote(url, safe="") if proxy.endswith("qurl=") else url)


def _proxy() -> str:
    return Institution.objects.filter(pk=1).values_list("proxy", flat=True).first() or ""

