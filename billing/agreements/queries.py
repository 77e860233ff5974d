"""What was agreed, as it holds on a day; requests as an agreement looks at them; what they would cost."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils import timezone

from billing.agreements.charge import Explained, Facts, Terms, charge
from billing.agreements.models import Agreement, AgreementVersion, Term
from illdesk.models import Institution
from requests_app.copyright.per_request import pages_of
from requests_app.models import ILLRequest, Library

_COPIED = ("direction", "service", "network", "patron_status", "reciprocal", "threshold", "flat", "per_page",
           "from_page", "rush", "international", "minimum", "maximum", "currency", "pay_way")


class Agreed:
    """Everything that is in use, read once (a few queries), for asking often."""

    def __init__(self):
        self.home = Institution.objects.filter(pk=1).values_list("country", flat=True).first() or "US"
        self.versions: dict[int, list[AgreementVersion]] = {}
        self.agreements = list(Agreement.objects.filter(active=True).prefetch_related("group__libraries"))
        rows = AgreementVersion.objects.filter(agreement__active=True).select_related("agreement").prefetch_related(
            "terms").order_by("-begins", "-number")
        for row in rows:
            self.versions.setdefault(row.agreement_id, []).append(row)

    def terms(self, library: int | None, day: date) -> list[Terms]:
        """Of the newest version on that day of each agreement which the library has to do with."""
        found = []
        for agreement in self.agreements:
            if not self._with(agreement, library):
                continue
            version = next((one for one in self.versions.get(agreement.pk, ()) if one.begins <= day), None)
            if version is not None:
                found += [as_terms(term, version, agreement) for term in version.terms.all()]
        return found

    def _with(self, agreement: Agreement, library: int | None) -> bool:
        if agreement.library_id is not None:
            return agreement.library_id == library
        if agreement.group is not None:
            return any(one.pk == library for one in agreement.group.libraries.all())
        return True


def as_terms(term: Term, version: AgreementVersion, agreement: Agreement) -> Terms:
    return Terms(version=version.pk, agreement=agreement.name, begins=version.begins, number=version.number,
                 scope=agreement.scope, **{name: getattr(term, name) for name in _COPIED})


def facts_of(
    ill: ILLRequest, *, direction: str = "", day: date | None = None, rush: bool = False, earlier: int = 0,
    home: str = "",
) -> Facts:
    """`direction`: '' takes the side of the request. The pages are those of the citation; of a scan that was delivered,
    its own. `home`: our country, where it is known already."""
    kind = {"lending": "lending", "borrowing": "borrowing"}.get(ill.kind, "patron")
    delivered = max((row.pages for row in ill.deliveries.all()), default=0) if ill.service == "copy" else 0
    return Facts(
        day=day or timezone.localtime(ill.created).date(), direction=direction or kind,
        service="document" if ill.kind == "documents" else ill.service,
        pages=delivered or pages_of(ill.citation.pages), rush=rush, international=is_abroad(ill.partner, home),
        network=next((row.system for row in ill.references.all() if row.system in dict(Term.NETWORKS)), ""),
        patron_status=ill.patron.status if ill.patron else "", earlier=earlier,
    )


def is_abroad(library: Library | None, home: str = "") -> bool:
    home = home or Institution.objects.filter(pk=1).values_list("country", flat=True).first() or "US"
    return library is not None and bool(library.country) and library.country != home


def explain(
    ill: ILLRequest, *, direction: str = "", day: date | None = None, rush: bool = False, earlier: int = 0,
    agreed: Agreed | None = None,
) -> Explained:
    """What a request costs by the agreements of a day, line by line."""
    agreed = agreed or Agreed()
    facts = facts_of(ill, direction=direction, day=day, rush=rush, earlier=earlier, home=agreed.home)
    return charge(facts, agreed.terms(ill.partner_id, facts.day))


def explain_for_patron(
    *, status: str, service: str, day: date, pages: int = 0, rush: bool = False, library: int | None = None,
    international: bool = False, earlier: int = 0,
) -> Explained:
    """A patron's own share of a request, and what rush costs: by terms of the direction "patron". `service`: "loan",
    "copy" or "document". Without a version in the answer nothing is agreed, and nothing is charged."""
    facts = Facts(day=day, direction=Term.PATRON, service=service, pages=pages, rush=rush, patron_status=status,
                  international=international, earlier=earlier)
    return charge(facts, Agreed().terms(library, day))


def version_on(agreement: Agreement, day: date) -> AgreementVersion | None:
    return agreement.versions.filter(begins__lte=day).order_by("-begins", "-number").first()


def listed() -> list[Agreement]:
    return list(Agreement.objects.select_related("library", "group").prefetch_related("versions__terms"))


def requests_like(text: str, most: int = 20) -> list[ILLRequest]:
    """For the trial: by number, or the newest of a library by its symbol; the newest of all without words."""
    found = ILLRequest.objects.select_related("partner", "patron", "citation").prefetch_related(
        "deliveries", "references").exclude(kind="documents", partner=None).order_by("-pk")
    text = text.strip()
    if text:
        found = found.filter(Q(number__iexact=text) | Q(partner__symbol__iexact=text))
    else:
        found = found.filter(partner__isnull=False)
    return list(found[:most])


def of_library(library: Library) -> Iterable[Agreement]:
    return Agreement.objects.filter(active=True).filter(
        Q(library=library) | Q(group__libraries=library) | Q(library=None, group=None)).distinct()
