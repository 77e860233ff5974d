"""A server of our own on loopback that says whatever a test wants, however little it makes sense."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def serving(answer: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Yields host:port and what was received. `answer(connection, first bytes)` speaks; then it hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    got: list[bytes] = []
    threads: list[threading.Thread] = []

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            got.append(connection.recv(65536))
            answer(connection, got[-1])
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=talk, args=(connection,), daemon=True))
            threads[-1].start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", got
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in [thread, *threads]:
            one.join(10)


def says(body: bytes | str, *, status: str = "200 OK", kind: str = "text/xml") -> Callable:
    """One answer over HTTP."""
    data = body if isinstance(body, bytes) else body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    return lambda connection, _asked: connection.sendall(head.encode() + data)


def silent(connection: socket.socket, _asked: bytes) -> None:
    """Accepts, reads and says nothing until the other side gives up."""
    while connection.recv(65536):
        pass
