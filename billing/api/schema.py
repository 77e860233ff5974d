"""The API's description (OpenAPI 3.1), written by hand: it is small, and a test holds it against the addresses."""

from typing import Any

_JSON = "application/json"
_ERRORS = {
    "401": "No token or session, or one that is not known.",
    "403": "Not this person: the roles do not include it, or somebody else must do it (`can` names who could).",
    "404": "There is no such thing.", "409": "Somebody was faster (`stale`), or it is not possible now.",
    "415": "Only JSON is read.", "422": "An answer is missing or makes no sense (`field` names it).",
    "429": "Asked too often.",
}
_ANSWERS: dict[str, dict[str, Any]] = {
    "approve": {"version": {"type": "integer"}},
    "refuse": {"version": {"type": "integer"}, "reason": {"type": "string"}},
    "paid": {"version": {"type": "integer"}, "reference": {"type": "string"},
             "day": {"type": "string", "format": "date"}},
    "back": {"version": {"type": "integer"}, "reason": {"type": "string"},
             "lines": {"type": "array", "items": {"type": "integer"}, "description": "Empty or missing: all."}},
}
# Path, method, what it does, the answers it asks for, parameters of the question.
OPERATIONS: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("approvals/", "get", "What waits for approval, of all kinds that this person may see.", "", ("kind",)),
    ("approvals/{approval}/{pk}/", "get", "One of them, with its version.", "", ()),
    ("approvals/{approval}/{pk}/approve/", "post", "Approve it, by another person than who entered it.", "approve", ()),
    ("approvals/{approval}/{pk}/refuse/", "post", "Send it back with a reason.", "refuse", ()),
    ("batches/", "get", "Batches, newest first, 100 at a time; `before` is the `next` of the page before.", "",
     ("state", "fund", "payee", "period", "before")),
    ("batches/{batch}/", "get", "One batch with its funds, its lines, and which papers may be passed on.", "", ()),
    ("batches/{batch}/file.{form}", "get",
     "A file of it: pdf, xlsx, csv or zip; the zip with papers that may be passed on.", "", ()),
    ("batches/{batch}/paid/", "post", "Mark it paid. The same reference and day again change nothing.", "paid", ()),
    ("batches/{batch}/back/", "post", "Send it or some of its lines back with a reason.", "back", ()),
    ("schema/", "get", "This description.", "", ()),
)


def document(url: str) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for path, method, words, answers, asked in OPERATIONS:
        inside = [part.partition("}")[0] for part in path.split("{")[1:]]
        operation: dict[str, Any] = {
            "summary": words, "operationId": f"{method}_{path.replace('/', '_').strip('_')}",
            "parameters": [
                *({"name": name, "in": "path", "required": True,
                   "schema": {"type": "integer" if name == "pk" else "string"}} for name in inside),
                *({"name": name, "in": "query", "schema": {"type": "string"}} for name in asked),
            ],
            "responses": {"200": {"description": "As it stands now."}} | {
                code: {"description": said, "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}
                for code, said in _ERRORS.items()},
        }
        if answers:
            given = _ANSWERS[answers]
            operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": {
                "type": "object", "properties": given, "required": [name for name in given if name != "lines"]}}}}
        paths.setdefault(f"/{path}", {})[method] = operation
    error = {"type": "object", "required": ["error"], "properties": {
        "error": {"type": "string"}, "can": {"type": "array", "items": {"type": "string"}},
        "field": {"type": "string"}, "stale": {"type": "boolean"}}}
    return {
        "openapi": "3.1.0", "info": {"title": "ILL Desk", "version": "1"}, "servers": [{"url": url}], "paths": paths,
        "components": {"schemas": {"Error": error}, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }
