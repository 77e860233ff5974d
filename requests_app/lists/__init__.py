"""Lists that people work in all day: what stands in them, in which order, in which columns.

`queues.py` says what a list holds, `columns.py` what can be shown and ordered by, `filters.py` what can be
left out, `paging.py` how one turns its pages, `arrangement.py` reads all of it from an address and writes it
back, `memory.py` keeps it for the person who works there.
"""
