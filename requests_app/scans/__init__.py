"""PDFs of copies: looked at, given notice or cover, stored; before any step of a request takes them.

A stranger's PDF is only ever parsed in a process of its own with little memory and time (child.py).
"""
