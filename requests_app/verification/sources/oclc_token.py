"""OCLC's tokens: one key and secret buy a token for twenty minutes, for all that the key's scope allows."""

import hashlib
import time
from base64 import b64encode
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from illdesk.errors import AdapterError
from requests_app.verification.sources import Settings
from requests_app.verification.sources.reading import document, number, text
from requests_app.verification.web import Web

TOKENS = "https://oauth.oclc.org/token"
# A token that ends while it is under way is refused.
_SPARE = 30
_FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


def token(settings: Settings, web: Web, *, scope: str, fresh: bool = False) -> str:
    """A bearer token; kept in `web.kept` until shortly before it ends. `fresh`: the kept one was refused.

    Raises AdapterError, permanent when OCLC does not accept key and secret.
    """
    mine = _fingerprint(settings, scope)
    kept, until = web.kept.get("token"), web.kept.get("until")
    good = isinstance(kept, str) and isinstance(until, int | float) and until > time.time()
    if good and not fresh and web.kept.get("for") == mine:
        return str(kept)
    web.kept = {}
    return _bought(settings, web, scope=scope, mine=mine)


def _bought(settings: Settings, web: Web, *, scope: str, mine: str) -> str:
    basic = b64encode(f"{settings.key}:{settings.secret}".encode()).decode()
    said = web.post(
        settings.option("tokens", TOKENS), urlencode({"grant_type": "client_credentials", "scope": scope}).encode(),
        headers={**_FORM, "Authorization": f"Basic {basic}"}, fine=(400, 401, 403),
    )
    if said.status_code != 200:
        raise AdapterError(
            _("OCLC gives no token for this key and secret and the scope “%(scope)s” (%(code)s).")
            % {"scope": scope, "code": said.status_code}, permanent=True,
        )
    data = document(said, "access_token")
    found = text(data, "access_token")
    if not found or not found.isascii() or " " in found:
        raise AdapterError(_("OCLC's token makes no sense."), permanent=False)
    # `expires_in` comes as a number or as a string.
    web.kept = {"token": found, "until": time.time() + number(data, "expires_in") - _SPARE, "for": mine}
    return found


def _fingerprint(settings: Settings, scope: str) -> str:
    """Of what the token was bought with: another key needs another token."""
    parts = (settings.option("tokens", TOKENS), settings.key, settings.secret, scope)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
