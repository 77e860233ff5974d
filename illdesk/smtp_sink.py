"""The demo's post office: takes every message, delivers none, keeps each as a file.

`python -m illdesk.smtp_sink --port 2525 --folder var/mail`. File names are
`<UTC time>-<random>.eml`; two lines before the message's own headers, `X-Envelope-From` and
`X-Envelope-To`, say whom the message was handed over for (blind copies stand nowhere else).
"""

import argparse
import asyncio
import os
import secrets
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP


def store(folder: Path, *, sender: str, recipients: list[str], content: bytes) -> Path:
    """Write one message whole or not at all; its name appears when it is on the disk."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}.eml"
    envelope = f"X-Envelope-From: <{sender}>\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
    half = folder / f".{name}.part"
    with half.open("wb") as file:
        file.write(envelope.encode() + content)
        file.flush()
        os.fsync(file.fileno())
    half.rename(folder / name)
    return folder / name


class Handler:
    def __init__(self, folder: Path):
        self.folder = folder

    async def handle_DATA(self, server, session, envelope) -> str:  # aiosmtpd's name
        store(
            self.folder,
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            content=envelope.original_content or b"",
        )
        return "250 Kept, not delivered"


async def serve(port: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def conversation() -> SMTP:
        return SMTP(
            Handler(folder), enable_SMTPUTF8=True, data_size_limit=64 * 1024 * 1024, hostname="localhost"
        )

    server = await loop.create_server(conversation, "127.0.0.1", port)
    async with server:
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Keep every mail as a file; deliver none.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    chosen = parser.parse_args()
    try:
        asyncio.run(serve(chosen.port, chosen.folder))
    except OSError as error:
        sys.exit(f"The mail sink cannot listen on port {chosen.port}: {error.strerror}.")


if __name__ == "__main__":
    main()
