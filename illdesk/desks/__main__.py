"""`python -m illdesk.desks`: run both desks until somebody stops them. PORT is the first port."""

import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path

from illdesk.desks import NAMES, CannotStart, Desks

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = ROOT / "illdesk" / "demo_accounts.json"


def say(sentence: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone: that is what HUP says
        sys.stdout.write(sentence + "\n")
        sys.stdout.flush()


def port_chosen() -> int:
    chosen = os.environ.get("PORT") or "8000"
    if not chosen.isdigit() or not 0 < int(chosen) < 65535:
        raise CannotStart(f"PORT is {chosen!r}; it is a number from 1 to 65534, for example PORT=8000.")
    return int(chosen)


def greet(desks: Desks) -> None:
    say("\nILL Desk is running.\n")
    for desk in NAMES:
        say(f"  Desk {desk.upper()}   {desks.url(desk)}")
    if ACCOUNTS.exists():
        accounts = json.loads(ACCOUNTS.read_text())
        wide = [max([len(row[key]) for row in accounts] or [0]) for key in ("role", "username")]
        say("\n  Demo accounts, the same at both desks (role, user name, password):")
        for row in accounts:
            say(f"  {row['role']:{wide[0]}}   {row['username']:{wide[1]}}   {row['password']}")
    say(f"\nCtrl-C stops everything. The data is in {desks.var}, logs in its folders a/log and b/log.")


def main() -> int:
    asked = threading.Event()
    try:
        port = port_chosen()
        desks = Desks(ROOT, (port, port + 1), ROOT / "var", say=say)

        def ask(*_signal) -> None:
            asked.set()
            desks.over.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
                signal.signal(number, ask)
        with desks:
            greet(desks)
            desks.over.wait()
            if asked.is_set():
                say("\nStopping …")
        if desks.failure:
            raise CannotStart(desks.failure)
    except CannotStart as error:
        if not asked.is_set():
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
