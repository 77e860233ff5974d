"""Who is asked, and in which order: who could lend it, what speaks for and against each, the proposed rota.

`rules.py` is the table of rules, `ranking.py` applies them, `names.py` compares symbols: these three are pure.
`candidates.py` and `past.py` read the directory and our own history,
`stored.py` what the library set, `rota.py` puts them together. Staff's order always wins over what is proposed.
"""
