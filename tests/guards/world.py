"""A small desk with one of everything, and somebody of every role; built once for all tests of a module."""

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from billing.ledger import actions as ledger
from billing.models import BudgetChange, Commitment, Fund, FundYear
from illdesk import actors, attachments, events, outbox, secrets
from illdesk.accounts.roles import ROLES
from illdesk.models import Calendar, ClosedDay, Job, JobItem, OutboxMessage, OutsideHost, User
from requests_app.copyright import declarations
from requests_app.models import (
    CollectionNote,
    ConnectionTest,
    Contact,
    CopyrightNumber,
    CopyrightText,
    CopyrightTitle,
    CopyrightUse,
    Delivery,
    DirectoryImport,
    ElectronicLoad,
    ElectronicPackage,
    ElectronicProblem,
    ElectronicTitle,
    FairPriceSearch,
    ILLRequest,
    LegalHold,
    LibraryAddress,
    LibraryGroup,
    LibraryPolicy,
    LibrarySymbol,
    ListPreference,
    OverLimitSettings,
    PlaceWait,
    PriceList,
    RecordDeletion,
    RecordPolicy,
    RightsQuote,
    Royalty,
    RoyaltyList,
    RoyaltyPrice,
    RuleSet,
    StatementLine,
    Subscription,
    SubscriptionLoad,
    Suspension,
    TextCheck,
    TitleLink,
)
from tests import factories as f
from tests.guards import money_batches, money_charges, money_core, money_ifm, money_invoices, money_payables

NOBODY, ROLELESS, OWNER = "nobody signed in", "no role", "the patron whose it is"
# Everybody who may stand at an address: each role alone, and three more.
PEOPLE = (*ROLES, OWNER, ROLELESS, NOBODY)
TOKEN = "a-link-that-only-hill-college-knows-7d1f"


