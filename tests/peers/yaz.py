"""yaz-ztest: YAZ's test server for Z39.50 and SRU. It has 23 records, "How to program a computer" by Jack Collins
first, gives an accidental number of hits and has holdings of its own (OPAC) for each record."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.programs import needs, running
from tests.ports import free_ports


@contextmanager
def ztest(folder: Path) -> Iterator[str]:
    """Yields host:port."""
    program = needs("yaz-ztest", "yaz")
    port = free_ports()[0]
    with running([program, f"tcp:127.0.0.1:{port}"], port=port, log=folder / "ztest.log"):
        yield f"127.0.0.1:{port}"
