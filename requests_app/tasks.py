"""Work of the requests' rooms that takes longer than a page may."""

from celery import shared_task
from django.utils import timezone

from requests_app.directory import store
from requests_app.holdings import loads
from requests_app.verification import verify


@shared_task
def store_import(pk: int) -> None:
    store.go_on(pk, now=timezone.now())


@shared_task
def verify_request(pk: int) -> None:
    verify.verify_one(pk, now=timezone.now())


@shared_task
def load_holdings(pk: int) -> None:
    loads.go_on(pk)
