"""Tokens: made by a person for a program, shown once, kept as a digest, taken back any time."""

import hashlib
import secrets
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from billing.api.models import Token
from illdesk import events
from illdesk.actors import Actor
from illdesk.errors import BadAnswer
from illdesk.models import User

PREFIX = "illdesk_"
MOST = 20


def make(user: User, name: str, *, actor: Actor, now: datetime) -> str:
    """The token itself, which nobody can read again. 256 bits of chance, so a digest without salt is enough."""
    name = name.strip()[:60]
    if not name:
        raise BadAnswer(_("Say what the token is for."), field="name")
    if Token.objects.filter(user=user, revoked=None).count() >= MOST:
        raise BadAnswer(_("You have %(most)s tokens, the most there can be. Take one back first.") % {"most": MOST},
                        field="name")
    token = PREFIX + secrets.token_urlsafe(32)
    row = Token.objects.create(user=user, name=name, digest=digest(token), tail=token[-4:], made=now)
    events.record("token.made", subject=("token", row.pk), actor=actor, now=now)
    return token


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def revoke(row: Token, *, actor: Actor, now: datetime) -> None:
    if Token.objects.filter(pk=row.pk, revoked=None).update(revoked=now):
        events.record("token.revoked", subject=("token", row.pk), actor=actor, now=now)


def user_of(token: str, *, now: datetime) -> User | None:
    """Whose it is, where it is not taken back and its person may sign in; notes the day it was used."""
    row = Token.objects.select_related("user").filter(digest=digest(token), revoked=None, user__is_active=True).first()
    if row is None:
        return None
    today = timezone.localtime(now).date()
    if row.used != today:
        Token.objects.filter(pk=row.pk).update(used=today)
    return row.user
