"""Files that other systems of the demo's library would export: subscriptions, and prices of royalties."""

import csv
import io
from datetime import date, timedelta

from requests_app.demo.works import isbn_of, issn_of


def _csv(rows: list[tuple]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def subscriptions(today: date) -> bytes:
    """Of the periodicals, one whose order is entered, one cancelled, two with an embargo; one book on order."""
    year = today.year

    def day(first: int, month: int = 1) -> str:
        return date(first, month, 1).isoformat()

    def journal(name: str, form: str, *, ordered: str = "", begins: str = "", ends: str = "", since: str = "",
                embargo: str = "", supplier: str = "Tidewater Subscriptions", note: str = "") -> tuple:
        return name, issn_of(name), "journal", form, ordered, begins, ends, since, embargo, supplier, note

    return _csv([
        ("Title", "ISSN", "Type", "Format", "Order date", "Start date", "End date", "Coverage start", "Embargo",
         "Supplier", "Note"),
        journal("Annals of Weather Keeping", "print", begins=day(year - 9), since=str(year - 9)),
        journal("Coastal Letters and Arts", "print", begins=day(year - 14), since=str(year - 14),
                note="Current issues in the reading room"),
        journal("Quarterly of Rope and Sail", "both", begins=day(year - 5), since=str(year - 20)),
        journal("Review of Lighthouse Studies", "online", begins=day(year - 3), since="1998", embargo="P1Y",
                supplier="Beacon Journals"),
        journal("Small Rivers", "online", begins=day(year - 2), since="2004", embargo="P6M",
                supplier="Beacon Journals"),
        journal("Harbor Law Reports", "print", ordered=(today - timedelta(days=20)).isoformat(),
                begins=day(year + 1), since=str(year + 1), note="Order entered; the first issue comes in January"),
        journal("Transactions of the Dredging Institute", "print", begins=day(year - 12), ends=day(year - 1, 7),
                since=str(year - 12), note="Cancelled in the serials review"),
        ("The customs of small ports", isbn_of("The customs of small ports"), "book", "print",
         (today - timedelta(days=9)).isoformat(), "", "", "", "", "Cypress & Main", ""),
    ])


def prices(rows: list[tuple[str, str, str, str]]) -> bytes:
    """(number, title, per copy, per page)"""
    return _csv([("ISSN", "Title", "Price per copy", "Price per page", "Currency"),
                 *((*row, "USD") for row in rows)])
