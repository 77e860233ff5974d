"""Telling the other library: by ISO 18626 where it has an address for that, else by letter.

`tell()` runs inside perform()'s transaction and only writes outbox rows; sending comes after commit.
"""

from requests_app.actions import TELL, Doing
from requests_app.exchange import mail
from requests_app.exchange.iso18626 import outbox as iso18626


def tell(doing: Doing) -> None:
    library = doing.ill.partner
    if library is None:
        return
    if library.endpoint:
        iso18626.tell(doing)
    elif library.email:
        mail.tell(doing)


TELL.append(tell)
