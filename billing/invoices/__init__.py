"""What libraries owe us: invoices made by runs, verified line by line, approved by a second person, paid, reminded,
disputed, credited. After sending nothing is edited; a credit note takes back what was wrong."""
