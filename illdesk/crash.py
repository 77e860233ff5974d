"""Named points at which a test kills the process, to prove what a crash may lose.

`crash.point("outbox.answered")` does nothing, unless this process was started with ILLDESK_CRASH_AT naming it
and is no real desk. The help page for administrators says what each of them costs.
"""

import os
import signal

from django.conf import settings

POINTS = {
    "perform.before_commit": "a step is taken, its event and message are written, and nothing is committed",
    "outbox.before_broker": "it is committed, and no task was told to send the message",
    "outbox.answered": "the other side took the message and said so, and we have not committed that",
    "inbox.before_commit": "a partner's message is handled, and nothing of it is committed",
    "inbox.after_commit": "it is committed, and its sender does not know yet",
    "sweep.between": "a sweep has done one of many",
}
# Those of mail that comes in, by tests of their own.
MAIL_POINTS = {
    "mailboxes.before_commit": "a mail is stored with its files, and nothing of it is committed",
    "mailboxes.before_handled": "whoever a mail is for has taken it, and nothing of that is committed",
    "mailboxes.before_settled": "a mail is ours, and the server does not know",
}
# Those of files laid on the billing office's server, by tests of their own.
SFTP_POINTS = {
    "sftp.before_written": "a file is on the server under its name, and we have not noted that",
    "sftp.before_read": "an acknowledgement is entered, and the file is not noted as read",
}


def _kill_at(name: str) -> None:
    if name == AT:
        os.kill(os.getpid(), signal.SIGKILL)


def _nothing(name: str) -> None:
    pass


AT = "" if settings.PRODUCTION else os.environ.get("ILLDESK_CRASH_AT", "")
if AT and AT not in POINTS | MAIL_POINTS | SFTP_POINTS:
    raise RuntimeError(f"ILLDESK_CRASH_AT is {AT!r}; it can be {', '.join(POINTS)}.")
point = _kill_at if AT else _nothing
