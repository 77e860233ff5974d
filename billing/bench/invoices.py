"""A hundred thousand lines of invoices: read, matched, compared and stored, beside what merely storing them costs.

The file is a CSV as a consortium's office writes it: most lines with our number, a tenth of them retyped, others with
an OCLC number, the lender's or a title only, some with none of ours. The same rows are then stored as they are by the
same ORM, and joined to the requests by one SQL statement: at most three times that may matching take. Each is measured
in a process of its own, so that the memory is its own.
"""

import csv
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from illdesk.bench import Bench, Result
from illdesk.bench.child import beside
from illdesk.bench.scratch import database

MOST_TIMES, MOST_MB = 3, 300
NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
_WORDS = ("annals", "tide", "reef", "oak", "harbour", "marine", "urban", "history", "letters", "survey", "peat",
          "atlas", "botany", "glass", "river", "theory", "music", "border", "island", "winter")


def arguments(parser) -> None:
    parser.add_argument("--lines", type=int, default=100_000, help="lines of the file")
    parser.add_argument("--workbook", action="store_true", help="the file as XLSX instead of CSV")


def run(options: dict[str, Any]) -> Result:
    lines = options["lines"]
    # Files of the scratch desk and the invoice lie in one folder that goes away.
    with tempfile.TemporaryDirectory() as folder, database() as surroundings:
        path = str(Path(folder) / "invoice.csv")
        with beside(surroundings) as process:
            process.call("billing.bench.invoices:fill", lines=lines, path=path)
            said = process.call("illdesk.bench.child:database")
            if options.get("workbook"):
                process.call("billing.bench.invoices:as_workbook", path=path)
        with beside(surroundings, migrate=False) as process:
            found = process.call(
                "billing.bench.invoices:enter", path=f"{path}.xlsx" if options.get("workbook") else path)
        sys.stderr.write(f"entered and matched in {found['import s']} s\n")
        with beside(surroundings, migrate=False) as process:
            plain = process.call("billing.bench.invoices:load_and_join", path=path)
    result = Result(database=said, sizes={"lines": lines}, figures=found | plain)
    result.target("import and match, times load and join", round(found["import s"] / plain["load and join s"], 2),
                  MOST_TIMES)
    result.target("memory, MB", found["memory MB"], MOST_MB)
    result.at_least("lines matched", found["matched"], lines * 0.85)
    return result


# --- In the measuring processes ------------------------------------------------------------------------


def title_of(number: int) -> str:
    dice = Random(number)  # noqa: S311 - the same title each time
    return f"{' '.join(dice.choices(_WORDS, k=4)).capitalize()} {number}"


