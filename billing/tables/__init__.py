"""Tables as people send them, whatever program wrote them: opened, cut into rows of cells, their amounts, days and
names read. What the columns of a file mean knows the room that reads it. Pure: no database, no clock, no network."""
