"""The rows of one message as bare SQL for pgbench: the same columns and values, and none of our program."""

from django.db import connection, models

from illdesk.models import Event, InboxMessage
from requests_app.models import Citation, Dialogue, ILLRequest

# Keys that pgbench gives anew in each transaction; numbers that stand nowhere else in the rows.
_CITATION, _ILL = 7_000_000_001, 7_000_000_002
_TURN = "(:client_id || '-' || :turn)"


def script() -> str:
    """One transaction: what the newest message left, with ids and keys that are new each time."""
    message = InboxMessage.objects.order_by("-id")[0]
    ill = ILLRequest.objects.select_related("citation").get(pk=message.subject_id or 0)
    dialogue = ill.dialogues.get()
    event = Event.objects.get(subject_kind="request", subject_id=ill.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM requests_app_search WHERE ill_id = %s", [ill.pk])
        words = cursor.fetchone()[0]
    citation = ill.citation
    ill.citation_id, dialogue.ill_id, event.subject_id, message.subject_id = _CITATION, _ILL, _ILL, _ILL
    statements = [
        "\\set turn random(1, 1000000000000000)",
        "BEGIN",
        _insert(Citation, citation) + " RETURNING id AS citation_id \\gset",
        _insert(ILLRequest, ill, number=f"right({_TURN}, 20)") + " RETURNING id AS ill_id \\gset",
        f"INSERT INTO requests_app_search (ill_id, text) VALUES (:ill_id, {_literal(words)})",  # noqa: S608
        _insert(Dialogue, dialogue, request_id=_TURN),
        _insert(Event, event),
        _insert(InboxMessage, message, key=_TURN),
        "COMMIT",
    ]
    script = "".join(line + ("\n" if line.startswith("\\") or line.endswith("gset") else ";\n") for line in statements)
    return script.replace(str(_CITATION), ":citation_id").replace(str(_ILL), ":ill_id")


def _insert(model: type[models.Model], row: models.Model, **instead: str) -> str:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    texts = ", ".join(
        instead.get(field.name) or _literal(field.get_db_prep_save(getattr(row, field.attname), connection))
        for field in fields
    )
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({texts})'  # noqa: S608


def _literal(value) -> str:
    """As SQL; semicolons and line ends would end the statement before its time."""
    with connection.cursor() as cursor:
        text = cursor.mogrify("%s", [value]).decode()
    return text.replace(";", ",").replace("\n", " ")
