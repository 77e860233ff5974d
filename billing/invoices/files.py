"""The files of an invoice: paper, e-invoice, list; and the statement of an account. What was sent is kept as it was."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.invoices import paper, queries, ubl
from billing.invoices.models import Invoice, InvoiceLine, InvoicePolicy
from billing.invoices.paper import Column, Paper
from illdesk import attachments, countries, exports, money
from illdesk.models import Attachment, Institution, User
from requests_app.models import Library, LoanPolicy

SUBJECT = "library_invoice"
PDF, XML = "application/pdf", "application/xml"
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Drawn:
    name: str
    content: bytes
    content_type: str


def draw_all(invoice: Invoice, *, day: date) -> list[Drawn]:
    name = invoice.number or f"draft-{invoice.pk}"
    return [Drawn(f"{name}.pdf", draw_pdf(invoice, day=day), PDF), Drawn(f"{name}.xml", draw_xml(invoice), XML)]


def keep(invoice: Invoice, drawn: Sequence[Drawn], *, by: User | None, now: datetime) -> list[int]:
    return [attachments.keep((SUBJECT, invoice.pk), one.name, one.content, one.content_type, by=by, now=now).pk
            for one in drawn]


def stored(invoice: Invoice, content_type: str = PDF) -> Attachment | None:
    """As it was sent."""
    return Attachment.objects.filter(subject_kind=SUBJECT, subject_id=invoice.pk, content_type=content_type).order_by(
        "pk").first()


def stored_pdf(invoice: Invoice) -> list[int]:
    found = stored(invoice)
    return [found.pk] if found is not None else []


def billed(invoice: Invoice) -> list[InvoiceLine]:
    """The lines that stand on it: those that were verified; of a draft also those that still wait."""
    rows = invoice.lines.select_related("ill", "agreement", "of__ill").order_by("day", "pk")
    kept = (InvoiceLine.VERIFIED, InvoiceLine.OPEN)
    return [line for line in rows if line.state in kept]


def total_of(invoice: Invoice) -> Decimal:
    return invoice.total if invoice.number else sum((line.amount for line in billed(invoice)), NOTHING)


def name_of(line: InvoiceLine) -> str:
    """What is billed: the title, or what was said of it when it was entered; with what it is where that is no plain
    request. Never the reason of a change, which is ours."""
    first = line.of or line
    said = str(first.words[0][0]) if first.kind != InvoiceLine.CHARGE and first.words else ""
    words = line.title or said or str(line.get_kind_display())
    if line.kind != InvoiceLine.CHARGE and line.title:
        words = f"{words} ({line.get_kind_display()})"
    return _("%(what)s (rush)") % {"what": words} if line.rush else words


# --- paper ---------------------------------------------------------------------------------------------------


def draw_pdf(invoice: Invoice, *, day: date) -> bytes:
    with translation.override(invoice.language):
        return paper.draw(_paper(invoice, day))


def _paper(invoice: Invoice, day: date) -> Paper:
    lines, credit, currency = billed(invoice), invoice.kind == Invoice.CREDIT, invoice.currency
    total = total_of(invoice)
    due = _long(invoice.due) if invoice.due else ""
    facts = [(_("Date"), _long(invoice.day or day))]
    if credit and invoice.of is not None:
        facts.append((_("Of invoice"), f"{invoice.of.number}, {_long(invoice.of.day or day)}"))
    else:
        facts.append((_("Due"), due))
    if invoice.run is not None:
        facts.append((_("Period"), period(invoice.run.begins, invoice.run.ends)))
    terms = {line.agreement.begins for line in lines if line.agreement is not None}
    if terms:
        facts.append((_("Terms"), _("Agreement of %(day)s") % {"day": _long(max(terms))}))
    shown = money.shown(abs(total), currency)
    if credit:
        heading = _("%(amount)s credited to you") % {"amount": shown}
        text = invoice.reason
    else:
        heading = _("%(amount)s due") % {"amount": shown}
        if all(line.kind == InvoiceLine.CHARGE for line in lines):
            heading = ngettext("%(amount)s for one request", "%(amount)s for %(n)s requests", len(lines)) % {
                "amount": shown, "n": len(lines)}
        text = _("Thank you for borrowing from us. Please pay by %(day)s and give the number %(number)s as "
                 "reference.") % {"day": due, "number": invoice.number} if invoice.number else ""
    name, lines_to, country = invoice.library.address_for("billing")
    ours = Institution.objects.filter(pk=1).first() or Institution()
    policy = InvoicePolicy.current()
    return Paper(
        kind=_("Credit note") if credit else _("Invoice"), number=invoice.number or "", library=ours.name,
        department=_department(ours), to=_address(name, lines_to, country, ours),
        facts=[fact for fact in facts if fact[1]],
        heading=heading, text=text, columns=_columns(currency), rows=[_row(line) for line in lines],
        subs=[_sub(line, credit) for line in lines],
        total=(_("Total credited") if credit else _("Total due"), money.shown(total, currency)),
        boxes=[(_("Account"), _account(invoice, total))] if invoice.number and not credit else [],
        how=("", "") if credit else (_("How to pay"), policy.how_to_pay or _(
            "By check to %(library)s, or by bank transfer. Questions are answered at the address below.") % {
                "library": ours.name}),
        questions=_("Questions: %(where)s") % {"where": ", ".join(part for part in (ours.email, ours.phone) if part)},
        foot=_long(invoice.day or day), page=_("page {n} of {of}"), mark=_mark(invoice),
        language=invoice.language,
    )


def _mark(invoice: Invoice) -> str:
    if invoice.number:
        return ""
    return _("Discarded") if invoice.state == Invoice.DISCARDED else _("Draft")


def _department(ours: Institution) -> str:
    address = ", ".join(part for part in (ours.line1, ours.locality) if part)
    return " · ".join(part for part in (ours.department, address) if part)


def _address(name: str, lines: Sequence[str], country: str, ours: Institution) -> list[str]:
    """As the post wants it: a department above its street, the country's name last where it is abroad. A second line
    without a number (directories write "Interlibrary Loan" there) is no part of a street."""
    street, *more = lines or [""]
    above = [line for line in more[:-1] if not any(sign.isdigit() for sign in line)]
    below = [line for line in more if line not in above]
    abroad = [countries.on_letters(country)] if country and country != ours.country else []
    return [line for line in (name, *above, street, *below, *abroad) if line]


def _columns(currency: str) -> list[Column]:
    return [Column(_("Shipped"), 0, 54), Column(_("Request"), 58, 74), Column(_("Title"), 136, 222),
            Column(_("Kind"), 364, 56), Column(currency, 487.2, 60, right=True)]


def _row(line: InvoiceLine) -> list[str]:
    kinds = {"loan": _("Loan"), "copy": _("Copy")}
    kind = kinds.get(line.service, "") if line.kind == InvoiceLine.CHARGE else str(line.get_kind_display())
    number = line.ill.number if line.ill else ""
    return [formats.date_format(line.day, "j M"), number, name_of(line), kind, money.figures(line.amount)]


def _sub(line: InvoiceLine, credit: bool) -> str:
    """How the amount came about, where it is more than one flat amount. Of a changed amount nothing: what was agreed
    does not add up to it, and why it was changed stays with us."""
    if credit or line.amount != line.proposed:
        return ""
    words = [(str(words), str(amount)) for words, amount in line.words]
    return "; ".join(f"{words}: {money.figures(Decimal(amount))}" for words, amount in words) if len(words) > 1 else ""


def _account(invoice: Invoice, total: Decimal) -> list[tuple[str, str]]:
    """In the invoice's currency: what is open with it, and what came since its period began."""
    library, currency = invoice.library, invoice.currency
    others = [row for row in queries.open_items(library) if row.currency == currency and row.pk != invoice.pk]
    credit = sum((row.rest for row in queries.unused(library) if row.currency == currency), NOTHING)
    before = sum((row.open for row in others), NOTHING) - credit
    since = invoice.run.begins if invoice.run else (invoice.day or timezone.localdate()).replace(day=1)
    came = queries.received_since(library, since, currency)
    return [
        (_("Open before this invoice"), money.figures(before)),
        (_("Received since %(day)s") % {"day": formats.date_format(since, "j F")}, money.figures(came)),
        (_("Open now"), money.figures(before + total - invoice.settled)),
    ]


