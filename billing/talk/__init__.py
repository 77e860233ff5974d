"""Conversations between the department and Library Planning and Budget about one invoice or batch."""
