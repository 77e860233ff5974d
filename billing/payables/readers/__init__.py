"""Files of invoices as libraries send them, read row by row. Pure: no database, no clock, no network."""
