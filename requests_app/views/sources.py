"""Settings → Sources: who is asked about a citation, with what, and whether it answers."""

import logging
import time

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, events
from illdesk.errors import AdapterError
from illdesk.http import needs
from illdesk.models import Institution
from illdesk.pages import settings_side
from requests_app.forms.sources import SourceForm
from requests_app.models import SourceSetting
from requests_app.verification import stored
from requests_app.verification.sources import SOURCES, Source
from requests_app.verification.web import Web

log = logging.getLogger(__name__)

TEST_SECONDS = 15.0
# So long at most the page waits until the source may be asked.
TURN_SECONDS = 5.0


@needs("manage_settings")
@require_safe
def sources(request):
    settings_side.show(request)
    rows = {row.code: row for row in SourceSetting.objects.all()}
    shown = [{"source": one, "row": rows.get(code)} for code, one in SOURCES.items()]
    return render(request, "requests_app/sources/list.html", {
        "rows": shown, "on": sum(1 for row in rows.values() if row.on and row.code in SOURCES),
    })


@needs("manage_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def source(request, code: str):
    one, row = _one(code)
    form = SourceForm(request.POST or None, source=one, row=row)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        events.record("source.changed", subject=("source", saved.pk), actor=actors.staff(request.user),
                      now=timezone.now(), data=form.changed())
        if saved.on:
            messages.success(request, _("%(source)s is asked from now on. Test it once.") % {"source": one.label})
        else:
            messages.success(request, _("%(source)s is stored and is not asked.") % {"source": one.label})
        return redirect("settings_source", code=code)
    settings_side.show(request)
    return render(request, "requests_app/sources/source.html", {"source": one, "row": row, "form": form},
                  status=422 if request.method == "POST" else 200)


@needs("manage_settings")
@require_POST
def test(request, code: str):
    """A real question, as soon as it is our turn; what comes back is kept beside the source."""
    one, row = _one(code)
    wait = stored.wait_for_turn(one, most=TURN_SECONDS)
    if wait is None:
        messages.error(request, _("It is asked as often as its operator allows; there was no turn in time."))
        return redirect("settings_source", code=code)
    time.sleep(wait)
    now = timezone.now()
    institution = Institution.objects.filter(pk=1).first() or Institution()
    web = Web(until=time.monotonic() + TEST_SECONDS, agent=stored.agent(institution.email), inside=one.inside,
              gap=one.gap)
    try:
        words, worked = one.test(stored.settings_of(row, institution), web), True
    except AdapterError as failure:
        words, worked = str(failure), False
    except Exception:
        log.exception("source %s could not read an answer to its test", code)
        words, worked = _("Its answer could not be read; the log has the reason."), False
    SourceSetting.objects.update_or_create(
        code=code, defaults={"tested": now, "test_worked": worked, "test_words": words[:1000]}
    )
    stored.remember(web, one, {}, now=now)
    if worked:
        messages.success(request, _("%(source)s answered: %(words)s") % {"source": one.label, "words": words})
    else:
        messages.error(request, _("%(source)s did not answer as it should: %(words)s") % {
            "source": one.label, "words": words})
    return redirect("settings_source", code=code)


def _one(code: str) -> tuple[Source, SourceSetting]:
    if code not in SOURCES:
        raise Http404
    return SOURCES[code], SourceSetting.objects.filter(code=code).first() or SourceSetting(code=code)
