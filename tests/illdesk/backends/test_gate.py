import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError

from illdesk.backends.sqlite.base import only_reads

from .writer import add, begin, commit, connect, keep_writing

pytestmark = pytest.mark.nodb
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def own_connections(django_db_blocker):
    """These tests open files of their own; the project's database stays out of it."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "desk.sqlite3"
    connection = connect(path)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE note (id integer PRIMARY KEY AUTOINCREMENT, who text NOT NULL)")
    connection.close()
    return path


@pytest.fixture
def open_connection(file):
    opened = []

    def open_one(**options):
        connection = connect(file, **options)
        connection.inc_thread_sharing()
        opened.append(connection)
        return connection

    yield open_one
    for connection in opened:
        connection.close()


def process(file, how, seconds):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.illdesk.backends.writer", str(file), how, str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def notes(file):
    with sqlite3.connect(file) as plain:
        return plain.execute("SELECT count(*) FROM note").fetchone()[0]


def test_settings_of_a_connection_hold(open_connection):
    with open_connection().cursor() as cursor:
        answers = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "recursive_triggers", "foreign_keys")
        ]
    assert answers == ["wal", 2, 1, 1]


@pytest.mark.parametrize("how", ["alone", "transaction"])
def test_processes_and_threads_write_side_by_side_and_nothing_is_locked_or_lost(file, how):
    processes = [process(file, how, 2), process(file, how, 2)]
    waits, errors = [], []

    def thread():
        try:
            waits.append(keep_writing(file, how, 2, pause=0.001))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=thread) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    answers = [json.loads(each.communicate(timeout=30)[0]) for each in processes]
    assert not errors
    assert notes(file) == sum(map(len, waits)) + sum(each["writes"] for each in answers)
    assert all(len(each) > 5 for each in waits)


def test_one_write_now_and_then_is_not_starved_by_a_tight_loop(file):
    loop = process(file, "long transaction", 4)
    time.sleep(1)
    waits = sorted(keep_writing(file, "alone", 2, pause=0.02))
    loop.communicate(timeout=30)
    # Each waits for about the one 10 ms transaction that is under way; without the gate for a second.
    assert len(waits) > 15
    assert waits[int(len(waits) * 0.95)] < 0.25


def test_many_first_connections_at_once_are_not_locked_by_the_switch_to_wal(tmp_path):
    errors = []
    barrier = threading.Barrier(8)

    def first():
        try:
            barrier.wait()
            connection = connect(tmp_path / "new.sqlite3")
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE IF NOT EXISTS t (x)")
            connection.close()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=first) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert errors == []


def test_reads_outside_a_transaction_pass_beside_a_closed_gate(open_connection):
    writer, reader = open_connection(), open_connection(timeout=0.2)
    begin(writer)
    add(writer, "writer")
    with reader.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM note").fetchone() == (0,)
        assert cursor.execute("WITH n AS (SELECT 1) SELECT replace('a', 'a', 'b')").fetchone() == ("b",)
        assert cursor.execute("PRAGMA table_info(note)").fetchall()
        cursor.execute("PRAGMA foreign_keys = OFF")
    assert not reader.gate.held


def test_who_waits_too_long_gets_a_sentence_and_the_next_try_works(open_connection):
    writer, other = open_connection(), open_connection(timeout=0.2)
    begin(writer)
    for attempt in (lambda: add(other, "other"), lambda: begin(other)):
        with pytest.raises(OperationalError, match=r"more than 0\.2 seconds. Nothing was changed"):
            attempt()
    commit(writer)
    assert add(other, "other") == 1
    assert not other.gate.held


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO note (who) VALUES ('x')",
        "  -- why\n/* because */ INSERT INTO note (who) VALUES ('x') RETURNING id",
        "WITH n(w) AS (VALUES ('x')) INSERT INTO note (who) SELECT w FROM n",
        "REPLACE INTO note (id, who) VALUES (1, 'x')",
        "UPDATE note SET who = 'x'",
        "DELETE FROM note",
        "CREATE TABLE other (x)",
        "PRAGMA user_version = 3",
        "BEGIN",
        "SAVEPOINT here",
    ],
)
def test_every_write_outside_a_transaction_waits_at_the_gate(open_connection, statement):
    writer, other = open_connection(), open_connection(timeout=0.1)
    begin(writer)
    with other.cursor() as cursor, pytest.raises(OperationalError, match=r"more than 0\.1 seconds"):
        cursor.execute(statement)
    assert not only_reads(statement)


def test_executemany_passes_the_gate_and_leaves_it(open_connection):
    connection = open_connection()
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO note (who) VALUES (%s)", [["a"], ["b"]])
        assert not connection.gate.held
        assert cursor.execute("SELECT count(*) FROM note").fetchone() == (2,)


def test_returned_rows_can_be_read_after_the_gate_is_left(open_connection):
    connection = open_connection()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO note (who) VALUES ('a'), ('b'), ('c'), ('d'), ('e') RETURNING id")
        assert not connection.gate.held
        add(open_connection(timeout=0.2), "another")
        assert cursor.fetchone() == (1,)
        assert cursor.fetchmany(2) == [(2,), (3,)]
        assert list(cursor) == [(4,), (5,)]
        assert cursor.fetchone() is None
        cursor.execute("SELECT 7")
        assert cursor.fetchall() == [(7,)]


def test_gate_is_kept_through_savepoints_until_the_commit(open_connection):
    connection = open_connection()
    begin(connection)
    connection.in_atomic_block = True  # as atomic() notes it; savepoints ask for it
    kept = connection.savepoint()
    add(connection, "a")
    connection.savepoint_rollback(kept)
    connection.savepoint_commit(kept)
    assert connection.gate.held
    connection.in_atomic_block = False
    commit(connection)
    assert not connection.gate.held


def test_gate_is_left_after_a_failed_write(open_connection):
    connection = open_connection()
    with connection.cursor() as cursor, pytest.raises(IntegrityError):
        cursor.execute("INSERT INTO note (who) VALUES (NULL)")
    assert not connection.gate.held


def test_gate_is_left_when_a_transaction_is_rolled_back(open_connection):
    connection = open_connection()
    begin(connection)
    with connection.cursor() as cursor, pytest.raises(IntegrityError):
        cursor.execute("INSERT INTO note (who) VALUES (NULL)")
    assert connection.gate.held
    connection.rollback()
    connection.set_autocommit(True)
    assert not connection.gate.held


def test_gate_is_left_when_autocommit_is_turned_on_again(open_connection):
    connection = open_connection()
    connection.set_autocommit(False)
    add(connection, "a")
    assert connection.gate.held
    connection.set_autocommit(True)
    assert not connection.gate.held


def test_gate_is_left_when_the_connection_closes_inside_a_transaction(open_connection, file):
    connection = open_connection()
    begin(connection)
    add(connection, "a")
    connection.close()
    add(open_connection(timeout=0.5), "b")
    assert notes(file) == 1


def test_gate_is_free_after_its_holder_was_killed(open_connection, file):
    holder = process(file, "hold", 60)
    assert holder.stdout.readline() == "holding\n"
    with pytest.raises(OperationalError):
        add(open_connection(timeout=0.1), "too early")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    add(open_connection(timeout=1), "after")
    assert notes(file) == 1


def test_gate_is_free_after_a_thread_ended_in_the_middle_of_its_writing(open_connection, file):
    def begin_and_go() -> None:
        mine = connect(file)
        begin(mine)
        add(mine, "nobody commits this")

    one = threading.Thread(target=begin_and_go)
    one.start()
    one.join()
    gc.collect()
    other = open_connection()
    began = time.monotonic()
    add(other, "goes on")
    assert time.monotonic() - began < 2


def test_many_threads_of_one_process_wait_without_looking_again_and_again(file):
    """Each waits at a door of the process; the one in front looks at the files. A hundred writers are one queue."""
    done: list[str] = []

    def write(name: str) -> None:
        mine = connect(file)
        try:
            add(mine, name)
            done.append(name)
        finally:
            mine.close()

    holder = connect(file)
    begin(holder)
    threads = [threading.Thread(target=write, args=[f"t{number}"]) for number in range(100)]
    for one in threads:
        one.start()
    time.sleep(0.5)
    before = time.process_time()
    time.sleep(1)
    spent = time.process_time() - before
    holder.rollback()
    holder.close()
    for one in threads:
        one.join(timeout=20)
    assert len(done) == 100
    assert spent < 0.3, "a hundred that look every two milliseconds take a whole core"


def test_a_forked_child_does_not_keep_its_parents_gate(open_connection):
    connection = open_connection()
    begin(connection)
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    try:
        commit(connection)
        add(open_connection(timeout=0.5), "b")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_database_in_memory_has_no_gate():
    connection = connect(":memory:")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (x)")
    assert connection.gate is None
    assert not Path(":memory:.gate").exists()


def test_a_second_connection_does_not_drop_the_locks_of_the_first(file, open_connection):
    """POSIX: closing any handle on a file drops the process's locks on it. Then another process that closes its
    last connection takes itself for the only one and deletes the WAL, and what is confirmed here is lost."""
    kept = open_connection()
    add(kept, "before")
    add(open_connection(), "through a second connection of this process")
    other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); " \
            "c.execute(\"INSERT INTO note (who) VALUES ('another process')\"); c.commit(); c.close()"
    subprocess.run([sys.executable, "-c", other, str(file)], check=True)
    assert Path(f"{file}-wal").exists(), "deleted under an open connection"
    add(kept, "after")
    with sqlite3.connect(file) as fresh:
        assert fresh.execute("SELECT count(*) FROM note").fetchone() == (4,)
