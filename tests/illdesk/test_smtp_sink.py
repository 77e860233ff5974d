import smtplib
import socket
import subprocess
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.ports import free_ports

pytestmark = pytest.mark.nodb
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sink(tmp_path):
    port, _ = free_ports()
    options = ["--port", str(port), "--folder", str(tmp_path / "mail")]
    command = [sys.executable, "-m", "illdesk.smtp_sink", *options]
    process = subprocess.Popen(command, cwd=ROOT)
    for _ in range(100):
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port, tmp_path / "mail"
    process.terminate()
    assert process.wait(10) == 0


def test_a_message_becomes_one_file_with_its_envelope(sink):
    port, folder = sink
    letter = EmailMessage()
    letter["Subject"] = "Ya llegó su libro"
    letter["From"], letter["To"] = "ill@library.example", "ana@library.example"
    letter.set_content("Recójalo, por favor.")
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(letter, to_addrs=["ana@library.example", "blind@library.example"])
        smtp.send_message(letter)
    files = sorted(folder.iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    kept = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert kept["X-Envelope-To"] == "ana@library.example, blind@library.example"
    assert kept["Subject"] == "Ya llegó su libro"
    assert kept.get_content().strip() == "Recójalo, por favor."
