"""Every word that somebody else can put before us, made hostile: in every text column of every model."""

from django.apps import apps
from django.db import models
from django.test import Client

from billing.models import ChargeMove, Entry
from illdesk.models import Event, Handling, Heartbeat, InboxMessage, Letter, OutboxMessage
from requests_app.actions import perform
from requests_app.models import (
    Check,
    Citation,
    CitationChange,
    Condition,
    LoanPolicy,
    Note,
    Patron,
    SourceAnswer,
    SourceSetting,
)
from requests_app.verification.records import CITED
from tests import factories as f
from tests.guards.world import World
from tests.requests_app.exchange.iso18626 import partner as system

# Each carries "xq", by which it is found where it must not be.
CORPUS = (
    '"><xq-tag onxq=1>', "<script>xq(1)</script>",
    "' onmouseover='xq(1)' xqattr='1", '" autofocus onfocus=xq(1) xqattr="1',
    "</textarea><xq-tag>", "</title></script></style></noscript><xq-tag>", "--><xq-tag>", "<svg/onload=xq(1)>",
    "<img src=xq onerror=xq(1)>", '<a href="javascript:xq(1)">x</a>', "javascript:xq(1)//", "&lt;xq-tag&gt;",
    "&#60;xq-tag&#62;", "xq{{7*7}}xq", "xq{% now 'Y' %}xq", "xq${7*7}xq", "{xq.__class__}",
    '<iframe srcdoc="<xq-tag>">',
    "＜xq-tag＞", "\u202exq\u202c\u2066", "%3Cxq-tag%3E", "]]><xq-tag>", "<base href=//xq.example>",
    "<meta http-equiv=refresh content=0;xq>", "<form action=//xq.example>", "=1+xq", "+xq", "@xq", "-xq%n%s%(xq)s",
    "\\u003cxq-tag\\u003e", "<math><mtext><xq-tag>", "xq\r\nX-Xq: 1\r\n\r\n<xq-tag>", "<b>xq</b></para><font size=90>",
)
LONG = " ".join(CORPUS)
# Codes and keys that only we write, by which rows are found: "Model.column", or "column" of every model.
LEFT_ALONE = {
    "state", "kind", "channel", "key", "lane", "partner", "subject_kind", "content_type", "file", "sha256", "password",
    "language", "theme", "undo_to", "form_key", "number", "currency", "to", "token_hash", "time_zone", "weekdays",
    "counting", "country", "actor_kind", "subscriber", "prefix", "dialect", "secret_expected", "secret_sent",
    "attention_why", "per", "fund_currency",
    "Booked.side", "Booked.way", "Booked.what", "source_kind", "foreign_currency", "Delegation.right",
    "ExternalReference.system",
    "network", "patron_status", "direction", "service", "pay_way", "VoucherMovement.key",
    "digest", "tail", "waiting_for", "BatchLine.part", "BatchLine.fund", "BatchInvoice.currency",
    "PayableInvoice.number_key", "PayableInvoice.lines_key", "PayableLayout.signature", "PayableLine.result",
    "purpose", "about_kind",
    "Layout.signature", "Series.prefix", "Mailbox.password", "SftpServer.private_key", "NetworkLine.symbol",
    "ExternalReference.number", "NetworkPolicy.fee_currency", "Booked.foreign_currency",
    "Booked.source_kind",
    "Fund.code", "FundYear.label", "FiscalYear.label", "Account.family",
    "Royalty.fund", "Royalty.fund_year", "Royalty.commitment", "Royalty.title_key",
    "RoyaltyPrice.key", "StatementLine.word", "CopyrightDecision.paid_by",
    "Job.kind", "ListPreference.queue", "claimed_state",
    "Branch.code", "Letter.code", "Heartbeat.name", "Library.symbol", "Event.name", "ILLRequest.service",
    "ChargeTerms.status", "Charge.reason", "ChargeNote.what", "Waiver.reason",
    "LenderRule.code", "RuleSet.code", "RuleSet.name", "SourceSetting.code", "SourceSetting.kept",
    "SourceAnswer.question", "outcome", "warning_shown", "Delivery.notice", "CopyrightText.rules",
    "TextCheck.what", "TextCheck.version", "TextCheck.wording", "Declaration.purpose",
}
OURS = ("illdesk", "requests_app", "billing", "students")


def short(most: int, turn: int) -> str:
    """As much of the corpus as a column holds, beginning with another one each time."""
    turned = CORPUS[turn % len(CORPUS):] + CORPUS[: turn % len(CORPUS)]
    whole = next((word for word in turned if len(word) <= most), "<xq>"[:most])
    for word in turned:
        if len(whole) + len(word) + 1 <= most and word != whole:
            whole += f" {word}"
    return whole


def columns() -> list[tuple[type[models.Model], models.Field]]:
    return [
        (model, field)
        for config in apps.get_app_configs() if config.label in OURS
        # Append-only, and they hold no words.
        for model in config.get_models() if model not in (ChargeMove, Event, Entry)
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField)) and not field.choices
        and field.name not in LEFT_ALONE and f"{model.__name__}.{field.name}" not in LEFT_ALONE
    ]


def fill() -> set[str]:
    """Names of the columns that were filled; those of models without a row are not."""
    filled = set()
    for turn, (model, field) in enumerate(columns()):
        name = f"{model.__name__}.{field.name}"
        if field.unique or any(isinstance(rule, models.UniqueConstraint) for rule in model._meta.constraints):
            for row in model._default_manager.all():
                text = f"{row.pk} {short((field.max_length or 200) - 20, turn)}"
                model._default_manager.filter(pk=row.pk).update(**{field.name: text})
                filled.add(name)
        else:
            text = short(field.max_length, turn) if field.max_length else LONG
            if model._default_manager.update(**{field.name: text}):
                filled.add(name)
    return filled


