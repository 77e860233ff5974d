"""The table of elements against both schemas: nothing forgotten, and 1.2 in its order."""

import pytest
from lxml import etree

from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.elements import rows, rows_by_name

from .samples import SAMPLES

pytestmark = [
    pytest.mark.nodb,
    pytest.mark.skipif(not (SAMPLES / "xsd").is_dir(), reason="the ISO 18626 schemas are not here"),
]
XS = "{http://www.w3.org/2001/XMLSchema}"
TYPES = {
    "agencyId": m.AgencyId,
    "costs": m.Money,
    "requestHeader": m.Header,
    "supplyingAgencyMessageHeader": m.Header,
    "requestingAgencyMessageHeader": m.Header,
}


def structures(edition):
    """Structure → names of its elements in the order of the schema."""
    schema = etree.parse(SAMPLES / "xsd" / f"ISO-18626-{edition}.xsd").getroot()
    for top in schema:
        names = [e.get("name") or e.get("ref") for e in top.iter(f"{XS}element") if e is not top]
        name = (top.get("name") or "").removeprefix("type_")
        if names and name != "ISO18626Message":
            yield TYPES.get(name) or getattr(m, name[0].upper() + name[1:]), names


def test_1_2_in_its_order():
    found = list(structures("v1_2"))
    assert len(found) > 25
    for structure, names in found:
        assert [row.name for row in rows(structure) if not row.only_2021] == names, structure


def test_every_element_of_2021_is_read():
    found = list(structures("2021-2"))
    assert len(found) > 25
    for structure, names in found:
        assert set(names) <= set(rows_by_name(structure)), structure
