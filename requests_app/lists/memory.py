"""A list opens as a person left it, until that person goes back to the house's view."""

from requests_app.lists.queues import Queue
from requests_app.models import ListPreference

LONGEST = 2000


def remembered(user, queue: Queue) -> str:
    row = ListPreference.objects.filter(user=user, queue=queue.name).values_list("query", flat=True).first()
    return row or ""


def remember(user, queue: Queue, query: str) -> None:
    """Nothing arranged is nothing to remember."""
    if not query:
        forget(user, queue)
    elif len(query) <= LONGEST:
        ListPreference.objects.update_or_create(user=user, queue=queue.name, defaults={"query": query})


def forget(user, queue: Queue) -> None:
    ListPreference.objects.filter(user=user, queue=queue.name).delete()
