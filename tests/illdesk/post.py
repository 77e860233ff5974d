"""A real SMTP server for the tests, that refuses, delays and breaks off as told."""

import asyncio
import socket
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class _Office(SMTP):
    """Answers QUIT late if told so."""

    async def smtp_QUIT(self, arg):
        await asyncio.sleep(self.event_handler.seconds_to_quit)
        await super().smtp_QUIT(arg)


class Post:
    """`letters`: what arrived. `answers`: address → what is answered to RCPT TO."""

    def __init__(self):
        self.letters: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.to_data = "250 OK"
        self.seconds_to_quit = 0.0
        self.port = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        if self.to_data.startswith("250"):
            letter = message_from_bytes(envelope.original_content, policy=policy.default)
            letter.handed_to = list(envelope.rcpt_tos)
            self.letters.append(letter)
        return self.to_data


class _Controller(Controller):
    def factory(self):
        return _Office(self.handler, **self.SMTP_kwargs)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def office(**options):
    post = Post()
    post.port = free_port()
    controller = _Controller(post, hostname="127.0.0.1", port=post.port, **options)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
