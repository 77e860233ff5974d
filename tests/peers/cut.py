"""A wire that breaks: stands between us and a server on loopback, and cuts or starves the connection."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """`cut_after`: so many bytes of ours come through on a connection, then it is cut; None: all. `deaf_after`: of
    ours everything comes through, of the answers so many bytes. `slow`: seconds before each piece of ours."""

    def __init__(self, port: int):
        self.to, self.cut_after, self.deaf_after, self.slow = port, None, None, 0.0
        self.passed = 0  # bytes of ours on the last connection
        self.answered = 0
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]

    def run(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.door.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        self.passed = self.answered = 0
        with near, socket.create_connection(("127.0.0.1", self.to)) as far:
            back = threading.Thread(target=self._back, args=(far, near), daemon=True)
            back.start()
            with suppress(OSError):
                while some := near.recv(8192):
                    time.sleep(self.slow)
                    if self.cut_after is not None and self.passed + len(some) > self.cut_after:
                        far.sendall(some[: self.cut_after - self.passed])
                        break
                    self.passed += len(some)
                    far.sendall(some)
            for one in (far, near):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            back.join(5)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while some := far.recv(8192):
                if self.deaf_after is not None and self.answered + len(some) > self.deaf_after:
                    break
                self.answered += len(some)
                near.sendall(some)
        for one in (far, near):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(port: int) -> Iterator[Wire]:
    found = Wire(port)
    threading.Thread(target=found.run, daemon=True).start()
    try:
        yield found
    finally:
        found.door.close()
