"""The demo's partner libraries: the other demo desk, and twelve that exist nowhere."""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets as random_secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings

from illdesk import demo, secrets
from requests_app.demo import directory
from requests_app.models import Library

# symbol | name | street | town | region | postal code | country | how messages crossed in the demo's past
# (iso: ISO 18626, mail: letters) | note for colleagues
_TABLE = """
KSC|Kestrel State College|210 Prairie Avenue|Kestrel|NE|68899|US|iso|
NMU|North Mesa University|77 Canyon Drive|North Mesa|NM|87599|US|iso|Lends films only to other film programs.
HOL|Holloway College|3 Chapel Street|Holloway|VT|05699|US|iso|
ARB|Arbor Technical Institute|1500 Foundry Road|Arbor|MI|48199|US|iso|
SVC|Saint Verena College|9 Cloister Way|Saint Verena|MN|56399|US|iso|Closed between Christmas and Epiphany.
OGW|Ogeechee Wesleyan University|640 Live Oak Boulevard|Ogeechee|GA|31399|US|iso|
FVL|Falls Valley Library Cooperative|28 Millrace Lane|Falls Valley|WI|54999|US|iso|
TWM|Tidewater Maritime Museum Library|1 Customs Quay|Norfolk|VA|23599|US|mail|Rare books for use in the library only.
CAR|University of the Carse|Old College Wynd|Carse||KY99 1AA|GB|mail|Sends by air; allow three weeks.
LIN|Landesbibliothek am Wehr|Wehrgasse 4|Linz||4099|AT|mail|Antwortet auf Deutsch.
PUN|Biblioteca Universitaria de la Puna|Jirón Totora 310|Puno||21999|PE|mail|
MWA|Mizube Prefectural Library|2-1 Mizube|Osaka||599-9999|JP|mail|Suspended while the stacks are moved.
"""


def load(now: datetime) -> None:
    for row in _TABLE.strip().splitlines():
        symbol, name, street, town, region, postal_code, country, by, note = row.split("|")
        if by == "iso":
            note = f"{note} {MOVING}".strip()
        Library.objects.get_or_create(
            symbol=symbol,
            defaults={
                "name": name, "line1": street, "line2": "Interlibrary Loan", "locality": town, "region": region,
                "postal_code": postal_code, "country": country, "email": f"ill@{symbol.lower()}.example",
                "agency_value": f"{country}-{symbol}" if by == "iso" else "", "note": note,
                "answer_days_loan": _ANSWER_DAYS.get(symbol), "answer_days_copy": _ANSWER_DAYS.get(symbol),
            },
        )
    _other_desk()
    directory.load(now)


# These libraries spoke ISO 18626 in the demo's past. They have no address today, so that nothing which is
# tried out in the demo waits for a server that does not exist: it goes by mail, into the demo's mailbox.
MOVING = "Its ILL system is being replaced: until the new one has an address, messages go by e-mail."


def with_messages() -> list[Library]:
    """The invented libraries whose past dialogues are ISO 18626 messages."""
    return list(_invented().exclude(agency_value="").order_by("pk"))


def by_mail() -> list[Library]:
    return list(_invented().filter(agency_value="", suspensions=None).order_by("pk"))


def _invented():
    return Library.objects.filter(symbol__in=[row.split("|")[0] for row in _TABLE.strip().splitlines()])


# Who answers by mail, from afar or by air, has more days for it than our policy's four.
_ANSWER_DAYS = {"TWM": 14, "CAR": 21, "LIN": 14, "PUN": 21}


def past_files(library: Library) -> str:
    """Where its scans could be fetched."""
    return f"https://ill.{library.symbol.lower()}.example/files"


def past_address(library: Library) -> str:
    return f"https://ill.{library.symbol.lower()}.example/iso18626"


def _other_desk() -> None:
    """Each desk is the other's partner. Address and secrets follow what the two desks are started with."""
    us, other = demo.own(), demo.peer()
    key = _shared_key()
    library, _created = Library.objects.get_or_create(
        symbol=other.symbol,
        defaults={
            "name": other.name, "agency_value": other.agency_value, "email": other.email, "phone": other.phone,
            "line1": other.line1, "locality": other.locality, "region": other.region,
            "postal_code": other.postal_code,
        },
    )
    now_right = {
        "endpoint": f"{settings.PEER_URL}/iso18626" if settings.PEER_URL else "",
        "secret_sent": _secret(key, us.symbol, other.symbol),
        "secret_expected": secrets.hashed(_secret(key, other.symbol, us.symbol)),
    }
    if any(getattr(library, name) != value for name, value in now_right.items()):
        for name, value in now_right.items():
            setattr(library, name, value)
        library.save(update_fields=list(now_right))


def _secret(key: bytes, sender: str, receiver: str) -> str:
    """What `sender` shows to `receiver`: both desks work it out from the key they share."""
    mac = hmac.new(key, f"{sender} to {receiver}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def _shared_key() -> bytes:
    """The key in the folder above both desks', made by whichever desk comes first, for the owner alone."""
    file = Path(settings.VAR).parent / "demo-key"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
            opened.write(random_secrets.token_urlsafe(48))
        # A link appears whole or not at all: the other desk, loading at this moment, never reads half a key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return file.read_bytes()
