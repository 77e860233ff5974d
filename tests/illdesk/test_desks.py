"""The supervisor's own habits, with small programs in place of gunicorn and Celery."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from illdesk.desks import CannotStart, Desks
from illdesk.desks.child import LOG_BYTES, rotate
from illdesk.desks.databases import address
from tests.ports import free_ports

pytestmark = pytest.mark.nodb
ROOT = Path(__file__).resolve().parents[2]

MANAGE = """
    import os, pathlib, sys
    home = pathlib.Path(os.environ["ILLDESK_VAR"])
    (home / "desk.sqlite3").write_text("tables")
    with (home / "calls").open("a") as calls:
        calls.write(" ".join(sys.argv[1:]) + "\\n")
    print("asked for", sys.argv[1])
    sys.exit("this cannot work" if sys.argv[1] == "broken" else 0)
"""
WEB = """
    import http.server, os, sys
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""
# Like Celery with -B: a second process below the first.
WORKER = """
    import os, subprocess, sys, time
    below = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    open(os.environ["ILLDESK_VAR"] + "/pids", "a").write(f"{os.getpid()} {below.pid}\\n")
    try:
        time.sleep(600)
    finally:
        below.terminate()
"""
RUN = """
    import sys, tests.illdesk.test_desks as here
    from pathlib import Path
    import illdesk.desks.__main__ as program
    program.Desks, program.ROOT = here.SmallDesks, Path(sys.argv[1])
    sys.exit(program.main())
"""


class SmallDesks(Desks):
    def _commands(self):
        commands = {("", "mail"): self._python("-c", "import time; time.sleep(600)")}
        for desk, port in self.ports.items():
            commands[desk, "web"] = self._python("web.py", str(port))
            commands[desk, "worker"] = self._python("worker.py")
        return commands


@pytest.fixture
def root(tmp_path):
    (tmp_path / "requirements.txt").write_text("django==5.2\n")
    for name, text in {"manage.py": MANAGE, "web.py": WEB, "worker.py": WORKER}.items():
        (tmp_path / name).write_text(textwrap.dedent(text))
    return tmp_path


@pytest.fixture
def desks(root):
    # The second process below dies too, whatever the test did.
    with SmallDesks(root, free_ports(), root / "var", {"DATABASE_URL": "", "REDIS_URL": ""}) as desks:
        wait_for(lambda: all(pids(root, desk) for desk in "ab"))
        yield desks


def wait_for(condition, seconds=15):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def pids(root, desk="a"):
    """(worker, the process below it), one pair for each start."""
    file = root / "var" / desk / "pids"
    return [tuple(map(int, line.split())) for line in file.read_text().splitlines()] if file.exists() else []


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def calls(root, desk):
    return (root / "var" / desk / "calls").read_text().splitlines()


def test_both_desks_answer_and_all_is_gone_after_the_stop(root):
    with SmallDesks(root, free_ports(), root / "var", {"DATABASE_URL": ""}) as desks:
        wait_for(lambda: all(pids(root, desk) for desk in "ab"))
        everybody = [child.process.pid for child in desks.children.values()]
        everybody += [pid for desk in "ab" for pair in pids(root, desk) for pid in pair]
        assert all(map(lives, everybody))
    wait_for(lambda: not any(map(lives, everybody)), seconds=1)


def test_database_and_demo_data_are_prepared_once(root):
    ports = free_ports()
    for _ in range(2):
        with SmallDesks(root, ports, root / "var", {"DATABASE_URL": ""}):
            pass
    assert calls(root, "a") == calls(root, "b") == ["migrate --no-input --verbosity 0", "load_demo"]
    (root / "app" / "migrations").mkdir(parents=True)
    (root / "app" / "migrations" / "0001_first.py").write_text("")
    with SmallDesks(root, ports, root / "var", {"DATABASE_URL": ""}):
        pass
    assert calls(root, "a")[2:] == ["migrate --no-input --verbosity 0"]


def test_each_desk_is_told_when_the_other_has_a_new_address(root):
    for ports in (free_ports(), free_ports()):
        with SmallDesks(root, ports, root / "var", {"DATABASE_URL": ""}):
            pass
    assert calls(root, "b") == ["migrate --no-input --verbosity 0", "load_demo", "load_demo"]


def test_a_deleted_database_is_made_and_filled_again(root):
    for _ in range(2):
        with SmallDesks(root, free_ports(), root / "var", {"DATABASE_URL": ""}):
            pass
        (root / "var" / "a" / "desk.sqlite3").unlink()
    assert calls(root, "a") == ["migrate --no-input --verbosity 0", "load_demo"] * 2


