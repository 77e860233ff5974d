"""What a test has done in a process of a desk's own, to be killed in it: `python -m tests.walks.deeds NAME …`.

The last line it prints is its answer, as JSON.
"""

import json
import sys

import django


def ready(count: str) -> list[str]:
    """Requests of a patron that only have to be sent to the other desk; their numbers."""
    from requests_app.actions import intake, perform

    patron, now = _patron(), _now()
    numbers = []
    for turn in range(int(count)):
        citation = {"title": f"What a crash may lose, volume {turn}", "author": "Kill, Sig", "kind": "book"}
        ill = intake.ask(
            patron=patron, citation=citation, typed={}, actor=_actors().patron(patron.user), now=now
        )
        perform(ill, "review", actor=_actors().SYSTEM, now=now)
        perform(ill, "choose_lenders", actor=_actors().SYSTEM, now=now, libraries=[_other()])
        numbers.append(ill.number)
    return numbers


def send(*numbers: str) -> None:
    """Take the step: the message is stored with it."""
    from requests_app.actions import perform
    from requests_app.models import ILLRequest

    for number in numbers:
        ill = ILLRequest.objects.select_related("partner", "patron", "citation").get(number=number)
        perform(ill, "send", actor=_actors().SYSTEM)


def deliver(number: str) -> bool:
    """The worker's task for this request's newest message."""
    from illdesk import outbox
    from illdesk.models import OutboxMessage
    from requests_app.models import ILLRequest

    pk = ILLRequest.objects.get(number=number).pk
    row = OutboxMessage.objects.filter(channel="iso18626", subject_kind="request", subject_id=pk).latest("id")
    OutboxMessage.objects.filter(pk=row.pk, state="waiting").update(next_try=_now())
    return outbox.send(row.pk)


def write_letter(address: str) -> None:
    """A letter is stored, and handed to the mail server."""
    from illdesk import outbox

    row = outbox.put(
        "mail", key=f"crash:{address}", recipient=address, what="crash", now=_now(),
        payload={"subject": "What a crash may lose", "body": "One letter, once."},
    )
    outbox.send(row.pk)


def partner(symbol: str, secret: str) -> str:
    """A library that may send requests here with this secret; the name of ours."""
    from illdesk import secrets
    from illdesk.models import Institution
    from requests_app.models import Library

    Library.objects.update_or_create(
        symbol=symbol,
        defaults={"name": symbol, "agency_value": f"US-{symbol}", "secret_expected": secrets.hashed(secret)},
    )
    return Institution.objects.get(pk=1).agency_value


def ours(*numbers: str) -> dict:
    """How each of our requests stands, with its messages."""
    from illdesk.models import Event, OutboxMessage
    from requests_app.models import ILLRequest

    found = {}
    for number in numbers:
        ill = ILLRequest.objects.get(number=number)
        about = {"subject_kind": "request", "subject_id": ill.pk}
        rows = OutboxMessage.objects.filter(channel="iso18626", **about).order_by("id")
        found[number] = {
            "state": ill.state,
            "sent": Event.objects.filter(name="request.send", **about).count(),
            "messages": [{"state": row.state, "attempts": row.attempts, "error": row.last_error} for row in rows],
        }
    return found


def theirs(*numbers: str) -> dict:
    """What the other desk has of each: requests, events, messages and how often those came again."""
    from illdesk.models import Event, InboxMessage
    from requests_app.models import Dialogue

    found = {}
    for number in numbers:
        pks = list(Dialogue.objects.filter(role="supplier", request_id=f"{number}-1").values_list("ill_id", flat=True))
        stored = InboxMessage.objects.filter(body__contains=f">{number}-1<")
        found[number] = {
            "requests": len(pks),
            "events": Event.objects.filter(name="request.arrive", subject_kind="request", subject_id__in=pks).count(),
            "messages": stored.count(),
            "repeats": sum(stored.values_list("repeats", flat=True)),
            "stuck": stored.filter(state="parked").count(),
        }
    return found


def left() -> int:
    """How many messages and letters have left."""
    from illdesk.models import OutboxMessage

    return OutboxMessage.objects.filter(state="sent").count()


def letters(address: str) -> list:
    from illdesk.models import OutboxMessage

    return list(OutboxMessage.objects.filter(recipient=address).values_list("state", flat=True))


def arrived(batch: str) -> dict:
    """Of a sender's messages: ids of requests, of messages, and how many of each there are."""
    from illdesk.models import Event, InboxMessage
    from requests_app.models import Dialogue, ILLRequest

    dialogues = Dialogue.objects.filter(request_id__startswith=f"{batch}-")
    pks = list(dialogues.values_list("ill_id", flat=True))
    messages = InboxMessage.objects.filter(subject_kind="request", subject_id__in=pks, what="Request")
    return {
        "ids": sorted(dialogues.values_list("request_id", flat=True)),
        "requests": len(set(pks)),
        "numbers": ILLRequest.objects.filter(pk__in=pks).values("number").distinct().count(),
        "events": Event.objects.filter(name="request.arrive", subject_kind="request", subject_id__in=pks).count(),
        "messages": messages.count(),
        "stuck": InboxMessage.objects.filter(state="parked").count(),
    }


def beats() -> dict:
    """When each task of the clock last ran, in seconds since 1970; what still waits to leave."""
    from illdesk.models import Heartbeat, OutboxMessage

    waiting = OutboxMessage.objects.filter(state__in=["waiting", "sending"], channel="iso18626")
    return {"clock": {row.name: row.at.timestamp() for row in Heartbeat.objects.all()}, "waiting": waiting.count()}


def _actors():
    from illdesk import actors

    return actors


def _now():
    from django.utils import timezone

    return timezone.now()


def _patron():
    from requests_app.models import Patron

    return Patron.objects.filter(user__isnull=False, email__gt="").order_by("pk")[0]


def _other():
    from illdesk import demo
    from requests_app.models import Library

    return Library.objects.get(symbol=demo.peer().symbol)


if __name__ == "__main__":
    django.setup()
    answer = globals()[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(answer))
