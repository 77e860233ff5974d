"""Who works on a request now, for the heads of all pages that show one."""

from django import template
from django.utils import timezone

from illdesk.models import User
from requests_app import claims
from requests_app.models import ILLRequest

register = template.Library()


@register.simple_tag
def holder_of(ill: ILLRequest) -> User | None:
    return claims.holder(ill, timezone.now())
