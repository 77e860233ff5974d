"""Write the search index anew: after a change of what requests are found by, or after a restore."""

from django.core.management.base import BaseCommand

from requests_app import search
from requests_app.models import ILLRequest


class Command(BaseCommand):
    help = "Indexes every request anew, in batches; people can work meanwhile, and it may be run again."

    def add_arguments(self, parser):
        parser.add_argument("--batch", type=int, default=500, help="requests in one transaction (500)")

    def handle(self, *args, **options):
        total, done = ILLRequest.objects.count(), 0
        for done in search.rebuild(batch=max(1, options["batch"])):
            self.stderr.write(f"{done} of {total} requests")
        self.stdout.write(f"The search index holds {done} requests.")
