from django.apps import AppConfig


class RequestsConfig(AppConfig):
    name = "requests_app"
    verbose_name = "Requests"

    def ready(self):
        from requests_app import bench, checks, letters, registered  # noqa: F401 - they register themselves
        from requests_app.exchange.iso18626 import outbox  # noqa: F401
