"""What this app tells the ground floor: places, cards, files, links, demo data."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk import registry
from illdesk.pages import settings_side
from illdesk.pages.frame import address
from requests_app import (
    access,
    account,
    bulk,  # noqa: F401 - jobs know it from here on
    home_cards,
    lifecycle,
    outside_systems,
    queries,
    subscribers,  # noqa: F401 - who asks is checked a moment later
    sweeps,  # noqa: F401 - the clock knows them from here on
)
from requests_app.actions import (  # noqa: F401 - steps register themselves
    beside,
    borrowing,
    citations,
    conditions,
    copies,
    copyright,
    dates,
    declarations,
    documents,
    lending,
    lost,
    rota,
    single_copies,
    undo,
)
from requests_app.copyright import (  # noqa: F401 - places are taken, royalties owed, jobs known from here on
    deletions,
    report_files,
    royalty_steps,
    steps,
    supply,
)
from requests_app.demo import checks, libraries, people, story
from requests_app.directory import store  # noqa: F401 - the clock goes on with abandoned imports
from requests_app.exchange import channel, fetch  # noqa: F401 - partners are told, files fetched from here on
from requests_app.exchange.iso18626 import inbox  # noqa: F401 - parked messages are handled from here on
from requests_app.holdings import nightly  # noqa: F401 - the clock reloads packages from here on
from requests_app.models import ILLRequest
from requests_app.verification.sources import known  # noqa: F401 - sources register themselves


def _place(kind: str):
    def place(request):
        if not access.sees_kind(request.user, kind):
            return None
        counts = request_counts(request)
        mine = [code for code in lifecycle.open_states(kind) if lifecycle.STATES[code].family in ("ours", "decision")]
        if not lifecycle.open_states(kind):
            return None
        return registry.Place(
            lifecycle.KINDS[kind], address("kind", f"/{kind}/", kind), sum(counts.get(code, 0) for code in mine),
            getattr(request, "place", "") == kind,
        )

    return place


def request_counts(request) -> dict[str, int]:
    """All open states' counts, asked once per web request: top bar and queues column share them."""
    if not hasattr(request, "ill_counts"):
        request.ill_counts = queries.counts()
    return request.ill_counts


for _kind in lifecycle.KINDS:
    registry.PLACES.append(_place(_kind))

registry.HOME_CARDS.append(home_cards.look_card)
for _kind in lifecycle.KINDS:
    registry.HOME_CARDS.append(home_cards.work_card(_kind, request_counts))
registry.HOME_CARDS.append(home_cards.records_card)
registry.ACCOUNT_PARTS.append(account.part)


def _libraries(request):
    if not request.user.may("see_libraries"):
        return None
    return registry.Place(
        _("Libraries"), reverse("libraries"), current=getattr(request, "place", "") == "libraries", more=True,
        icon="building",
    )


registry.PLACES.append(_libraries)


def _copyright(request):
    from requests_app.views.copyright import side  # faces are loaded with the addresses, not at the start

    return side.place(request)


registry.PLACES.append(_copyright)
settings_side.entry("manage_libraries", gettext_lazy("Partner libraries"), "libraries", "arrow-left-right")
settings_side.entry("manage_settings", gettext_lazy("Loan policy"), "policy", "clock")
settings_side.entry("manage_settings", gettext_lazy("Sources"), "settings_sources", "search")
settings_side.entry("manage_settings", gettext_lazy("Choosing lenders"), "lender_rules", "list")
settings_side.entry("manage_copyright", gettext_lazy("Copyright rules"), "copyright_rules", "c-circle")
settings_side.entry("manage_settings", gettext_lazy("Electronic holdings"), "holdings", "journals")
settings_side.entry("manage_copyright", gettext_lazy("Royalty prices"), "royalty_prices", "c-circle")


def _lifecycle_help(request):
    from requests_app.views import lifecycle_page  # faces are loaded with the addresses, not at the start

    return lifecycle_page.place(request)


registry.HELP.append(_lifecycle_help)
registry.MAY_FETCH["request"] = access.may_fetch_files
registry.MAY_FETCH[report_files.SUBJECT] = lambda user, year: user.may("see_copyright")


def _links(pks) -> dict[int, tuple[str, str]]:
    return {
        pk: (number, address("request", f"/requests/{number}/", number))
        for pk, number in ILLRequest.objects.filter(pk__in=list(pks)).values_list("pk", "number")
    }


registry.SUBJECT_LINKS["request"] = _links
registry.OUTSIDE_SYSTEMS.append(outside_systems.partners)

registry.DEMO_DATA += [libraries.load, people.load, story.load, checks.load]