def test_secrets_differ_are_kept_and_are_for_the_owner_alone(desks, root):
    files = [root / "var" / desk / "secret" for desk in "ab"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    first, second = [file.read_text() for file in files]
    assert first != second
    assert desks.env("a")["ILLDESK_SECRET_KEY"] == first


def test_a_killed_worker_is_started_again_and_leaves_nothing_below_it(desks, root):
    worker, below = pids(root)[-1]
    os.kill(worker, signal.SIGKILL)  # the worker alone, as the kernel does it when memory is short
    wait_for(lambda: len(pids(root)) == 2)
    assert not lives(worker)
    assert not lives(below)
    desks.kill("a", "worker")
    wait_for(lambda: len(pids(root)) == 3)


def test_a_part_can_be_halted_and_resumed(desks, root):
    desks.halt("a", "worker")
    time.sleep(0.6)
    assert len(pids(root)) == 1
    assert not desks.children["a", "worker"].alive()
    desks.resume("a", "worker")
    wait_for(lambda: len(pids(root)) == 2)
    desks.restart("b", "web")
    assert desks.children["b", "web"].alive()


def test_a_part_that_keeps_dying_stops_everything_with_its_last_words(root):
    (root / "worker.py").write_text("raise SystemExit('the broker is on fire')")
    desks = SmallDesks(root, free_ports(), root / "var", {"DATABASE_URL": ""})
    try:
        with contextlib.suppress(CannotStart):  # it may give up before the web answers
            desks.start()
        wait_for(desks.over.is_set)
        assert "ended again and again" in desks.failure
        assert "the broker is on fire" in desks.failure
        wait_for(lambda: not any(child.alive() for child in desks.children.values()))
    finally:
        desks.stop()


def test_manage_answers_with_the_output_or_with_the_last_lines(desks):
    assert desks.manage("a", "sweep", "--now", "2026-03-01") == "asked for sweep\n"
    with pytest.raises(CannotStart, match=r"(?s)manage\.py broken of desk A failed.*this cannot work"):
        desks.manage("a", "broken")


def test_a_taken_port_is_a_sentence_at_once(root):
    ports = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[1]))
        taken.listen()
        with pytest.raises(CannotStart, match=rf"Port {ports[1]} cannot be used"):
            SmallDesks(root, ports, root / "var").start()
    assert not (root / "var" / "a").exists()


def test_a_second_start_with_the_same_data_is_refused(desks, root):
    with pytest.raises(CannotStart, match=f"running already .*process {os.getpid()} "):
        SmallDesks(root, free_ports(), root / "var").start()
    assert desks.children["a", "web"].alive()


def test_a_redis_that_does_not_answer_is_a_sentence(root):
    url = f"redis://127.0.0.1:{free_ports()[0]}/0"
    with pytest.raises(CannotStart, match="no Redis answers at"):
        SmallDesks(root, free_ports(), root / "var", {"REDIS_URL": url}).start()


def test_mail_of_a_demo_never_leaves_for_a_real_server(root):
    desks = SmallDesks(root, (1, 2), root / "var", {"ILLDESK_SMTP_URL": "smtp://mail.example"})
    assert desks.env("a")["ILLDESK_SMTP_URL"].startswith("smtp://127.0.0.1:")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_the_program(root, how):
    ports = free_ports()
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RUN), str(root)],
        cwd=ROOT,
        env={**os.environ, "PORT": str(ports[0]), "DATABASE_URL": "", "REDIS_URL": ""},
        stdout=subprocess.PIPE,
        text=True,
        # Who starts pytest in the background hands an ignored INT or HUP down to it.
        preexec_fn=lambda: [signal.signal(each, signal.SIG_DFL) for each in (signal.SIGINT, signal.SIGHUP)],
    )
    said = ""
    while "Ctrl-C stops everything" not in said:
        line = program.stdout.readline()
        assert line, said
        said += line
    wait_for(lambda: all(pids(root, desk) for desk in "ab"))
    everybody = [pid for desk in "ab" for pair in pids(root, desk) for pid in pair]
    program.send_signal(how)
    program.wait(15)
    program.stdout.close()
    if how == signal.SIGKILL:
        everybody = everybody[::2]  # the kernel tells the children; theirs are their own affair
        for below in pids(root, "a") + pids(root, "b"):
            os.kill(below[1], signal.SIGKILL)
    else:
        assert program.returncode == 0
    wait_for(lambda: not any(map(lives, everybody)))
    assert f"http://127.0.0.1:{ports[1]}" in said


@pytest.mark.parametrize(
    ("url", "second"),
    [
        ("postgres://u:p%40w@db:5432/ill", "postgres://u:p%40w@db:5432/ill_b"),
        ("postgresql://u@db/ill?sslmode=require", "postgresql://u@db/ill_b?sslmode=require"),
        ("sqlite:////srv/desk.sqlite3", "sqlite:////srv/desk_b.sqlite3"),
    ],
)
def test_second_desk_has_a_database_of_its_own_on_the_same_server(url, second):
    assert address("a", url) == url
    assert address("b", url) == second


@pytest.mark.parametrize("url", ["mysql://u@h/x", "postgres://u@h/"])
def test_a_database_url_that_cannot_work_is_a_sentence(url):
    with pytest.raises(CannotStart, match="DATABASE_URL"):
        address("a", url)


def test_a_long_log_is_put_aside_at_the_start(tmp_path):
    log = tmp_path / "web.log"
    for turn in range(5):
        log.write_bytes(b"%d" % turn * (LOG_BYTES + 1))
        rotate(log)
    assert [(tmp_path / f"web.log.{n}").read_bytes()[:1] for n in (1, 2, 3)] == [b"4", b"3", b"2"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["web.log.1", "web.log.2", "web.log.3"]
