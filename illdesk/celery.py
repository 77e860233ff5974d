"""The Celery application: workers and beat of one desk. Its times stand in each room's tasks.py."""

import os

from celery import Celery, signals

from illdesk import broker  # noqa: F401 - it makes its transport known

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "illdesk.settings")
app = Celery("illdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_init.connect
@signals.beat_init.connect
def refuse_to_start(**kwargs) -> None:
    """A worker on a real desk is bound by the same conditions as its web process."""
    from django.core.exceptions import ImproperlyConfigured

    from illdesk.checks import refuse_demo_accounts

    try:
        refuse_demo_accounts()
    except ImproperlyConfigured as refusal:
        # Celery logs what a signal's receiver raises and goes on; only an exit stops it.
        raise SystemExit(str(refusal)) from refusal
