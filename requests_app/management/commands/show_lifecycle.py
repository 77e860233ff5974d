"""`manage.py show_lifecycle [--side borrowing] [--mermaid]`: the table of states and steps as text."""

from django.core.management.base import BaseCommand

from requests_app import diagram, lifecycle


class Command(BaseCommand):
    help = "Print what can be and what can happen: states and steps of a side."

    def add_arguments(self, parser):
        parser.add_argument("--side", choices=diagram.sides(), help="one side; without it, all")
        parser.add_argument("--mermaid", action="store_true", help="as a Mermaid state diagram")

    def handle(self, *args, side: str | None, mermaid: bool, **options):
        for one in [side] if side else diagram.sides():
            if mermaid:
                self.stdout.write(diagram.mermaid(one))
            else:
                self._table(one)

    def _table(self, side: str) -> None:
        self.stdout.write(f"{lifecycle.KINDS[side]}\n")
        for state in diagram.states(side):
            self.stdout.write(f"  {state.label!s:24} {state.look_for}")
        self.stdout.write("")
        for row in diagram.rows(side):
            sources = ", ".join(str(state.label) for state in row.sources)
            target = str(row.target.label) if row.target else "stays"
            extra = "; ".join(part for part in (row.service, row.iso) if part)
            self.stdout.write(f"  {row.label} ({row.who}): {sources} → {target}" + (f" [{extra}]" if extra else ""))
        self.stdout.write("")
