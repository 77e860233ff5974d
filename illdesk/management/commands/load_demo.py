"""`manage.py load_demo [--now ISO]`: fill an empty desk with the demo's libraries, people and requests."""

from datetime import datetime

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone, translation

from illdesk import registry
from illdesk.models import OutboxMessage


class Command(BaseCommand):
    help = "Load the demo data of this desk (ILLDESK_DESK a or b). A second run changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--now", help="the moment the demo's story ends, ISO 8601 (default: now)")

    def handle(self, *, now: str | None, **options):
        if settings.PRODUCTION:
            raise CommandError(
                "This desk is for real use (ILLDESK_MODE is production): demo data holds accounts whose "
                "password everybody can read. Nothing was loaded. sh run.sh starts a demo."
            )
        moment = _moment(now)
        # All or nothing; and no task per letter of a past that is settled before the commit.
        sends, settings.SEND_TASKS = settings.SEND_TASKS, False
        try:
            with transaction.atomic(), translation.override("en"):
                newest = OutboxMessage.objects.aggregate(newest=Max("pk"))["newest"] or 0
                for load in registry.DEMO_DATA:
                    load(moment)
                _letters_left(newest)
        finally:
            settings.SEND_TASKS = sends


def _letters_left(newest: int) -> None:
    """Letters of the demo's past left at their time; those of this desk's own days wait as they did."""
    made = OutboxMessage.objects.filter(pk__gt=newest, channel="mail", state=OutboxMessage.WAITING)
    made.update(state=OutboxMessage.SENT, attempts=1, claimed=F("created"), settled=F("created"), answer="250")


def _moment(text: str | None) -> datetime:
    if not text:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--now is {text!r}; write it like 2026-11-23T10:00 or with a zone.") from None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
