"""Finding a request by number, title, name or barcode.

PostgreSQL: full text and trigrams over one text column; SQLite: FTS5. Newest first, at most a page:
ranking a common word in a million requests took 0.8 s, so nothing is ranked.
"""

import re
from collections.abc import Iterator

from anyascii import anyascii
from django.db import connection, transaction
from django.db.models import QuerySet

from illdesk import rows
from requests_app.models import ExternalReference, ILLRequest
from requests_app.references import plain

LIMIT = 1000


_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words in Latin letters, lower case, without diacritics: 'Über' and 'uber' are one, 'Война' is voyna.

    Cut here and not by the databases, which disagree (PostgreSQL takes a DOI for a path and the '-0' of an
    ISBN for a number).
    """
    return _WORD.findall(anyascii(text).lower())


def index(ill: ILLRequest) -> None:
    """(Re)write what this request is found by; call when citation, patron or partner change."""
    rows.together(*indexing(ill))


def indexing(ill: ILLRequest) -> list[rows.Statement]:
    """The same, still to be run."""
    citation = ill.citation
    parts = [
        citation.title[:2000], citation.part_title[:2000], citation.author[:500], citation.isbn, citation.issn,
        citation.oclc, citation.doi,
    ]
    if ill.patron is not None:
        parts += [ill.patron.name, ill.patron.card]
    if ill.partner is not None:
        parts += [ill.partner.name, ill.partner.symbol]
    text = " ".join(words_of(" ".join(part for part in parts if part)))
    if connection.vendor == "postgresql":
        return [rows.Statement(
            "INSERT INTO requests_app_search (ill_id, text) VALUES (%s, %s) "
            "ON CONFLICT (ill_id) DO UPDATE SET text = EXCLUDED.text",
            [ill.pk, text],
        )]
    return [
        rows.Statement("DELETE FROM requests_app_search WHERE rowid = %s", [ill.pk]),
        rows.Statement("INSERT INTO requests_app_search (rowid, text) VALUES (%s, %s)", [ill.pk, text]),
    ]


def rebuild(*, batch: int = 500) -> Iterator[int]:
    """Index every request anew, a short transaction for each batch; yields how many are done so far."""
    done, last = 0, 0
    while True:
        after = ILLRequest.objects.filter(pk__gt=last).select_related("citation", "patron", "partner")
        found = list(after.order_by("pk")[:batch])
        if not found:
            return
        with transaction.atomic():
            for ill in found:
                index(ill)
        done, last = done + len(found), found[-1].pk
        yield done


def exactly(text: str) -> QuerySet[ILLRequest]:
    """What a scanner sends: a number, an item's barcode, a shelf code, a partner's number, or one of another system."""
    text = text.strip().replace("\x00", "")
    short = re.fullmatch(r"([BLDbld])-?(?:20)?(\d{2})-?(\d{1,9})", text, re.ASCII)
    if short:  # 'B-26-412' as people say it, or without the noughts
        text = f"{short[1].upper()}-20{short[2]}-{int(short[3]):05d}"
    from django.db.models import Q

    return ILLRequest.objects.filter(
        Q(number=text.upper())
        | Q(barcode=text)
        | Q(shelf_code=text.upper())
        | Q(pk__in=ILLRequest.objects.filter(dialogues__request_id=text).values("pk"))
        | Q(pk__in=ExternalReference.objects.filter(number=plain(text)).values("ill"))
    ) if text else ILLRequest.objects.none()


def matching(text: str) -> list[int]:
    """Ids of requests that hold every word (as a beginning), newest first, at most LIMIT."""
    words = list(dict.fromkeys(words_of(text)))[:12]
    if not words:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            query = " & ".join(f"{word}:*" for word in words)
            cursor.execute(
                "SELECT ill_id FROM requests_app_search "
                "WHERE to_tsvector('simple', text) @@ to_tsquery('simple', %s) ORDER BY ill_id DESC LIMIT %s",
                [query, LIMIT],
            )
        else:
            query = " ".join(f'"{word}"*' for word in words)
            cursor.execute(
                "SELECT rowid FROM requests_app_search WHERE requests_app_search MATCH %s "
                "ORDER BY rowid DESC LIMIT %s",
                [query, LIMIT],
            )
        return [row[0] for row in cursor.fetchall()]
