"""Versions of an article that is free, and which of several places to offer first. Pure."""

from collections.abc import Iterable

from requests_app.verification.records import Access

_VERSIONS = {
    "publishedversion": "published", "vor": "published", "acceptedversion": "accepted", "am": "accepted",
    "submittedversion": "submitted", "updatedversion": "published",
}
_ORDER = {"published": 0, "accepted": 1, "": 2, "submitted": 3}


def version(value: str) -> str:
    """"publishedVersion" as "published"; '' when nothing is said."""
    return _VERSIONS.get(value.lower().rsplit("/", 1)[-1], "")


def best_first(places: Iterable[Access], best: str = "") -> list[Access]:
    """`best`: the address that the source itself holds to be best; after it the nearer to what was printed."""
    return sorted(places, key=lambda one: (one.url != best, _ORDER[one.version], not one.is_pdf))
