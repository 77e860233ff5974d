"""A program of its own that asks one Z39.50 server through YAZ's ZOOM: a question as JSON on stdin, the answer on
stdout. Needs nothing of this project and nothing installed but libyaz.

It is a process because a C library reads what strangers send there: whether it hangs in the middle of a message or
dies of one, whoever waits for it goes on at the moment it chose. Run as `python -I -S zoom.py`.

Question: host, port, database, queries (PQF, asked in order until one has hits), syntaxes (tried in order), charset
(of MARC within OPAC records), query_charset ('' is UTF-8), most (records), seconds, and user, group, password.
Answer: {"hits", "query" (which), "syntax", "records": [[syntax, base64]], "server", "refused": [words]} or
{"failed": code, "words": text}.
"""

import base64
import ctypes
import json
import signal
import sys

LIBRARIES = ("libyaz.so.5", "libyaz.so.6", "libyaz.so.4", "libyaz.dylib", "libyaz.so")
MOST_BYTES = 4 * 1024 * 1024
MEMORY = 1024 * 1024 * 1024
# Bib-1 diagnostics (Z39.50 App. 4) that another syntax may overcome, and another question.
SYNTAX = {227, 228, 229, 230, 231, 238, 239, 1070}
QUESTION = {107, 108, 110, 113, 114, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 129}
# ZOOM's own codes lie above every server's.
CONNECT, LOST, TIMEOUT = 10000, 10004, 10007


def main() -> None:
    asked = json.load(sys.stdin)
    limit(asked["seconds"])
    yaz = library()
    answer = {"failed": "missing", "words": ""} if yaz is None else Talk(yaz, asked).answer()
    json.dump(answer, sys.stdout)


