"""`manage.py clock`: what the clock starts. `manage.py clock NAME [--now 2026-03-01T09:00Z]`: run one now."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from illdesk import clock, status


class Command(BaseCommand):
    help = "List the tasks of the clock, or run one of them."

    def add_arguments(self, parser):
        parser.add_argument("name", nargs="?", default="", help="a name from the list; without one, the list")
        parser.add_argument("--now", default="", help="the moment to work for, as ISO 8601; default: now")

    def handle(self, *args, name: str, now: str, **options):
        moment = _moment(now)
        if not name:
            return self._list(moment)
        if name not in clock.TASKS:
            raise CommandError(f"There is no task {name}. There are: {', '.join(clock.TASKS)}.")
        did, failed = clock.run(name, now=moment)
        self.stdout.write(f"{clock.TASKS[name].label}: {did} done, {failed} failed.")
        return None

    def _list(self, now: datetime) -> None:
        for row in status.clock_rows(now=now):
            every = f"every {clock.TASKS[row.name].every:g} s"
            last = f"last {timezone.localtime(row.beat.at):%Y-%m-%d %H:%M:%S}" if row.beat else "not yet run"
            self.stdout.write(f"{row.name:20} {every:16} {last}{', late' if row.late else ''}   {row.label}")


def _moment(text: str) -> datetime:
    if not text:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as unreadable:
        raise CommandError(f"--now is {text!r}; its form is 2026-03-01T09:00Z.") from unreadable
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