def period(begins: date, ends: date) -> str:
    """October 2026, or its two days."""
    last = (date(begins.year + begins.month // 12, begins.month % 12 + 1, 1) - ends).days == 1
    if begins.day == 1 and last:
        return formats.date_format(begins, "F Y")
    return f"{_long(begins)} – {_long(ends)}"


def _long(day: date | None) -> str:
    return formats.date_format(day, "j F Y") if day else ""


# --- e-invoice, list -----------------------------------------------------------------------------------------


def draw_xml(invoice: Invoice) -> bytes:
    """Of an approved invoice."""
    with translation.override(invoice.language):
        ours = Institution.objects.filter(pk=1).first() or Institution()
        policy, credit = InvoicePolicy.current(), invoice.kind == Invoice.CREDIT
        name, lines, country = invoice.library.address_for("billing")
        of = invoice.of
        assert invoice.number and invoice.day and invoice.due
        return ubl.xml(ubl.Document(
            number=invoice.number, credit=credit, day=invoice.day, due=invoice.due, currency=invoice.currency,
            seller=ubl.Party(ours.name, ours.email, ours.symbol, ours.line1, ours.locality, ours.postal_code,
                             ours.country, policy.tax_number),
            buyer=ubl.Party(name, _billing_email(invoice.library), invoice.library.symbol, lines[0] if lines else "",
                            invoice.library.locality, invoice.library.postal_code, country or ours.country),
            items=[ubl.Item(line.ill.number if line.ill else "", name_of(line), line.amount, line.day,
                            _sub(line, credit))
                   for line in billed(invoice)],
            total=invoice.total, reference=invoice.library.symbol, account=policy.account,
            begins=invoice.run.begins if invoice.run else None, ends=invoice.run.ends if invoice.run else None,
            note=invoice.reason, terms=policy.how_to_pay,
            of=(of.number, of.day) if of is not None and of.number and of.day else None,
        ))


def _billing_email(library: Library) -> str:
    from billing.invoices.sending import address_of

    return address_of(library)


def rows_of(invoice: Invoice) -> tuple[list[str], list[list]]:
    """Head and rows of the list: one for each line that is billed."""
    head = [_("Invoice"), _("Day"), _("Request"), _("Title"), _("Kind"), _("How it came about"), _("Amount"),
            _("Currency")]
    rows = [
        [invoice.number or "", line.day, line.ill.number if line.ill else "", name_of(line),
         str(line.get_kind_display()) if line.kind != InvoiceLine.CHARGE else line.service, _sub(line, False),
         line.amount, line.currency]
        for line in billed(invoice)
    ]
    return head, rows


def export(invoice: Invoice, form: str):
    head, rows = rows_of(invoice)
    return exports.file(form, invoice.number or f"draft-{invoice.pk}", head, rows)


# --- statement -----------------------------------------------------------------------------------------------


def draw_statement(library: Library, *, since: date, day: date, language: str = "en") -> bytes:
    """All that happened in the account since a day, and what is open now, in our currency."""
    with translation.override(language):
        currency = LoanPolicy.current().currency
        ours = Institution.objects.filter(pk=1).first() or Institution()
        moved = queries.account(library, since, day)
        aged = next((row for row in queries.ageing(day) if row.library.pk == library.pk), queries.Aged(library))
        later = sum((row.own for row in moved), NOTHING)
        name, lines_to, country = library.address_for("billing")
        before = aged.open - later
        rows = [[formats.date_format(since, "j M Y"), "", _("Open before"), "", money.figures(before)]]
        for row in moved:
            foreign = money.shown(row.amount, row.currency) if row.currency != currency else ""
            rows.append([formats.date_format(row.day, "j M Y"), row.number, row.words, foreign, money.figures(row.own)])
        columns = [Column(_("Day"), 0, 70), Column(_("Number"), 74, 90), Column(_("What"), 168, 150),
                   Column(_("Foreign"), 400, 90, right=True), Column(currency, 487.2, 70, right=True)]
        labels = (_("up to 30 days"), _("31 to 60 days"), _("61 to 90 days"), _("more than 90 days"))
        boxes: list[tuple[str, Sequence[tuple[str, str]]]] = [(_("By age"), [
            (label, money.figures(amount)) for label, amount in zip(labels, aged.buckets, strict=True)
        ] + ([(_("your credit"), money.figures(-aged.credit))] if aged.credit else []))]
        policy, left = InvoicePolicy.current(), money.shown(abs(aged.open), currency)
        heading = _("%(amount)s to your credit on %(day)s") if aged.open < 0 else _("%(amount)s open on %(day)s")
        return paper.draw(Paper(
            kind=_("Statement of account"), number="", library=ours.name, department=_department(ours),
            to=_address(name, lines_to, country, ours),
            facts=[(_("Date"), _long(day)), (_("Since"), _long(since)), (_("Account"), library.symbol)],
            heading=heading % {"amount": left, "day": _long(day)},
            text=_("What we billed and what we received. A minus is money that came, or was credited."),
            columns=columns, rows=rows, boxes=boxes,
            total=(_("To your credit") if aged.open < 0 else _("Open now"), left),
            how=(_("How to pay"), policy.how_to_pay) if policy.how_to_pay else ("", ""),
            questions=_("Questions: %(where)s") % {
                "where": ", ".join(part for part in (ours.email, ours.phone) if part)},
            foot=_long(day), page=_("page {n} of {of}"), language=language,
        ))


def statement_name(library: Library, day: date) -> str:
    """A symbol may hold signs that no file's name may."""
    symbol = re.sub(r"[^\w.]+", "-", library.symbol, flags=re.ASCII).strip("-.")
    return "-".join(part for part in ("statement", symbol, f"{day:%Y-%m-%d}") if part) + ".pdf"


def keep_statement(library: Library, drawn: bytes, *, by: User | None, now: datetime) -> int:
    name = statement_name(library, timezone.localtime(now).date())
    return attachments.keep(("library_account", library.pk), name, drawn, PDF, by=by, now=now).pk
