"""What an administrator does with people: add, give roles, close an account. Each is one event."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from illdesk import actors, events
from illdesk.accounts.roles import ROLES
from illdesk.errors import BadAnswer, Stale
from illdesk.models import User

ADMINISTRATOR = "administrator"


def found(text: str) -> QuerySet[User]:
    """People whose name, address or card number holds every word; all when no word is given."""
    people = User.objects.prefetch_related("groups").order_by("last_name", "first_name", "username")
    for word in text.split()[:5]:
        people = people.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
            | Q(username__icontains=word)
        )
    return people


def seen(person: User) -> str:
    """What the form showed, so that a second administrator's change is noticed."""
    roles = ",".join(sorted(person.groups.values_list("name", flat=True)))
    return f"{roles};{person.is_active:d}"


def add(person: User, *, roles: list[str], by: User, now: datetime) -> None:
    """Store somebody new, who has no password until they choose one."""
    person.set_unusable_password()
    person.save()
    person.groups.set(Group.objects.filter(name__in=_known(roles)))
    events.record(
        "person.added", subject=("person", person.pk), actor=actors.staff(by), now=now, data={"roles": sorted(roles)}
    )


def change(person: User, *, roles: list[str], active: bool, as_seen: str, by: User, now: datetime) -> None:
    """Give and take roles, open or close the account. Raises BadAnswer or Stale; then nothing changed."""
    with transaction.atomic():
        # Two administrators who take the role from each other at the same moment meet here.
        list(Group.objects.select_for_update().filter(name=ADMINISTRATOR))
        person = User.objects.get(pk=person.pk)
        if seen(person) != as_seen:
            raise Stale(_("Somebody changed this person while you were looking. Your ticks are kept; compare them."))
        before, after = set(person.groups.values_list("name", flat=True)), _known(roles)
        if ADMINISTRATOR in before and person.is_active and not (ADMINISTRATOR in after and active):
            _refuse_to_lose_administrator(person, by)
        actor = actors.staff(by)
        if before & set(ROLES) != after:
            person.groups.set(Group.objects.filter(name__in=after))
            events.record(
                "person.roles", subject=("person", person.pk), actor=actor, now=now,
                data={"given": sorted(after - before), "taken": sorted(before - after)},
            )
        if person.is_active != active:
            if not active and person.pk == by.pk:
                raise BadAnswer(_("You cannot close your own account. Ask another administrator."), field="is_active")
            person.is_active = active
            person.save(update_fields=["is_active"])
            name = "person.opened" if active else "person.closed"
            events.record(name, subject=("person", person.pk), actor=actor, now=now)


def _refuse_to_lose_administrator(person: User, by: User) -> None:
    if person.pk == by.pk:
        raise BadAnswer(
            _("You cannot take the role Administrator from yourself. Ask another administrator."), field="roles"
        )
    others = User.objects.filter(groups__name=ADMINISTRATOR, is_active=True).exclude(pk=person.pk)
    if not others.exists():
        raise BadAnswer(
            _("This is the last administrator; nobody could give roles any more. Make another one first."),
            field="roles",
        )


def _known(roles) -> set[str]:
    return set(roles) & set(ROLES)
