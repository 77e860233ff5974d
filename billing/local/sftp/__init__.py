"""Charges in files, laid on the billing office's SFTP server, and its acknowledgements fetched from there."""
