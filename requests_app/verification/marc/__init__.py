"""What catalogues send, read into Records: MARC 21 and UNIMARC, as XML or ISO 2709. Pure.

`reading.py` turns bytes and XML into `Marc`; `marc21.py` and `unimarc.py` say what its fields mean. Records come
broken, cut off and with wrong lengths: what can be read is read, what describes nothing is left out, and nothing
here raises.
"""

from requests_app.verification.marc import marc21, unimarc
from requests_app.verification.marc.fields import Field, Marc
from requests_app.verification.marc.reading import from_bytes, from_xml
from requests_app.verification.records import Record


def describe(marc: Marc) -> Record | None:
    """None where it has no title: a record that describes nothing helps nobody."""
    record = unimarc.record(marc) if unimarc.looks_like(marc) else marc21.record(marc)
    return record if record.title or record.part_title else None


__all__ = ["Field", "Marc", "describe", "from_bytes", "from_xml"]
