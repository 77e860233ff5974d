"""Several people store the same thing at the same moment: one does, the others are told; nothing stands twice."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from illdesk.errors import Stale
from requests_app.copyright import rule_sets, texts
from requests_app.copyright.rules import DEFAULT
from requests_app.models import CopyrightText, RuleSet
from tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def at_once(what) -> list[str]:
    """What became of each of several calls that began together."""
    gate, said = threading.Barrier(AT_ONCE), []

    def run() -> None:
        try:
            gate.wait(timeout=20)
            what()
            said.append("stored")
        except Stale:
            said.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _time in range(AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    return sorted(said)


def test_one_of_six_stores_the_next_version_of_a_text():
    by, now = f.staff("administrator"), timezone.now()
    said = at_once(lambda: texts.add("notice", "us-contu", "en", "Ask us.", valid_from=timezone.localdate(), seen=-1,
                                     actor=by, now=now))
    assert said == ["stored", *["told"] * (AT_ONCE - 1)]
    assert CopyrightText.objects.count() == 1


def test_one_of_six_stores_the_next_version_of_the_rules():
    by, now = f.staff("administrator"), timezone.now()
    said = at_once(lambda: rule_sets.save(DEFAULT, valid_from=timezone.localdate(), seen=0, actor=by, now=now))
    assert said == ["stored", *["told"] * (AT_ONCE - 1)]
    assert RuleSet.objects.count() == 1


def test_six_who_sign_one_proposal_first_share_its_row():
    now = timezone.now()
    assert at_once(lambda: texts.kept(texts.proposed("declaration", "uk"), now=now)) == ["stored"] * AT_ONCE
    assert CopyrightText.objects.count() == 1
