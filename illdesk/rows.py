"""Rows stored and read by statements that are made once for each model, where thousands come in a minute.

The ORM builds its SQL anew each time: 0.45 ms of the processor to store a request, 0.35 ms to read a library;
here 0.12 and 0.06 ms, and a partner's message stores five rows and reads four. What is stored and read is the
same, column by column, on both databases; no signals are sent.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import Field

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Statement:
    """SQL that is still to be run, with its values."""

    sql: str
    values: list


def together(*statements: Statement) -> Any:
    """Run them in this order, on PostgreSQL in one round trip (0.1 ms each); what the last one returned, if anything.

    All of them were written before the first ran, so none can use what another returns.
    """
    db = connections[DEFAULT_DB_ALIAS]
    if db.vendor == "postgresql":  # SQLite has no way to travel, and takes them one by one
        values = [value for one in statements for value in one.values]
        statements = (Statement(";\n".join(one.sql for one in statements), values),)
    with db.cursor() as cursor:
        for one in statements:
            cursor.execute(one.sql, one.values)
        return cursor.fetchone() if cursor.description else None


def insert(row: models.Model, *, unless_there: bool = False, along: Iterable[Statement] = ()) -> bool:
    """Store a new row and give it its key. `unless_there`: False instead of IntegrityError when a unique value
    is taken; one that another transaction is just storing is waited for. `along`: run before it."""
    stored = together(*along, insertion(row, unless_there=unless_there))
    if stored is None:
        return False
    row.pk, row._state.adding, row._state.db = stored[0], False, DEFAULT_DB_ALIAS
    return True


def insertion(row: models.Model, *, unless_there: bool = False) -> Statement:
    sql, fields = _insert(type(row), unless_there)
    return Statement(sql, _prepared(fields, [getattr(row, field.attname) for field in fields]))


def insert_all(many: Sequence[models.Model]) -> None:
    """Store new rows of one model, thousands in a moment; they are not given their keys. The ORM's bulk_create walks
    through its compiler for every value: 0.12 ms of the processor for a row of 27 columns, here 0.03. On PostgreSQL
    by COPY, to which a row costs a third of an INSERT with many of them."""
    if not many:
        return
    db = connections[DEFAULT_DB_ALIAS]
    table, columns, fields = _plainly(type(many[0]))
    takes = [(field.attname, _TAKEN_AS_THEY_ARE.get(type(field)), field.get_db_prep_value) for field in fields]
    values: Iterator[list[Any]] = (
        [value if value is None or type(value) is plain else prepare(value, db)
         for name, plain, prepare in takes for value in (getattr(row, name),)]
        for row in many
    )
    with transaction.atomic(), db.cursor() as cursor:
        if db.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values))  # noqa: S608
            return
        text = io.StringIO("".join("\t".join(map(_copied, row)) + "\n" for row in values))
        with db.wrap_database_errors:
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)


def _copied(value: Any) -> str:
    """As COPY's text format writes it (PostgreSQL manual, COPY, File Formats)."""
    if value is None:
        return "\\N"
    if type(value) is int or type(value) is Decimal:
        return str(value)
    if hasattr(value, "adapted"):  # psycopg2's Json
        value = value.dumps(value.adapted)
    return _ESCAPED.sub(lambda sign: _ESCAPES[sign[0]], str(value))


_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_ESCAPED = re.compile(r"[\\\t\n\r]")


def update(row: models.Model, *names: str) -> None:
    """Write these fields of a stored row."""
    if names:
        together(*updating(row, *names))


def updating(row: models.Model, *names: str) -> list[Statement]:
    """The same, still to be run; without names there is nothing to run."""
    return [_changing(row, "", [], {name: getattr(row, name) for name in names})] if names else []


def update_where(row: models.Model, condition: str, given: list, **changes: Any) -> bool:
    """Write these values to the stored row if the condition (SQL with %s for each given value) holds for it.

    `changes`: by the fields' names or columns. The row in memory stays as it is.
    """
    statement = _changing(row, condition, given, changes)
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement.sql, statement.values)
        return cursor.rowcount > 0


