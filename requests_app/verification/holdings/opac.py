"""Holdings of Z39.50's OPAC record (Z39.50 App. 5; in YAZ's XML), over Z39.50 or SRU. Pure.

The standard gives `availableNow` to each item, and most systems then say more in places of their own:

| system  | what it does                                                                                   |
|---------|------------------------------------------------------------------------------------------------|
| Alma    | the item's policy in availableThru, the due date in availabilityDate                            |
| FOLIO   | a status in restrictions; temporaryLocation always, though often it is the place it has anyway  |
| Horizon | a status in shelvingData ("Checked In"), availableThru or temporaryLocation ("Available");      |
|         | the branch once more in restrictions                                                            |
| Sierra  | no circulations; a status in publicNote ("AVAILABLE", "DUE 01-11-23", "CHECK SHELVES")          |
| Voyager | branch and shelf in localLocation; a reserve shelf in temporaryLocation; "(LC)" after the number |
| WMS     | a comma after the call number                                                                   |
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from requests_app.verification.holdings.words import judge, stays
from requests_app.verification.marc.reading import name_of, tidy
from requests_app.verification.records import Held, distinct

_MOST = 200
# receiptAcqStatus is MARC holdings 008/06: what is only ordered is on no shelf.
_ON_ORDER = "3"
_AFTER_NUMBER = re.compile(r"\s*\((?:LC|DDC|Dewey|NLM|SuDoc)\)$|\s*,+$", re.IGNORECASE)
# Where a system may put words about an item, the most telling first.
_STATUS = ("restrictions", "shelvingData", "publicNote", "temporaryLocation", "availableThru")


@dataclass(frozen=True)
class _Item:
    available: bool | None
    lendable: bool | None
    shelf: str
    note: str
    volume: str


def from_opac(record: etree._Element, base: Held) -> list[Held]:
    """Rows of one `opacRecord`, alike items once. `base.name`: of the catalogue, where one library owns it all."""
    found: dict[Held, list[str]] = {}
    for holding in (one for one in record.iter() if name_of(one) == "holding"):
        for held, volume in _rows(holding, base):
            found.setdefault(held, []).append(volume)
            if len(found) >= _MOST:
                break
    return [
        replace(held, volumes="; ".join(distinct([held.volumes, *volumes]))) for held, volumes in found.items()
    ]


def _rows(holding: etree._Element, base: Held) -> Iterator[tuple[Held, str]]:
    said = _texts(holding)
    library = said.get("localLocation", "")
    number = _AFTER_NUMBER.sub("", said.get("callNumber", ""))
    circulations: list[etree._Element | None] = [one for one in holding.iter() if name_of(one) == "circulation"]
    for circulation in circulations or [None]:
        item = _item(said, circulation)
        name = base.name or library or item.shelf
        place = ", ".join(part for part in distinct([library, item.shelf]) if part != name)
        yield replace(
            base, name=name, location=place, call_number=number, available=item.available, lendable=item.lendable,
            note=item.note, volumes=said.get("enumAndChron", ""),
        ), item.volume


def _item(said: dict[str, str], circulation: etree._Element | None) -> _Item:
    own = _texts(circulation) if circulation is not None else {}
    library, shelf = said.get("localLocation", ""), said.get("shelvingLocation", "")
    words = {**said, **own}
    for name in _STATUS:
        if words.get(name) in (library, shelf):  # the place once more is no status
            words.pop(name)
    verdict = judge(*(words.get(name, "") for name in _STATUS))
    temporary = words.get("temporaryLocation", "")
    if temporary and judge(temporary).available is None:
        shelf = temporary
    available = _flag(circulation, "availableNow")
    if available is None:
        available = verdict.available
    if available and (_flag(circulation, "onHold") or said.get("receiptAcqStatus") == _ON_ORDER):
        available = False
    lendable = verdict.lendable
    if lendable is None and stays(library, shelf):
        lendable = False
    date = own.get("availabilityDate", "")
    note = verdict.note if not available or lendable is False else ""
    if available is False and date and date not in note:
        note = f"{note}, {date}" if note else date
    return _Item(available, lendable, shelf, note, own.get("enumAndChron", ""))


def _texts(element: etree._Element) -> dict[str, str]:
    """Its direct children that say something."""
    return {name_of(child): text for child in element if name_of(child) and (text := tidy(child.text or ""))}


def _flag(circulation: etree._Element | None, name: str) -> bool | None:
    if circulation is None:
        return None
    value = next((child.get("value") for child in circulation if name_of(child) == name), None)
    return value in ("1", "true") if value in ("0", "1", "true", "false") else None
