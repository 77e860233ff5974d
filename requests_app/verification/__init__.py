"""From what was typed to a citation that another library can act on, and how sure we are.

`records.py` is what all speak of. `identifiers.py` and `references.py` read what people type and paste;
`sources/` asks other systems, one file each behind one Protocol; `matching.py` says how well what was found fits
what was wanted. These are pure: no ORM, no clock; sources alone use the network. `check.py` asks all sources side by
side and draws the conclusion, `stored.py` keeps what it said.
"""