class Hostile(World):
    def __init__(self):
        super().__init__()
        self._a_partner_writes()
        ill = self.ills["borrowing"]
        for kind, _name in Note.KINDS:
            Note.objects.create(ill=ill, kind=kind, text="x", author=self.people["supervisor"], at=f.NOW)
        for name in ("borrowing", "sent", "lending"):
            Condition.objects.create(ill=self.ills[name], made=f.NOW, reason="x", loan_condition="x", cost=9)
        for state in (OutboxMessage.PARKED, OutboxMessage.UNCERTAIN, OutboxMessage.WAITING):
            OutboxMessage.objects.create(
                channel="iso18626", key=f"x{state}", lane=f"x{state}", recipient="x", partner=self.library.symbol,
                what="x", payload={"xml": LONG}, state=state, next_try=f.NOW, created=f.NOW, subject_kind="request",
                subject_id=ill.pk,
            )
        for state, _name in InboxMessage.STATES:
            InboxMessage.objects.create(
                channel="iso18626", key=f"x{state}", partner=self.library.symbol, what="x", body=LONG, state=state,
                arrived=f.NOW, subject_kind="request", subject_id=ill.pk,
            )
        Handling.objects.create(
            event=Event.objects.latest("pk"), subscriber="x", attempts=99, next_try=f.later(days=9999)
        )
        Heartbeat.objects.create(name="dates", at=f.NOW, failed=1)
        LoanPolicy(pk=1).save()
        Letter.objects.create(code="arrived", language="en", version=1, subject="x", body="x", changed=f.NOW,
                              changed_by=self.people["supervisor"])
        for symbol in ("XQ", self.library.agency_value):  # a catalogue writes, too; one of the two is our partner
            self._a_catalogue_says(symbol)
        self._sources_say()
        self.filled = fill()
        Citation.objects.update(typed={"title": LONG})
        # A spreadsheet looks at how a cell begins.
        Citation.objects.filter(ill=ill).update(title=f"=1+xq {LONG}", part_title=f"=1+xq {LONG}")
        type(self.library).objects.filter(pk=self.library.pk).update(name="@xq(1)")
        for message in OutboxMessage.objects.filter(channel="mail"):
            message.payload = {"subject": short(150, 3), "body": LONG}
            message.save()

    def _sources_say(self) -> None:
        """What is on the web says anything, and an address may be none."""
        bad = "javascript:xq(1)"
        record = dict.fromkeys(CITED, LONG) | {"source": "crossref", "source_id": LONG, "url": bad}
        found = {"record": record, "origins": dict.fromkeys(CITED, LONG), "score": 0.5, "against": [LONG],
                 "fields": [{"name": "title", "agreement": LONG}]}
        known = self.ills["borrowing"].checks.order_by("-pk").first()
        for name in ("borrowing", "documents"):
            Check.objects.create(
                ill=self.ills[name], made=f.NOW, by=self.people["supervisor"], outcome="probable",
                found=[found, found], links=[{"label": LONG, "url": bad}, {"note": LONG}],
                access=[{"url": bad, "way": "free", "name": LONG, "licence": LONG, "version": LONG, "coverage": LONG}],
                held=[{"name": LONG, "ours": True, "location": LONG, "call_number": LONG, "note": LONG, "url": bad},
                      *(known.held if known else [])],
                asked=[{"code": "crossref", "state": state, "ms": 1, "words": LONG}
                       for state in ("found", "nothing", "failed", "late")],
            )
            CitationChange.objects.create(ill=self.ills[name], made=f.NOW, values={"title": [LONG, LONG]})
        SourceSetting.objects.create(code="crossref", url="x", key="x", tested=f.NOW, test_words="x",
                                     options={"url": LONG})
        SourceAnswer.objects.create(
            source="x", question="x", data={"records": [record]}, at=f.NOW, until=f.later(days=9)
        )

    def _a_catalogue_says(self, symbol: str) -> None:
        row = {"name": LONG, "symbol": symbol, "symbol_type": "ISIL", "note": LONG, "volumes": LONG, "region": LONG,
               "country": LONG, "available": False}
        known = self.ills["borrowing"].checks.order_by("-pk").first()
        Check.objects.create(ill=self.ills["borrowing"], made=f.NOW, held=[row, *(known.held if known else [])])

    def _a_partner_writes(self) -> None:
        """Through the partner's own door: a request, and a message about one of ours."""
        safe = LONG.replace("\r\n", " ")
        _told(system.new_request("XQ-1", title=safe, author=safe[:900], edition=safe[:90]))
        lent = f.ill("borrowing.sent", patron=self.patron, partner=self.library)
        self.ills["answered"] = lent
        _told(system.as_supplier(
            f.dialogue(lent).request_id, "Unfilled", at=f.later(days=1), note=safe, reason_unfilled=safe[:40]
        ))


def _told(message: bytes) -> None:
    answer = system.post(Client(), message)
    assert answer.status_code == 200 and b">OK<" in answer.content, answer.content


def letters(world: World) -> list[OutboxMessage]:
    """Every letter that a hostile patron's request causes."""
    before = OutboxMessage.objects.latest("pk").pk
    patron = Patron.objects.get(pk=world.patron.pk)
    ill = f.asked(patron=patron)
    ill.citation.title = ill.citation.author = LONG
    perform(ill, "write_patron", actor=f.staff(), text=LONG)
    perform(ill, "cancel", actor=f.staff(), reason="own_it", text=LONG, letter=True)
    shelved = f.ill("borrowing.received", patron=patron, title=LONG)
    perform(shelved, "shelve", actor=f.staff())
    return list(OutboxMessage.objects.filter(pk__gt=before, channel="mail"))
