"""Work that follows from what happened, in the requests' own rooms."""

from django.conf import settings
from django.db import transaction

from illdesk import events
from illdesk.models import Event


@events.subscribe("request.ask", key="verify")
def verify_soon(event: Event) -> None:
    """Who sends a form waits for nobody: the citation is checked a moment later, or by the clock."""
    if settings.SEND_TASKS:
        from requests_app.tasks import verify_request

        transaction.on_commit(lambda: verify_request.delay(event.subject_id), robust=True)