def fill(*, lines: int, path: str) -> None:
    """Half as many requests as lines, with dialogues and OCLC numbers; the file beside them."""
    from django.db import connection

    from requests_app.models import Citation, Dialogue, ExternalReference, ILLRequest, Library

    library = Library.objects.create(name="Delta Bay University", symbol="DEF")
    many, day = max(lines // 2, 1), timedelta(minutes=5)
    for at in range(0, many, 5000):
        numbers = range(at, min(at + 5000, many))
        citations = Citation.objects.bulk_create([Citation(title=title_of(one), kind="book") for one in numbers])
        ills = ILLRequest.objects.bulk_create([
            ILLRequest(number=f"B-2025-{one:05d}", kind="borrowing", state="borrowing.finished", citation=citation,
                       partner=library, cost="15.00", currency="USD", created=NOW - day * one, changed=NOW)
            for one, citation in zip(numbers, citations, strict=True)])
        Dialogue.objects.bulk_create([
            Dialogue(ill=ill, library=library, role="requester", request_id=f"{ill.number}-1", opened=ill.created,
                     their_number=f"DEF/{one}") for one, ill in zip(numbers, ills, strict=True)])
        ExternalReference.objects.bulk_create([
            ExternalReference(ill=ill, system="oclc", number=str(190_000_000 + one), made=NOW)
            for one, ill in zip(numbers, ills, strict=True)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Your reference", "Our no.", "OCLC no.", "Title", "Date", "Amount"])
        for line in range(lines):
            writer.writerow(_row(line, line * 7919 % many))


def _row(line: int, of: int) -> list[str]:
    number, day = f"B-2025-{of:05d}", (date(2026, 1, 1) + timedelta(days=line % 50)).isoformat()
    cells = {
        0: [f"b 2025 {of:05d}-2".replace("0", "O"), "", "", title_of(of)[:30]], 1: ["", "", str(190_000_000 + of), ""],
        2: ["", f"DEF/{of}", "", ""], 3: ["", "", "", title_of(of)],
        4: ["", "", "", f"Postage {line}"],
    }.get(line % 20, [number, f"DEF/{of}", "", title_of(of)])
    return [*cells, day, f"{15 + line % 3},00"]


def as_workbook(*, path: str) -> None:
    """The same lines as XLSX, beside the CSV."""
    import xlsxwriter

    with open(path, newline="", encoding="utf-8") as file, xlsxwriter.Workbook(
            f"{path}.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate(csv.reader(file, delimiter=";")):
            for at, cell in enumerate(cells):
                sheet.write(place, at, float(cell.replace(",", ".")) if at == 5 and place else cell)


def enter(*, path: str) -> dict[str, float]:
    """As the page and its job do it: looked at, then slice by slice, each its own transaction."""
    from django.db import transaction

    from billing.payables.actions import files
    from billing.payables.models import PayableFile, PayableInvoice, PayableLine
    from illdesk import actors
    from requests_app.models import Library

    before = _memory()
    library = Library.objects.get(symbol="DEF")
    began = time.perf_counter()
    content = Path(path).read_bytes()
    row = files.look_at(content, name="invoice.csv", library=library.pk, now=NOW, actor=actors.SYSTEM, given={
        "number": "1", "dated": "2026-02-20", "due": "", "currency": "USD", "total": ""})
    looked = time.perf_counter() - began
    PayableInvoice.objects.create(
        library=library, number="1", number_key="1", dated=date(2026, 2, 20), currency="USD", total=0, how="file",
        state="reading", file=row, key="bench", entered=NOW)
    for at in range(len(row.counted["marks"])):
        with transaction.atomic():
            files._read_slice(row, at)
    with transaction.atomic():
        files._read_all(row, actor=actors.SYSTEM, now=NOW)
    taken = time.perf_counter() - began
    if (stored := PayableLine.objects.count()) != row.counted["lines"]:
        raise RuntimeError(f"{stored} of {row.counted['lines']} lines were stored.")
    PayableFile.objects.filter(pk=row.pk).update(state=PayableFile.ENTERED)
    found = PayableLine.objects.exclude(ill=None).count()
    return {"look s": round(looked, 2), "import s": round(taken, 2), "lines a second": round(stored / taken),
            "matched": found, "memory MB": _memory(), "memory before MB": before}


def load_and_join(*, path: str) -> dict[str, float]:
    """The same rows stored as they are, by the same ORM, and one join with the requests."""
    from decimal import Decimal

    from django.db import connection, transaction

    from billing.payables.models import PayableInvoice, PayableLine
    from requests_app.models import Library

    invoice = PayableInvoice.objects.create(
        library=Library.objects.get(symbol="DEF"), number="2", dated=date(2026, 2, 20), currency="USD", total=0,
        how="file", state="entered", key="plain", entered=NOW)
    began, lines = time.perf_counter(), []
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter=";")
        next(rows)
        for place, cells in enumerate(rows, start=2):
            lines.append(PayableLine(
                invoice=invoice, place=place, number=cells[0], theirs=cells[1], external=cells[2], title=cells[3],
                dated=date.fromisoformat(cells[4]), amount=Decimal(cells[5].replace(",", ".")), result="not_found"))
            if len(lines) == 5000:
                with transaction.atomic():
                    PayableLine.objects.bulk_create(lines, batch_size=1000)
                lines = []
    with transaction.atomic():
        PayableLine.objects.bulk_create(lines, batch_size=1000)
    loaded = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT line.id, ill.id, ill.cost, line.amount - ill.cost FROM billing_payableline line "
            "JOIN requests_app_illrequest ill ON ill.number = line.number WHERE line.invoice_id = %s", [invoice.pk])
        joined = sum(1 for _row in cursor)
    return {"load s": round(loaded, 2), "load and join s": round(time.perf_counter() - began, 2), "joined": joined}


def _memory() -> float:
    """The most this process ever held, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


BENCH = Bench(
    name="invoices", about="lines of invoices from libraries: imported and matched, beside loading and one join",
    arguments=arguments, run=run,
)
