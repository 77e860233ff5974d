"""What appeals tell the others: who may fetch their files, where their letters lead."""

from billing.appeals import letters  # noqa: F401 - letters register themselves
from billing.appeals.models import Appeal
from billing.appeals.views import may_fetch
from illdesk import registry


def _links(pks) -> dict[int, tuple[str, str]]:
    rows = Appeal.objects.filter(pk__in=list(pks)).select_related("charge")
    return {row.pk: (row.charge.number, row.get_absolute_url()) for row in rows}


registry.MAY_FETCH["appeal"] = may_fetch
registry.SUBJECT_LINKS["appeal"] = _links
