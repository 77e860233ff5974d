"""Holdings that stand in the fields of a bibliographic MARC record: one row per system that does so. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from requests_app.verification.holdings.words import judge, stays
from requests_app.verification.marc.fields import Field, Marc
from requests_app.verification.marc.marc21 import is_online
from requests_app.verification.records import Access, Held, distinct

_MOST = 200
_ISIL = re.compile(r"^[A-Z]{1,4}-[A-Za-z0-9:/-]{1,11}$")
_WAY_OF_GERMAN_LOANS = {"a": True, "b": False, "c": True, "d": False, "e": False}


@dataclass(frozen=True)
class Items:
    """Where a system writes an item. Each name holds the codes of the parts that say it.

    `needs`: codes without which the field is another system's. `flags_away`, `flags_stay`: codes that are "0" or
    empty where nothing keeps the item away or in the house. `says_lendable`: what a part's text means.
    """

    system: str
    tag: str
    needs: str = ""
    ind: str = ""
    library: str = ""
    shelf: str = ""
    call: str = ""
    status: str = ""
    policy: str = ""  # words on lending alone: "Held" of a union catalogue is no hold
    note: str = ""
    volumes: str = ""
    symbol: str = ""
    prefix: str = ""
    record: str = ""
    link: str = ""
    lends: str = ""
    says_lendable: Mapping[str, bool] = field(default_factory=dict)
    flags_away: str = ""
    flags_stay: str = ""
    ours_symbol: str = ""  # the branch's code, which counts only in our own catalogue


# The first row that fits a field reads it.
SYSTEMS = (
    Items("Alma", "AVA", needs="e", library="q", shelf="cj", call="d", status="e", volumes="v", note="t",
          record="0", ours_symbol="b"),
    Items("ReShare", "999", ind="11", needs="sp", library="i", shelf="a", call="c", symbol="s", record="l",
          lends="p", says_lendable={"LOANABLE": True, "UNLOANABLE": False}),
    # AG Kooperative Verbundanwendungen, MARC field 924: a loans only, b paper copies only, c both, d neither,
    # e electronic copies only.
    Items("GVI", "924", needs="b", call="g", symbol="b", shelf="h", note="fl", volumes="zm", record="a", link="k",
          lends="d", says_lendable=_WAY_OF_GERMAN_LOANS),
    Items("Koha", "952", needs="bp", library="ba", shelf="c", call="o", status="kq", volumes="h", ours_symbol="b",
          flags_away="014", flags_stay="57"),
    Items("TLC", "982", needs="bis", library="b", shelf="c", call="m", status="s"),
    Items("Symphony", "926", needs="abc", library="a", shelf="b", call="c", status="b", ours_symbol="a"),
    Items("Polaris", "852", needs="r7", library="a", shelf="b", call="h", status="ru", lends="7",
          says_lendable={"True": True, "False": False}),
    Items("Evergreen", "852", needs="gn", library="b", shelf="a", call="cj", status="n", ours_symbol="b"),
    Items("MARC holdings", "852", library="b", shelf="c", call="khijlm", note="z", symbol="a", ours_symbol="b"),
    Items("ICCU", "899", needs="12", symbol="1", prefix="IT-"),
    Items("Trove", "850", symbol="a", prefix="AU-", policy="c", note="c", record="b", needs="ab"),
    Items("Holding institutions", "850", symbol="a"),
)
_JOINED = "khijlm"  # of 852 the call number is all of these, in this order


def from_marc(marc: Marc, base: Held) -> list[Held]:
    """Rows of the items that its fields tell of, alike ones once. `base`: see `holdings`."""
    found: dict[Held, list[str]] = {}
    fields = list(_items(marc))
    alone = len(fields) == 1
    for row, item in fields[:_MOST]:
        held = _held(row, item, base)
        if held is None:
            continue
        volumes = [" ".join(item.all(row.volumes)) if row.volumes else "", *_summaries(marc, item, alone)]
        found.setdefault(held, []).extend(volumes)
    return [replace(held, volumes="; ".join(distinct(volumes))) for held, volumes in found.items()]


def _items(marc: Marc) -> Iterator[tuple[Items, Field]]:
    for item in marc.fields:
        row = next((row for row in SYSTEMS if row.tag == item.tag and _fits(row, item)), None)
        if row is not None:
            yield row, item


def _fits(row: Items, item: Field) -> bool:
    return bool(item.parts) and (not row.ind or item.ind == row.ind) and item.has(row.needs)


def _held(row: Items, item: Field, base: Held) -> Held | None:
    symbol, symbol_type = base.symbol, base.symbol_type
    if row.symbol and not base.ours and (found := _symbol(item.first(row.symbol), row)):
        symbol, symbol_type = found
    elif row.ours_symbol and base.ours and item.first(row.ours_symbol):
        symbol, symbol_type = item.first(row.ours_symbol), "LOCAL"
    library = next((text for code in row.library if (text := item.first(code))), "")
    shelf = next((text for code in row.shelf if (text := item.first(code))), "")
    name = library if row.symbol and library else base.name or library or symbol
    if not name and not shelf:
        return None
    available, lendable, note = _state(row, item, library, shelf)
    if row.status and row.status == row.shelf and available is False:
        shelf = ""  # Symphony writes "CHECKEDOUT" where the shelf stood
    return replace(
        base, name=name or shelf, symbol=symbol, symbol_type=symbol_type, available=available, lendable=lendable,
        location=", ".join(part for part in distinct([library, shelf]) if part != name), note=note,
        call_number=_call_number(row, item), record_id=item.first(row.record) or base.record_id,
        url=item.first(row.link) or base.url,
    )


def _symbol(text: str, row: Items) -> tuple[str, str] | None:
    """The symbol of the library that holds it, and of which kind it is."""
    text = text.removeprefix("ISIL:").strip(" _")
    if not text:
        return None
    if row.prefix and not _ISIL.match(text):
        return row.prefix + text, "ISIL"
    return (text, "ISIL") if _ISIL.match(text) else (text, "OCLC")


def _state(row: Items, item: Field, library: str, shelf: str) -> tuple[bool | None, bool | None, str]:
    statuses = [item.first(code) for code in row.status]
    verdict = judge(*(statuses if len(row.status) > 1 else [item.first(row.status)]))
    available, lendable = verdict.available, verdict.lendable
    if row.flags_away:
        away = any(item.first(code).strip() not in ("", "0") for code in row.flags_away)
        available = not (away or verdict.available is False)
    if row.flags_stay and any(item.first(code).strip() not in ("", "0") for code in row.flags_stay):
        lendable = False
    if row.lends and (said := row.says_lendable.get(item.first(row.lends))) is not None:
        lendable = said
    elif lendable is None and stays(library, shelf, *(item.all(row.policy) if row.policy else ())):
        lendable = False
    words = [*([text for text in statuses if text] if available is False else [verdict.note]),
             *(item.all(row.note) if row.note else [])]
    return available, lendable, ", ".join(distinct(text.strip() for text in words))


def _call_number(row: Items, item: Field) -> str:
    if row.call == _JOINED:
        return " ".join(text for code in row.call for text in item.all(code))
    return next((text for code in row.call if (text := item.first(code))), "")


def _summaries(marc: Marc, item: Field, alone: bool) -> list[str]:
    """866-868 of this holding: linked by $8, or all where there is one holding alone."""
    if item.tag != "852":
        return []
    mine = item.first("8").partition(".")[0]
    return [
        text for summary in marc.all("866", "867", "868")
        if (alone or (mine and summary.first("8").partition(".")[0] == mine)) and (text := summary.first("a"))
    ]


# "1998-2010", "v.1 (1998)-", "Full text from 1998": years of a run. A lone "Cover 2010" is none.
_YEARS = re.compile(
    r"\b(?:1[5-9]|20)\d\d\)?\s*(?:[-–—]|to\b|until\b)|\b(?:from|until|since)\s+(?:1[5-9]|20)\d\d\b", re.I
)


def access_of(marc: Marc, *, source: str) -> list[Access]:
    """Where our own catalogue says that the text is online for our patrons: Alma's AVE and AVD, and 856 of online
    records. 856 of printed ones is a table of contents or a review; $3 names a part of the work (a cover), or of a
    journal the years. `coverage`: as it stands there; whether it has what is wanted is for the caller to say."""
    found = [
        Access(
            url=link, way="licensed", name=electronic.first("mne") if electronic.tag == "AVE" else
            electronic.first("de"), coverage=electronic.first("s"), source=source,
        )
        for electronic in marc.all("AVE", "AVD")
        if (link := _link(electronic)) and judge(electronic.first("e")).available is not False
    ]
    if is_online(marc):
        for address in marc.all("856"):
            link = _link(address)
            years = address.first("3")
            if link and address.ind[1:] in ("0", "1", " ") and (not years or _YEARS.search(years)):
                free = address.first("7") == "0"  # MARC 21: access status, 0 open
                found.append(Access(
                    url=link, way="free" if free else "licensed", name=address.first("yz"), source=source,
                    is_pdf=address.first("q") == "application/pdf", coverage=years,
                ))
    return list(dict.fromkeys(found))


def _link(electronic: Field) -> str:
    return next((text for code, text in electronic.parts if text.startswith(("http://", "https://"))), "")
