"""The university's own billing system, to which charges are handed: Alma, NCIP, a file, or none."""
