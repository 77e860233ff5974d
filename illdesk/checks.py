"""What a desk for real use must not be: full of demo accounts, or open. Secrets are settings.py's affair.

`manage.py check --deploy --database default` says all of it; the web process refuses demo accounts itself.
"""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections


def demo_accounts(alias: str = "default") -> list[str]:
    """User names of demo accounts that can sign in; none before the first migrate."""
    users, connection = get_user_model(), connections[alias]
    with connection.cursor() as cursor:
        table = users._meta.db_table
        there = table in connection.introspection.table_names(cursor)
        columns = connection.introspection.get_table_description(cursor, table) if there else []
    if "demo" not in {column.name for column in columns}:
        return []
    found = users.objects.using(alias).filter(demo=True, is_active=True)
    return list(found.order_by("username").values_list("username", flat=True)[:3])


def sentence_about(names: list[str]) -> str:
    return (
        f"This database holds demo accounts ({', '.join(names)} …), whose passwords everybody can read. "
        "Use a new database for the library's own desk (DATABASE_URL), or delete those accounts."
    )


def refuse_demo_accounts() -> None:
    """For the start of a web process in production: raises ImproperlyConfigured."""
    if settings.PRODUCTION and (names := demo_accounts()):
        raise ImproperlyConfigured(sentence_about(names))


@register(Tags.database)
def no_demo_accounts(app_configs, databases, **kwargs):
    if not settings.PRODUCTION or "default" not in (databases or []):
        return []
    names = demo_accounts()
    return [Error(sentence_about(names), id="illdesk.E001")] if names else []


@register(Tags.security, deploy=True)
def safe_for_real_use(app_configs, **kwargs):
    if not settings.PRODUCTION:
        mode = settings.MODE
        return [Error(f"ILLDESK_MODE is {mode}; a desk for real use leaves it unset.", id="illdesk.E002")]
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG is on; error pages would show patrons' data.", id="illdesk.E003"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error("ILLDESK_ALLOWED_HOSTS is *; name the hosts of this desk instead.", id="illdesk.E004")
        )
    if not settings.BASE_URL.startswith("https://"):
        found.append(
            Warning(
                "ILLDESK_BASE_URL does not begin with https://, so passwords cross the network readable.",
                id="illdesk.W001",
            )
        )
    if settings.ALLOW_PRIVATE_ADDRESSES:
        found.append(
            Warning(
                "ILLDESK_ALLOW_PRIVATE_ADDRESSES is on: partner addresses may point into your own network.",
                id="illdesk.W002",
            )
        )
    return found
