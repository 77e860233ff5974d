"""`manage.py bench NAME [options]`: measure, print one JSON object, end with 1 when a target is missed."""

import json
import signal
import sys

from django.core.management.base import BaseCommand

from illdesk.bench import BENCHES, machine


class Command(BaseCommand):
    help = (
        "Measure on scratch databases: SQLite, or on the PostgreSQL server of DATABASE_URL or "
        "TEST_DATABASE_URL. The figures go to stdout as JSON, everything else to stderr."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        names = parser.add_subparsers(dest="name", metavar="NAME")
        for bench in BENCHES.values():
            bench.arguments(names.add_parser(bench.name, help=bench.about))

    def handle(self, *, name: str | None, **options):
        if name is None:
            for bench in BENCHES.values():
                self.stdout.write(f"{bench.name}: {bench.about}")
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        result = BENCHES[name].run(options)
        met = all(target["met"] for target in result.targets)
        report = {"bench": name, "machine": machine()} | vars(result) | {"met": met}
        self.stdout.write(json.dumps(report, indent=2, ensure_ascii=False))
        if not met:
            sys.exit(1)


def _stop(number, _frame) -> None:
    """As Ctrl-C does: through every `finally` that removes a scratch database."""
    sys.exit(128 + number)
