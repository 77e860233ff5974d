"""What somebody typed, ready to be asked for: numbers in their normal form and in their own fields. Pure."""

from dataclasses import replace
from typing import Any

from requests_app.verification import identifiers
from requests_app.verification.records import CITED, Record, distinct

NUMBERS = ("isbn", "issn", "oclc", "doi", "pmid", "pmcid", "arxiv", "lccn")


def normal_record(record: Record) -> Record:
    """Numbers normalised; one that was typed into a wrong field is put into its own. What is no number stays as it
    is, for a source may know it all the same."""
    typed = {name: getattr(record, name) for name in CITED if getattr(record, name)}
    fields = {name: value for name, value in identifiers.from_fields(typed).items() if name in CITED}
    values = {name: identifiers.normal(name, value) or value for name, value in fields.items() if name in NUMBERS}
    tidy: dict[str, Any] = {**fields, **values}
    cleaned = replace(record, **tidy)
    return replace(
        cleaned,
        isbns=distinct((*_all("isbn", typed.get("isbn", "")), cleaned.isbn, *record.isbns)),
        issns=distinct((*_all("issn", typed.get("issn", "")), cleaned.issn, *record.issns)),
    )


def _all(kind: str, text: str) -> tuple[str, ...]:
    """Several numbers in one field: print and online, hardback and paperback."""
    return tuple(one.value for one in identifiers.find(text) if one.kind == kind and one.valid)