class World:
    """`values`: what EXAMPLES of addresses.py ask for. `ills`: requests by what they are examples of."""

    def __init__(self):
        f.institution()
        self.values: dict[str, str] = {}
        self.people: dict[str, User | None] = {role: f.user(role) for role in ROLES}
        self.people |= {OWNER: f.user("patron"), ROLELESS: f.user(), NOBODY: None}
        self.patron = f.patron(user=self.people[OWNER])
        f.patron(user=self.people["patron"])
        self.library = f.library()
        self.ills: dict[str, ILLRequest] = {
            "borrowing": f.asked(patron=self.patron, title="Middlemarch"),
            "of another": f.asked(title="Somebody else's wish"),
            "sent": f.ill("borrowing.sent", patron=self.patron),
            "delivered": f.ill("borrowing.delivered", patron=self.patron),
            "delivered to another": f.ill("borrowing.delivered"),
            "lending": f.ill("lending.received"),
            "lending copy": f.ill("lending.finished", service="copy"),
            "documents": f.ill("documents.submitted", patron=self.patron),
        }
        for row in Delivery.objects.all():  # the story plays in March; what can be fetched can be fetched today
            row.until = timezone.now() + timedelta(days=9)
            row.token_hash = secrets.hashed(TOKEN) if row.to == Delivery.LIBRARY else None
            row.save()
        self.files = {
            name: attachments.store(
                self.ills[name].subject, SimpleUploadedFile("scan.pdf", f.pdf()), now=f.NOW,
                by=self.people["supervisor"],
            )
            for name in ("borrowing", "lending")
        }
        stuck = outbox.put("mail", key="stuck", recipient="x@example.org", what="arrived", now=f.NOW,
                           payload={"subject": "s", "body": "b"}, subject=self.ills["borrowing"].subject)
        OutboxMessage.objects.filter(pk=stuck.pk).update(state=OutboxMessage.PARKED)
        self._directory()
        self._lists()
        self._holdings()
        self._copyright()
        self._copyright_records()
        self._copyright_texts()
        self._beyond_the_limit()
        money_core.build(self)
        self.values |= {name: row.number for name, row in self.ills.items()} | {
            "library": self.library.symbol, "token": TOKEN, "branch": f.branch().code, "stuck": str(stuck.pk),
            "person": str(self.people["student"].pk), "file": str(self.files["borrowing"].pk),
            "lending file": str(self.files["lending"].pk),
        }
        money_invoices.build(self)
        money_batches.build(self)
        money_charges.build(self)
        money_payables.build(self)
        money_ifm.build(self)
        self.sign_in()

    def _directory(self) -> None:
        """A library with one of all that it can have several of; an import that waits for its yes."""
        library, by = self.library, self.people["coordinator"]
        LibrarySymbol.objects.create(library=library, agency_type="OCLC", agency_value="HILL", note="x")
        contact = Contact.objects.create(library=library, name="Hugo Hill", email="hugo@hill.example", note="x")
        LibraryAddress.objects.create(library=library, kind=LibraryAddress.KINDS[0][0], line1="1 Hill Street")
        Suspension.objects.create(library=library, first=f.DUE, last=f.DUE, reason="Moving house")
        LibraryPolicy.objects.create(library=library, note="x")
        ConnectionTest.objects.create(library=library, at=f.NOW, by=by, ok=False, said="x")
        group = LibraryGroup.objects.create(name="Hills", note="x")
        group.libraries.add(library)
        draft = DirectoryImport.objects.create(file_name="libraries.csv", made=f.NOW, by=by)
        calendar = Calendar.objects.create(name="Hills", time_zone="UTC")
        day = ClosedDay.objects.create(calendar=calendar, first=f.DUE, last=f.DUE, name="Hill Day")
        OutsideHost.objects.create(host="hill.example", failures=9, failed=f.NOW, failing_since=f.NOW)
        message = outbox.put("iso18626", key="told", recipient="x", partner=library.symbol, what="Loaned", now=f.NOW,
                             payload={"xml": "<a>1</a>"}, subject=self.ills["sent"].subject)
        self.values |= {
            "contact": str(contact.pk), "group": str(group.pk), "import": str(draft.pk), "calendar": str(calendar.pk),
            "closed day": str(day.pk), "message": str(message.pk),
        }

    def _holdings(self) -> None:
        """A package with a title, and a file that waits for its yes with a row left out."""
        package = ElectronicPackage.objects.create(name="Hills", provider="x", url="https://x.example/", generation=1,
                                                   titles=1)
        ElectronicTitle.objects.create(package=package, generation=1, kind="serial", title="Hill", title_key="hill",
                                       line=2)
        load = ElectronicLoad.objects.create(package=package, generation=2, state=ElectronicLoad.HELD, source="x",
                                             started=f.NOW, moved=f.NOW, rows=1, rejected=1, why="x")
        ElectronicProblem.objects.create(load=load, line=3, why="date", about="x", text="x")
        self.values |= {"package": str(package.pk), "load": str(load.pk)}

    def _copyright(self) -> None:
        """Two titles of one name with a link, a use beyond the limit and one freed; a subscription, and a file."""
        by, ill = self.people["coordinator"], self.ills["sent"]
        title, other = (
            CopyrightTitle.objects.create(kind="periodical", name="Hill Letters", name_key="hill letters", made=f.NOW,
                                          publisher="x", publisher_key="x") for _time in range(2)
        )
        for row, issn in ((title, "1050-124X"), (other, "1050-1258")):
            row.numbers.create(kind="issn", key=f"issn:{issn}")
        link = TitleLink.objects.create(title=title, kind="continues", key="issn:1050-1258", by=by, made=f.NOW)
        given = {"year": 2026, "limit": 5, "rules": "x", "asked_on": f.NOW.date(), "made": f.NOW, "number": ill.number,
                 "by": by, "reason": "x", "article": "x", "issue": "x", "published": "x"}
        former = CopyrightUse.objects.create(title=other, place=1, state="freed", freed=f.NOW, freed_why="merged",
                                             **given)
        over = CopyrightUse.objects.create(title=title, state="held", over=True, instead_of=former, ill=ill, **given)
        CopyrightUse.objects.create(title=title, state="outside", ground="royalty", royalty=9, currency="USD", **given)
        CopyrightUse.objects.create(title=other, state="used", place=2, **given)
        load = SubscriptionLoad.objects.create(file_name="x", made=f.NOW, by=by, rows=1, rejected=1,
                                               problems=[[2, "date", "x"]], columns={"name": ["x"], "ignored": ["x"]})
        fields = {"name": "Hill Letters", "name_key": "hill letters", "begins": f.DUE, "supplier": "x", "note": "x",
                  "covers_from": "1998", "embargo": "P1Y"}
        Subscription.objects.create(load=load, line=2, **fields).numbers.create(key="issn:1050-124X")
        mine = Subscription.objects.create(**fields)
        mine.numbers.create(key="issn:1050-124X")
        events.record("copyright.merged", subject=("copyright_title", title.pk), actor=actors.staff(by), now=f.NOW,
                      data={"gone": other.pk, "over": [over.pk]})
        self.values |= {
            "title": str(title.pk), "link": str(link.pk), "over": str(over.pk), "subscription": str(mine.pk),
            "subscription file": str(load.pk), "other title": str(other.pk),
        }

    def _copyright_records(self) -> None:
        """A title with a use, a hold on it, and the record of a year that was deleted."""
        title = CopyrightTitle.objects.create(kind="periodical", name="Hills", name_key="hills", made=f.NOW)
        CopyrightNumber.objects.create(title=title, kind="issn", key="issn:0317-8471")
        CopyrightUse.objects.create(title=title, year=2026, place=1, limit=5, rules="us-contu/1", number="B-2026-99999",
                                    asked_on=f.NOW.date(), article="x", issue="x", published="x", state="held",
                                    made=f.NOW)
        hold = LegalHold.objects.create(title=title, reason="x", by=self.people["coordinator"], made=f.NOW)
        LegalHold.objects.create(first_year=2019, last_year=2019, reason="x", by=self.people["coordinator"],
                                 made=f.NOW, lifted=f.NOW, lifted_by=self.people["coordinator"])
        RecordDeletion.objects.create(year=2020, by=self.people["coordinator"], began=f.NOW, ended=f.NOW, digest="x")
        RecordDeletion.objects.create(year=2021, by=self.people["coordinator"], began=f.NOW)
        RecordPolicy.objects.create(pk=1)
        self.values |= {"copyright title": str(title.pk), "hold": str(hold.pk)}

    def _copyright_texts(self) -> None:
        """A version of the rules that has not begun, a text of our own, a comparison, and a signed declaration."""
        by, day = self.people["administrator"], timezone.localdate() + timedelta(days=300)
        rules = RuleSet.objects.create(code="us-contu", version=2, name="CONTU", valid_from=day, settings={"limit": 4},
                                       follows=0, made=f.NOW, by=by)
        CopyrightText.objects.create(kind="notice", rules="us-contu", language="en", version=1, text="x",
                                     valid_from=f.NOW.date(), made=f.NOW, by=by)
        TextCheck.objects.create(what="warning", version="201.14", wording="specific", made=f.NOW, by=by)
        declarations.accept(self.ills["delivered"], f.signed("us-contu"), actor=actors.staff(by), now=f.NOW)
        self.values |= {"rules": str(rules.pk)}

    def _beyond_the_limit(self) -> None:
        """A fund with a commitment; a royalty in a list with a statement; a note, a wait, a price list, a search."""
        by, day = self.people["coordinator"], f.NOW.date()
        fund = Fund.objects.create(code="ILL-R", name="x", note="x")
        year = FundYear.objects.create(fund=fund, label="2025–26", begins=date(2025, 7, 1), ends=date(2026, 6, 30),
                                       budget=100, committed=38)
        BudgetChange.objects.create(fund_year=year, amount=100, why="x", at=f.NOW, by=by, key="x")
        Commitment.objects.create(fund_year=year, key="x", what="royalty", about="x", amount=38, currency="USD",
                                  over_reason="x", made=f.NOW, by=by)
        title = CopyrightTitle.objects.create(kind="periodical", name="x", name_key="x", made=f.NOW)
        CopyrightNumber.objects.create(title=title, kind="issn", key="issn:0028-0836")
        made = RoyaltyList.objects.create(number="R-2026-001", first=day, last=day, made=f.NOW, by=by, key="x",
                                          reference="x")
        line = Royalty.objects.create(
            ill=self.ills["delivered"], number=self.ills["delivered"].number, title="x", article="x", author="x",
            standard_number="x", title_key="x", published="x", pages="x", year=2026, price=38, currency="USD",
            source="entered", source_on=day, fund="ILL-R", fund_year="x", fund_amount=38, fund_currency="USD",
            commitment="x", state="listed", agreed=f.NOW, by=by, used_on=day, list=made)
        said = StatementLine.objects.create(list=made, row=2, said="x", amount=7, outcome="extra")
        StatementLine.objects.create(list=made, royalty=line, said="x", outcome="missing", settled=f.NOW, settled_by=by)
        note = CollectionNote.objects.create(title=title, year=2026, kind="subscription", numbers=["B-2026-00001"],
                                             text="x", reason="x", made=f.NOW, by=by)
        PlaceWait.objects.create(ill=self.ills["borrowing"], title=title, year=2026, since=f.NOW, next_on=day, by=by)
        prices = PriceList.objects.create(file_name="x", made=f.NOW, by=by, rows=1, problems=[[2, "number", "x"]])
        RoyaltyPrice.objects.create(list=prices, key="issn:0028-0836", title="x", per_copy=38, currency="USD", line=3)
        OverLimitSettings.objects.create(pk=1, url="https://rights.example", key="x", collection_email="x@example.org",
                                         tested=f.NOW, test_words="x")
        RightsQuote.objects.create(number="B-2026-00001", at=f.NOW, words="x", terms="x", licence="x", per="copy")
        FairPriceSearch.objects.create(ill=self.ills["borrowing"], where="x", looked_on=day, result="dear", made=f.NOW,
                                       by=by)
        entry = ledger.post(
            "x", ledger.Transfer(ledger.Where("patron", 17), ledger.Where("charges"), Decimal(5), "charge"),
            day=day, actor=actors.staff(by), now=f.NOW)
        self.values |= {
            "period": str(entry.period_id), "account subject": str(entry.debit.subject),
            "fund": fund.code, "fund year": str(year.pk), "royalty list": made.number, "statement line": str(said.pk),
            "royalty": str(line.pk),
            "collection note": str(note.pk), "price list": str(prices.pk),
        }

    def _lists(self) -> None:
        job = Job.objects.create(
            kind="steps", label="Take up", started_by=self.people["borrowing staff"], started=f.NOW,
            state=Job.FINISHED, ended=f.NOW, total=1,
        )
        JobItem.objects.create(job=job, name=self.ills["borrowing"].number, title="x", state=JobItem.FAILED, words="x")
        ListPreference.objects.create(user=self.people["student"], queue="borrowing.sent", query="")
        self.values |= {"job": str(job.pk)}

    def sign_in(self) -> None:
        self._sessions = {who: _signed_in(user) for who, user in self.people.items() if user is not None}

    def browser(self, who: str, *, checks: bool = False) -> Client:
        """A browser of this person; `checks`: forms need their token, as outside of tests."""
        browser = Client(enforce_csrf_checks=checks)
        if who in self._sessions:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self._sessions[who]
        return browser


def _signed_in(user: User) -> str:
    browser = Client()
    browser.force_login(user, backend="illdesk.accounts.backend.RoleBackend")
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


@contextmanager
def built(blocker, make=World):
    """For a fixture of a module: the world stands in one transaction, which is taken back at the end."""
    with TemporaryDirectory() as folder, blocker.unblock(), override_settings(STORAGES=_in(folder)):
        outermost = transaction.atomic()
        outermost.__enter__()
        try:
            yield make()
        finally:
            transaction.set_rollback(True)
            outermost.__exit__(None, None, None)


@contextmanager
def taken_back():
    """What happens inside did not happen."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes():
    """Statements that change something, except sessions (whose row is nobody's data)."""
    seen = SimpleNamespace(found=[])

    def watch(execute, sql, params, many, context):
        words = sql.split(None, 3)
        if words[0].upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE") and "django_session" not in sql:
            seen.found.append(sql[:160])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def _in(folder: str) -> dict:
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    return settings.STORAGES | {"default": files}
