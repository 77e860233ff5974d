"""One server on loopback that knows an article, where it is free, and whatever else a test tells it."""

import pytest

from requests_app.models import SourceSetting
from requests_app.verification.records import Record
from tests import factories as f
from tests.peers.web import peer

DOI = "10.5555/tides.2014"
WORK = {
    "DOI": DOI, "type": "journal-article", "title": ["Tides of the northern Gulf"],
    "container-title": ["Marine Letters"], "author": [{"family": "Okafor", "given": "Ngozi"}],
    "issued": {"date-parts": [[2014]]}, "volume": "12", "issue": "3", "page": "41-58", "ISSN": ["2345-6787"],
}
WANTED = Record(kind="article", part_title="Tides of the northern Gulf", title="Marine Letters",
                part_author="Okafor, Ngozi", year="2014", doi=DOI)


def free(url: str, version: str = "acceptedVersion") -> dict:
    place = {"url": url, "url_for_pdf": url, "is_best": True, "host_type": "repository", "version": version,
             "license": "cc-by"}
    return {"doi": DOI, "is_oa": True, "title": "Tides of the northern Gulf", "genre": "journal-article",
            "journal_name": "Marine Letters", "year": 2014, "oa_locations": [place], "best_oa_location": place}


@pytest.fixture
def there():
    f.institution()
    with peer() as server:
        server.says(f"/works/{DOI}", {"status": "ok", "message": WORK})
        server.says("/works", {"status": "ok", "message": {"items": [WORK], "total-results": 1}})
        server.says("/files/1.pdf", b"%PDF-1.4 ...", type="application/pdf")
        server.says(f"/v2/{DOI}", free(f"{server.url}/files/1.pdf"))
        yield server


def on(there, *codes) -> None:
    bases = {"unpaywall": f"{there.url}/v2"}
    for code in codes:
        SourceSetting.objects.create(code=code, on=True, url=bases.get(code, there.url))
