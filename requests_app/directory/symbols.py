"""Agency symbols: of each, one library, whether it is the library's main symbol or a further one."""

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from requests_app.models import Library, LibrarySymbol

_LOCK = 0x1118626D


def one_at_a_time() -> None:
    """Until this transaction ends nobody else changes the directory's symbols. (SQLite has one writer anyway.)

    A constraint keeps each of the two tables apart; between the two only this does.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def named(agency_type: str, agency_value: str):
    """Libraries with this symbol, main or further, without regard to case: one query over both indexes."""
    further = LibrarySymbol.objects.filter(*_same(agency_type, agency_value)).order_by().values("library")
    main = Library.objects.filter(*_same(agency_type, agency_value)).exclude(agency_value="").order_by().values("pk")
    return Library.objects.filter(pk__in=main.union(further))


def _same(agency_type: str, agency_value: str) -> list[Exact]:
    """As the unique indexes have it; `iexact` would ask PostgreSQL for UPPER() and pass them by."""
    return [
        Exact(Lower("agency_type"), Lower(Value(agency_type))), Exact(Lower("agency_value"), Lower(Value(agency_value)))
    ]


def refuse_taken(agency_type: str, agency_value: str, *, but: int | None = None, symbol: int | None = None) -> None:
    """`but`: the library whose main symbol it may be; `symbol`: the row that it may be. ValidationError else."""
    if not agency_value:
        return
    same = _same(agency_type, agency_value)
    other = Library.objects.filter(*same).exclude(pk=but or 0).first()
    if other is None:
        row = LibrarySymbol.objects.filter(*same).exclude(pk=symbol or 0).select_related("library").first()
        other = row.library if row else None
    if other is not None:
        raise ValidationError(
            _("%(library)s has this agency symbol already."), params={"library": str(other)}
        )
