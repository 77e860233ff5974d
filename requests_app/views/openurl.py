"""From any link resolver or database to the patron's form, filled in."""

from functools import partial

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from illdesk import hosts, outside, side_by_side
from illdesk.errors import AdapterError
from illdesk.http import needs, open_page
from illdesk.models import Branch
from requests_app.copyright import texts
from requests_app.exchange.openurl import Wanted, read, senders, with_reference, writing
from requests_app.forms.kinds import FIELDS
from requests_app.forms.new_request import NewRequestForm
from requests_app.views import new_request as pages

MOST = 1024 * 1024  # bytes of a description that lies elsewhere
SECONDS = 5  # for which a patron's page waits for all of it
LONGEST = 2000  # characters of a query: at the sign-in it stands in another address, encoded twice
MOST_REFERENCES = 2
_PARTS = ("article", "newspaper")


@csrf_exempt
@open_page
def openurl(request):
    """Of a POST from elsewhere a browser sends no session along, and it changes nothing here: it becomes a GET."""
    query = request.META.get("QUERY_STRING", "")
    if request.method == "POST":
        said = request.body if request.content_type == "application/x-www-form-urlencoded" else request.POST
        return redirect(f"{reverse('openurl')}?{_short(read(said))}")
    if len(query) > LONGEST:
        return redirect(f"{reverse('openurl')}?{_short(read(query))}")
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    return _filled(request)


def _short(wanted: Wanted) -> str:
    """What is known of the work, without what other programs need; shortened until it is short enough."""
    further = [("url_ctx_ref", one.url) for one in wanted.references[:MOST_REFERENCES] if len(one.url) < 500]
    further += [("svc.pickupLocation", wanted.pickup)]
    record = wanted.record
    query = writing.write(record, sid=wanted.sid, ids=wanted.ids[:3], also=further)
    for lost in ("series", "part_author", "author", "publisher", "part_title", "title"):
        if len(query) > LONGEST:
            record = record.with_(**{lost: getattr(record, lost)[:60]})
            query = writing.write(record, sid=wanted.sid[:60], also=further[:1])
    return query


@needs("ask")
def _filled(request):
    door = pages.of_patron(request.user)
    wanted, failures = _completed(read(request.META.get("QUERY_STRING", "")))
    kind = (wanted.record.kind or "book") if (wanted.record.kind or "book") in FIELDS else "other"
    places = Branch.objects.filter(pickup=True, active=True)
    pickup = places.filter(code=wanted.pickup[:20]).first() if wanted.pickup else None
    today = timezone.localdate()
    form = NewRequestForm(
        kind=kind, pickup=pickup or door.pickup, today=today, texts=texts.on_form(today),
        initial=_initial(wanted, kind),
    )
    return pages.show(request, door, form, came_from=_came_from(wanted), failures=failures)


def _initial(wanted: Wanted, kind: str) -> dict[str, str]:
    """What this kind has no field for is kept beside them (NewRequestForm.CARRIED) or said in the note."""
    values = wanted.record.filled()
    if kind in _PARTS:
        values = {name: value for name, value in values.items() if name not in ("publisher", "place", "edition")}
    if wanted.ids:
        values["note"] = _("The link also says: %(what)s") % {"what": "; ".join(wanted.ids)}
    return values


def _came_from(wanted: Wanted) -> str:
    if not wanted.record.filled():
        return _("The link that led here says nothing about what you were looking at. Please fill in the form.")
    source = senders.name(wanted.sid)
    if not source:
        return _("Filled in from the link that led here. Look it over before you send it.")
    return _("Filled in from a link in %(source)s. Look it over before you send it.") % {"source": source}


def _completed(wanted: Wanted) -> tuple[Wanted, list[str]]:
    """What lies elsewhere is fetched, if it is a description that we can read; what failed, in sentences."""
    readable = [one for one in wanted.references[:MOST_REFERENCES]
                if not one.format or one.format.startswith("info:ofi/")]
    calls = [partial(outside.fetch, one.url, most=MOST, timeout=SECONDS) for one in readable]
    failures = []
    for one, answer in zip(readable, side_by_side.answers(calls, seconds=SECONDS), strict=True):
        if isinstance(answer, outside.Answer) and answer.status_code == 200:
            wanted = with_reference(wanted, answer.content)
            continue
        why = answer if isinstance(answer, AdapterError) else f"{answer.status_code} {answer.reason}"
        failures.append(
            _("A part of the description lies at %(host)s and could not be read. %(why)s")
            % {"host": hosts.of(one.url) or one.url[:100], "why": why}
        )
    return wanted, failures
