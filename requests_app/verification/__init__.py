"""From what was typed to a citation that another library can act on, and how sure we are.

`records.py` is what all speak of. `identifiers.py` and `references.py` read what people type and paste;
`sources/` asks other systems, one file each behind one Protocol; `matching.py` says how well what was found fits
what was wanted: `likeness/` compares texts, `fields/` the fields of two descriptions, `evidence.py` has what each
agreement is worth, `merging.py` makes one candidate of what several sources say. These are pure: no ORM, no clock;
sources alone use the network. `asking.py` asks all sources side by side, `belonging.py` says which records are what was
wanted, `check.py` draws the conclusion, `stored.py` keeps
what it said.
"""
