from illdesk.models.attachment import Attachment
from illdesk.models.calendar import Calendar, ClosedDay
from illdesk.models.event import Event, Handling
from illdesk.models.job import Job, JobItem
from illdesk.models.letter import Letter
from illdesk.models.library import Branch, Heartbeat, Institution
from illdesk.models.message import InboxMessage, OutboxMessage
from illdesk.models.outside import OutsideHost
from illdesk.models.user import User

from illdesk.mailboxes.models import Mail, Mailbox  # isort: skip - it stands on the others

__all__ = [
    "Attachment",
    "Branch",
    "Calendar",
    "ClosedDay",
    "Event",
    "Handling",
    "Heartbeat",
    "InboxMessage",
    "Institution",
    "Job",
    "JobItem",
    "Letter",
    "Mail",
    "Mailbox",
    "OutboxMessage",
    "OutsideHost",
    "User",
]
