"""The demo shows a file that went and came back, and a second load changes nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.charges import demo as charges
from billing.local import demo, sweeps
from billing.local.models import LocalAnswer, LocalFile, LocalPart, LocalSystem
from billing.local.sftp.models import SftpServer
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {"default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}}


def test_a_second_load_changes_nothing_and_the_clock_hands_over_nothing_more():
    for _n in range(8):
        f.ill("borrowing.checked_out", patron=f.patron())
    f.user("coordinator")
    type(f.user("coordinator")).objects.filter(pk=f.user("coordinator").pk).update(username="coordinator")
    now = timezone.now()
    charges.load(now)
    for _time in range(2):
        demo.load(now)
        assert {part.state for part in LocalPart.objects.all()} == {"there", "refused"}
        assert LocalFile.objects.count() == LocalAnswer.objects.count() == SftpServer.objects.count() == 1
    assert sweeps.exchange(now=now + timedelta(days=1)) == (0, 0) and LocalFile.objects.count() == 1


def test_what_somebody_has_set_stays():
    LocalSystem.objects.create(pk=1, kind="none")
    demo.load(timezone.now())
    assert LocalSystem.current().kind == "none" and not SftpServer.objects.exists()
