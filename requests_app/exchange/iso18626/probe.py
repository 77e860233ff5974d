"""The Test button: a status request about an id that cannot exist.

A system that knows us answers "not found"; one that does not says that instead. Nothing changes there.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from illdesk import outside
from illdesk.errors import AdapterError
from illdesk.models import Institution
from requests_app.exchange.iso18626 import codes
from requests_app.exchange.iso18626 import messages as m
from requests_app.exchange.iso18626.xml import Unreadable, read, write
from requests_app.models import Library


def ask(library: Library, *, now: datetime) -> str:
    """One sentence on what the other system answered. Raises AdapterError with what is wrong."""
    if not library.endpoint:
        raise AdapterError(_("This library has no ISO 18626 address."), permanent=True)
    institution = Institution.objects.get(pk=1)
    message = m.RequestingAgencyMessage(
        header=m.Header(
            supplying_agency_id=m.AgencyId(library.agency_type, library.agency_value),
            requesting_agency_id=m.AgencyId(institution.agency_type, institution.agency_value),
            timestamp=now,
            requesting_agency_request_id=f"test-{now:%Y%m%d%H%M%S}",
            requesting_agency_authentication=m.RequestingAgencyAuthentication(security_code=library.secret_sent)
            if library.secret_in_message else None,
        ),
        action=codes.Action.STATUS_REQUEST,
    )
    headers = {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml"}
    if library.secret_sent and not library.secret_in_message:
        headers["Authorization"] = f"Bearer {library.secret_sent}"
    response = outside.post(library.endpoint, body=write(message), headers=headers, timeout=10, though_down=True)
    if response.status_code == 401:
        raise AdapterError(_("It knows us, but not our secret (401). Agree on a new one."), permanent=True)
    if response.status_code != 200:
        raise AdapterError(_("It answered %(code)s.") % {"code": response.status_code}, permanent=True)
    try:
        confirmation = read(response.content).message
    except Unreadable as failure:
        raise AdapterError(
            _("Something answers there, but not with ISO 18626: %(why)s") % {"why": failure}, permanent=True
        ) from failure
    error = getattr(confirmation, "error_data", None)
    said = error.error_value if error else ""
    if "agency not found" in said:
        raise AdapterError(_("It answers, but does not know us: %(said)s") % {"said": said}, permanent=True)
    return _("It answers as it should, and knows us.")
