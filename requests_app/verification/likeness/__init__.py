"""How alike two texts of a citation are, whatever script, language and abbreviation. Pure; any text at all is fine.

`scripts.py` brings texts to one alphabet and one spelling, `sounds.py` has its tables; `numbers.py` reads volumes,
pages, years and editions; `people.py`, `titles.py` and `journals.py` compare what their names say.
"""
