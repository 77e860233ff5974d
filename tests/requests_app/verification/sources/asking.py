"""How tests ask a source: with a clock that runs, as the check does."""

import time

from requests_app.verification.sources import Settings
from requests_app.verification.web import Web


def web(*, seconds: float = 8, inside: bool = True, **more) -> Web:
    return Web(until=time.monotonic() + seconds, agent="ILL Desk (tests)", inside=inside, **more)


def at(url: str, **options: str) -> Settings:
    return Settings(url=url, symbol="OUR", options=options)
