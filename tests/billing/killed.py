"""What is killed in test_killed.py: a process of its own that does random things with money until it dies.

One mother, `python -m tests.billing.killed`, loads the program once and has no connection to the database. For each
line of its stdin ({"round", "again", "dies_at"}) it forks a child, says its key, waits for its end and says how it
ended. A child writes the number of each step before it takes it, and does not end by itself. `again`: the round and
step that was begun last; it is taken anew first, as somebody presses the button again after a crash. `dies_at`: the
child kills itself before its statement of this number; null: it waits to be killed.
"""

import json
import os
import sys
import traceback


def _mother() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "illdesk.settings")
    django.setup()
    from tests.billing.killed_history import History

    who = json.loads(sys.stdin.readline())
    _say("ready")
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                History(who, _say, **order).run()
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        _say(f"child {child}")
        _pid, status = os.waitpid(child, 0)
        _say(f"ended {os.waitstatus_to_exitcode(status)}")


def _say(words: str) -> None:
    os.write(1, f"{words}\n".encode())


if __name__ == "__main__":
    _mother()
