"""Who has it and whether it is on the shelf, as catalogues say it: into Held rows. Pure.

`opac.py` reads the holdings of Z39.50's OPAC records (also over SRU), `items.py` what stands in MARC fields, by a
table of who writes it where; `words.py` judges the words. Each starts from a `Held` that says whose catalogue it is.
"""

from requests_app.verification.holdings.items import access_of, from_marc
from requests_app.verification.holdings.opac import from_opac

__all__ = ["access_of", "from_marc", "from_opac"]