def limit(seconds: float) -> None:
    """It ends by itself even where nobody is left to end it."""
    import resource

    signal.setitimer(signal.ITIMER_REAL, seconds + 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def library():
    """ZOOM's functions; None where YAZ is not installed."""
    for name in LIBRARIES:
        try:
            yaz = ctypes.CDLL(name)
        except OSError:
            continue
        text, thing, size = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t
        for call, gives, takes in (
            ("ZOOM_connection_create", thing, [thing]),
            ("ZOOM_connection_connect", None, [thing, text, ctypes.c_int]),
            ("ZOOM_connection_option_set", None, [thing, text, text]),
            ("ZOOM_connection_option_get", text, [thing, text]),
            ("ZOOM_connection_error", ctypes.c_int, [thing, ctypes.POINTER(text), ctypes.POINTER(text)]),
            ("ZOOM_connection_search_pqf", thing, [thing, text]),
            ("ZOOM_connection_destroy", None, [thing]),
            ("ZOOM_resultset_size", size, [thing]),
            ("ZOOM_resultset_option_set", None, [thing, text, text]),
            ("ZOOM_resultset_records", None, [thing, ctypes.POINTER(thing), size, size]),
            ("ZOOM_resultset_record_immediate", thing, [thing, size]),
            ("ZOOM_resultset_destroy", None, [thing]),
            ("ZOOM_record_get", thing, [thing, text, ctypes.POINTER(ctypes.c_int)]),
            ("ZOOM_record_error", ctypes.c_int,
             [thing, ctypes.POINTER(text), ctypes.POINTER(text), ctypes.POINTER(text)]),
        ):
            function = getattr(yaz, call)
            function.restype, function.argtypes = gives, takes
        return yaz
    return None


class Talk:
    """One connection, from its beginning to the answer."""

    def __init__(self, yaz, asked: dict):
        self.yaz, self.asked = yaz, asked
        self.connection = yaz.ZOOM_connection_create(None)

    def answer(self) -> dict:
        asked = self.asked
        for name in ("user", "group", "password"):
            if asked.get(name):
                self._set(name, asked[name])
        # A server's silence is the caller's to end; ZOOM knows whole seconds alone.
        self._set("timeout", str(max(1, int(asked["seconds"]) + 1)))
        self._set("databaseName", asked["database"])
        self._set("implementationName", "ILL Desk")
        if asked.get("query_charset"):
            self._set("rpnCharset", asked["query_charset"])
        self.yaz.ZOOM_connection_connect(self.connection, asked["host"].encode(), asked["port"])
        if failure := self._error():
            return self._failed(*failure)
        server = self.yaz.ZOOM_connection_option_get(self.connection, b"targetImplementationName") or b""
        refused: list[str] = []
        for place, query in enumerate(asked["queries"]):
            found = self.yaz.ZOOM_connection_search_pqf(self.connection, query.encode())
            code, words = self._error() or (0, "")
            if code in QUESTION:  # it has no such index: another question may do
                refused.append(words)
                continue
            if code:
                return self._failed(code, words)
            hits = self.yaz.ZOOM_resultset_size(found)
            if hits:
                answer = self._records(found, min(hits, asked["most"]))
                return answer | {"hits": hits, "query": place, "refused": refused, "server": _text(server)}
        return {"hits": 0, "records": [], "refused": refused, "server": _text(server),
                "answered": len(refused) < len(asked["queries"])}

    def _records(self, found, count: int) -> dict:
        """In the first syntax that the server has."""
        why: tuple[int, str] = (0, "")
        for syntax in self.asked["syntaxes"]:
            self.yaz.ZOOM_resultset_option_set(found, b"preferredRecordSyntax", syntax.encode())
            records = (ctypes.c_void_p * count)()
            self.yaz.ZOOM_resultset_records(found, records, 0, count)
            code, words = self._error() or (0, "")
            if code and code not in SYNTAX:
                return self._failed(code, words)
            taken, left_out = self._taken([one for one in records if one])
            if taken:
                return {"records": taken, "syntax": syntax, "left_out": left_out}
            why = (code, words)
        return self._failed(*why) if why[0] else {"records": []}

    def _taken(self, records: list) -> tuple[list, int]:
        taken, left_out, size = [], 0, 0
        for one in records:
            nothing = ctypes.c_char_p()
            parts = (ctypes.byref(nothing), ctypes.byref(ctypes.c_char_p()), ctypes.byref(ctypes.c_char_p()))
            data = None if self.yaz.ZOOM_record_error(one, *parts) else self._data(one)
            size += len(data[1]) if data else 0
            if data is None or size > MOST_BYTES:
                left_out += 1
                continue
            taken.append([data[0], base64.b64encode(data[1]).decode()])
        return taken, left_out

    def _data(self, record) -> tuple[str, bytes] | None:
        """OPAC as YAZ's XML, MARC and XML as they came."""
        syntax = _text(self._get(record, "syntax") or b"")
        if syntax != "OPAC":
            return (syntax, raw) if (raw := self._get(record, "raw")) else None
        data = self._get(record, "opac")
        # As it came it is UTF-8, or else what the library says. MARC-8 gives itself away by its bytes.
        if data is not None and not _utf8(data):
            data = self._get(record, f"opac;charset={self.asked['charset']},utf-8")
        return ("OPAC", data) if data else None

    def _get(self, record, kind: str) -> bytes | None:
        length = ctypes.c_int(0)
        at = self.yaz.ZOOM_record_get(record, kind.encode(), ctypes.byref(length))
        if not at:
            return None
        # Texts have their length only at their end.
        return ctypes.string_at(at, length.value) if length.value > 0 else ctypes.string_at(at)

    def _set(self, name: str, value: str) -> None:
        self.yaz.ZOOM_connection_option_set(self.connection, name.encode(), value.encode())

    def _error(self) -> tuple[int, str] | None:
        message, more = ctypes.c_char_p(), ctypes.c_char_p()
        code = self.yaz.ZOOM_connection_error(self.connection, ctypes.byref(message), ctypes.byref(more))
        if not code:
            return None
        return code, ": ".join(text for text in (_text(message.value), _text(more.value)) if text)

    def _failed(self, code: int, words: str) -> dict:
        kind = {CONNECT: "connect", LOST: "lost", TIMEOUT: "timeout"}.get(code)
        return {"failed": kind or ("talk" if code >= CONNECT else "refused"), "words": words}


def _utf8(data: bytes) -> bool:
    if b"\x1b" in data:
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(words: bytes | None) -> str:
    return (words or b"").decode("utf-8", "replace")


if __name__ == "__main__":
    main()
