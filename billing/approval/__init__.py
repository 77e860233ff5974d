"""Two persons: who entered something in money does not approve it. Rights can be lent for some days, so that nobody's
absence stops a year's end."""
