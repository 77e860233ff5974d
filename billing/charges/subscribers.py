"""Steps of the lifecycle that say what charges follow. Each runs after the step's commit, once by its event."""

from django.utils import timezone

from billing.charges import actions, declared
from billing.charges.models import Charge
from illdesk import actors, events
from illdesk.actors import Actor
from illdesk.errors import DeskError
from illdesk.models import Event
from requests_app.models import ILLRequest


def _actor(event: Event) -> Actor:
    return actors.staff(event.actor) if event.actor_kind == "staff" and event.actor else actors.SYSTEM


def _ill(event: Event) -> ILLRequest | None:
    """Ours, with a patron; of lending nobody of ours is charged."""
    ill = ILLRequest.objects.select_related("patron", "partner", "citation").filter(pk=event.subject_id).first()
    return ill if ill is not None and ill.patron_id and ill.kind == "borrowing" else None


@events.subscribe("request.report_lost", key="charge_lost")
def lost(event: Event) -> None:
    ill = _ill(event)
    if ill is None or event.data.get("reason") != declared.BY_PATRON:
        return  # between libraries, or here: the library's cost
    try:
        declared.lost(ill, declared.BY_PATRON, actor=_actor(event), now=event.at)
    except DeskError as refusal:  # a search is on, or the rules name no price: staff charge by hand
        events.record("charge.not_made", subject=ill.subject, actor=actors.SYSTEM, now=event.at,
                      data={"why": type(refusal).__name__}, cause=event)


@events.subscribe("request.found_again", key="charge_found")
@events.subscribe("request.check_in", key="charge_returned")
def returned(event: Event) -> None:
    if (ill := _ill(event)) is not None:
        declared.returned_late(ill, returned=timezone.localtime(event.at).date(), actor=_actor(event), now=event.at)


@events.subscribe("request.undo", key="charge_undo")
def undone(event: Event) -> None:
    """The check-in was a mistake: what was charged for it goes, where nobody has paid it."""
    ill = _ill(event)
    if ill is None or event.data.get("to") not in ("borrowing.checked_out", "borrowing.on_hold_shelf"):
        return
    for row in ill.charges.filter(kind=Charge.OVERDUE, reason="late", paid=0).exclude(state=Charge.UNDONE):
        actions.cancel(row, "undone", key=f"event:{event.pk}", actor=_actor(event), now=event.at)
