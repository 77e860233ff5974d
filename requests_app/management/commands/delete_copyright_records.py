"""Delete copyright records whose time of keeping is over. Without --delete nothing is written."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from illdesk import actors
from illdesk.errors import DeskError
from illdesk.models import User
from requests_app.copyright import records


class Command(BaseCommand):
    help = "Say which copyright records may be deleted; with --delete and --by, delete them year by year."

    def add_arguments(self, parser):
        parser.add_argument("--year", type=int, help="only this year")
        parser.add_argument("--delete", action="store_true", help="delete; without it nothing is written")
        parser.add_argument("--by", metavar="USERNAME", help="who deletes; a person who may change copyright records")

    def handle(self, *, year, delete, by, **options):
        now = timezone.now()
        years = [year] if year else records.deletable_years(timezone.localdate(now))
        if not years:
            self.stdout.write("No copyright records may be deleted.")
            return
        who = self._who(by) if delete else None
        for one in years:
            found = records.plan(one)
            self.stdout.write(f"{one}: {found.rows} rows and {found.decisions} decisions may go, {found.held} held.")
            if who is None:
                continue
            try:
                row = records.delete_year(one, actor=actors.staff(who), now=now)
            except DeskError as refusal:
                raise CommandError(str(refusal)) from refusal
            self.stdout.write(f"{one}: {row.rows} rows, {row.decisions} decisions, {row.titles} titles deleted.")
        if who is None:
            self.stdout.write("Nothing was deleted: this was a dry run. Delete with --delete --by USERNAME.")

    def _who(self, username: str | None) -> User:
        user = User.objects.filter(username=username or "", is_active=True).first()
        if user is None or not user.may("manage_copyright"):
            raise CommandError("Name with --by somebody who may change copyright records. Nothing was deleted.")
        return user
