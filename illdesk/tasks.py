"""The ground floor's jobs: hand over what was stored, and sweep up what a dead worker left."""

from celery import shared_task
from django.utils import timezone

from illdesk import clock, events, jobs, outbox


@shared_task
def handle_event(event_id: int) -> None:
    events.handle(event_id)


@shared_task
def send_message(pk: int) -> None:
    outbox.send(pk)


@shared_task
def run_clock(name: str) -> None:
    clock.run(name, now=timezone.now())


@shared_task
def go_on_with_job(pk: int) -> None:
    jobs.go_on(pk)
