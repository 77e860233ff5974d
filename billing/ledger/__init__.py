"""The books: double entry, one row for each transfer, never edited, reversed at most once, numbered without gaps.

They are kept in the library's own currency; a foreign amount stands beside its transfer with the rate of the day. Only
`actions.post` and `actions.reverse` write entries.
"""