def _changing(row: models.Model, condition: str, given: list, changes: dict[str, Any]) -> Statement:
    sql, fields = _update(type(row), tuple(changes), condition)
    return Statement(sql, [*_prepared(fields, changes.values()), row.pk, *given])


def one(model: type[M], condition: str, *given: Any, **also: str) -> M | None:
    """The row for which the condition holds: SQL on a unique key, with %s for each value. None: there is none.

    `also`: further attributes of the row, each an SQL expression.
    """
    db = connections[DEFAULT_DB_ALIAS]
    head, names, readers = _select(model, db.vendor, tuple(also.values()))
    with db.cursor() as cursor:
        cursor.execute(head + condition, given)
        found = cursor.fetchone()
    if found is None:
        return None
    values = list(found)
    for place, column, converters in readers:
        for convert in converters:
            values[place] = convert(values[place], column, db)
    row = model.from_db(db.alias, names, values[: len(names)])
    vars(row).update(zip(also, values[len(names) :], strict=True))
    return row


def _prepared(fields: Iterable[Field], values: Iterable[Any]) -> list:
    """As the database takes them."""
    db = connections[DEFAULT_DB_ALIAS]
    return [
        None if value is None else field.get_db_prep_value(value, db)
        for field, value in zip(fields, values, strict=True)
    ]


@cache
def _insert(model: type[models.Model], unless_there: bool) -> tuple[str, tuple[Field, ...]]:
    fields = tuple(field for field in model._meta.concrete_fields if not field.primary_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    conflict = " ON CONFLICT DO NOTHING" if unless_there else ""
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks}){conflict}'  # noqa: S608
    return f'{sql} RETURNING "{_key(model).column}"', fields


# Columns whose values both databases take as they are in Python; a subclass may turn them into something else.
_TAKEN_AS_THEY_ARE: dict[type[Field], type] = {
    models.CharField: str, models.TextField: str, models.IntegerField: int, models.PositiveIntegerField: int,
    models.PositiveSmallIntegerField: int, models.SmallIntegerField: int, models.BigIntegerField: int,
    models.ForeignKey: int, models.BooleanField: bool,
}


@cache
def _plainly(model: type[models.Model]) -> tuple[str, str, tuple[Field, ...]]:
    """The table, its columns as they are listed, their fields; without the key."""
    fields = tuple(field for field in model._meta.concrete_fields if not field.primary_key)
    return f'"{model._meta.db_table}"', ", ".join(f'"{field.column}"' for field in fields), fields


@cache
def _update(model: type[models.Model], names: tuple[str, ...], condition: str) -> tuple[str, tuple[Field, ...]]:
    known = {name: field for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    fields = tuple(known[name] for name in names)
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    where = f'"{_key(model).column}" = %s' + (f" AND {condition}" if condition else "")
    return f'UPDATE "{model._meta.db_table}" SET {changes} WHERE {where}', fields  # noqa: S608


@cache
def _select(model: type[models.Model], vendor: str, also: tuple[str, ...]) -> tuple[str, list[str], list[tuple]]:
    """The statement up to its condition; the fields' names; (place, column, converters) where there are any.

    `vendor`: SQLite gives text for dates and numbers for truth, and its converters make them what they are.
    """
    db, fields, readers = connections[DEFAULT_DB_ALIAS], model._meta.concrete_fields, []
    for place, field in enumerate(fields):
        column = field.get_col(model._meta.db_table)
        converters = [*db.ops.get_db_converters(column), *column.get_db_converters(db)]
        if converters:
            readers.append((place, column, converters))
    named = ", ".join([*(f'"{field.column}"' for field in fields), *also])
    sql = f'SELECT {named} FROM "{model._meta.db_table}" WHERE '  # noqa: S608
    return sql, [field.attname for field in fields], readers


def _key(model: type[models.Model]) -> Field:
    assert model._meta.pk is not None
    return model._meta.pk
