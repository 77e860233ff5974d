"""Other systems that post to us: so many connections kept open, each waiting for its answer before the next.

One loop over bare sockets, so that what is measured is the desk and not its senders: they share its cores.
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Sent:
    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)  # seconds from sending to the whole answer, in any order
    good: int = 0
    bad: list[str] = field(default_factory=list)  # the first answers that were not as they should be

    def ms(self, share: float) -> float:
        """The time within which this share of the answers came, in milliseconds."""
        ordered = sorted(self.taken)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1) if ordered else 0.0


def post(port: int, requests: list[Iterator[bytes]], *, is_good: Callable[[bytes], bool]) -> Sent:
    """Send each iterator's requests (whole HTTP, head and body) over a connection of its own."""
    sent = Sent()
    began = time.perf_counter()
    with selectors.DefaultSelector() as waiting:
        for source in requests:
            line = socket.create_connection(("127.0.0.1", port), timeout=60)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _next(_Line(line, source), waiting)
        while waiting.get_map():
            for key, _events in waiting.select(timeout=60):
                one: _Line = key.data
                arrived = one.socket.recv(65536)
                one.answer += arrived
                if arrived and not _is_whole(one.answer):
                    continue
                sent.taken.append(time.perf_counter() - one.began)
                if one.answer.startswith(b"HTTP/1.1 200 ") and is_good(one.answer):
                    sent.good += 1
                elif len(sent.bad) < 5:
                    sent.bad.append(one.answer[:300].decode(errors="replace"))
                waiting.unregister(one.socket)
                if arrived and b"connection: close" not in one.answer.lower():
                    _next(one, waiting)
                else:
                    one.socket.close()
    sent.seconds = time.perf_counter() - began
    return sent


@dataclass
class _Line:
    socket: socket.socket
    source: Iterator[bytes]
    began: float = 0.0
    answer: bytes = b""


def _next(line: _Line, waiting: selectors.BaseSelector) -> None:
    request = next(line.source, None)
    if request is None:
        line.socket.close()
        return
    line.answer, line.began = b"", time.perf_counter()
    line.socket.sendall(request)
    waiting.register(line.socket, selectors.EVENT_READ, line)


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return len(body) >= int(length or 0)
