"""The embedded broker: every message once, whole, in order, with readers beside writers."""

from concurrent.futures import ThreadPoolExecutor
from queue import Empty

import pytest
from kombu import Connection

import illdesk.broker  # noqa: F401 - it makes its transport known

pytestmark = pytest.mark.nodb


@pytest.fixture
def connect(tmp_path):
    (tmp_path / "queue").mkdir()
    (tmp_path / "control").mkdir()
    folders = {"data_folder_in": str(tmp_path / "queue"), "data_folder_out": str(tmp_path / "queue"),
               "control_folder": str(tmp_path / "control")}
    return lambda: Connection("deskfolder://", transport_options=folders)


def test_messages_come_in_the_order_in_which_they_went(connect):
    with connect() as connection:
        queue = connection.SimpleQueue("work")
        for number in range(20):
            queue.put({"number": number})
        assert queue.qsize() == 20
        assert [queue.get(timeout=1).payload["number"] for _message in range(20)] == list(range(20))


def test_readers_beside_writers_get_every_message_once(connect):
    def write(writer: int) -> None:
        with connect() as connection:
            queue = connection.SimpleQueue("work", no_ack=True)
            for number in range(150):
                queue.put({"id": [writer, number], "much": "x" * 20_000})

    def read(_reader: int) -> list:
        found = []
        with connect() as connection:
            queue = connection.SimpleQueue("work", no_ack=True)
            while True:
                try:
                    found.append(tuple(queue.get(timeout=1.5).payload["id"]))
                except Empty:
                    return found

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read, number) for number in range(3)]
        for writer in [pool.submit(write, number) for number in range(3)]:
            writer.result()
        found = [one for reader in readers for one in reader.result()]
    assert len(found) == len(set(found)) == 450


def test_a_queue_is_emptied_and_its_neighbour_is_not(connect):
    with connect() as connection:
        one, other = connection.SimpleQueue("work"), connection.SimpleQueue("other.work")
        one.put("a")
        other.put("b")
        one.clear()
        assert other.get(timeout=1).payload == "b"
