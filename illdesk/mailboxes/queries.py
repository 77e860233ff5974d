from illdesk.mailboxes.models import Mail


def waiting() -> int:
    """Mail that a person has to look at."""
    return Mail.objects.filter(state__in=[Mail.NEW, Mail.WAITING, Mail.FAILED]).count()
