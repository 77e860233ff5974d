"""The Celery application: workers and beat of one desk. Its times stand in each room's tasks.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "illdesk.settings")
app = Celery("illdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
