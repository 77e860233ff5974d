"""Invoices from libraries: entered, matched to our requests, answered line by line, approved by a second person."""
