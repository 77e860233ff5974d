"""The demo's ground floor: the two libraries, their branches and the people who sign in.

Everything here is made when it is missing and left alone when it is there, so a second run changes nothing.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from illdesk.models import Branch, Institution, User


@dataclass(frozen=True)
class DemoLibrary:
    """One of the two demo libraries. `people`: user name → given name, family name."""

    name: str
    symbol: str
    domain: str
    line1: str
    locality: str
    region: str
    postal_code: str
    phone: str
    hours: str
    branches: tuple[tuple[str, str], ...]
    people: dict[str, tuple[str, str]]

    @property
    def agency_value(self) -> str:
        return f"US-{self.symbol}"

    @property
    def email(self) -> str:
        return f"ill@{self.domain}"


# example is reserved for examples (RFC 2606): none of these addresses can ever reach anybody.
LIBRARIES = {
    "a": DemoLibrary(
        name="Aldermere University Library", symbol="ALD", domain="aldermere.example",
        line1="1 Library Walk", locality="Aldermere", region="MA", postal_code="01099",
        phone="+1 413 555 0142", hours="Monday to Friday 8:00–18:00",
        branches=(("main", "Main desk"), ("science", "Science Library"), ("music", "Music Library")),
        people={
            "patron": ("Rosa", "Gómez Villaseñor"), "profesor": ("Joaquín", "Villaseñor Ibarra"),
            "borrowing": ("Amelia", "Stafford"), "lending": ("Piotr", "Wiśniewski"),
            "student": ("Thanh", "Nguyễn"), "desk": ("Chidi", "Okafor"),
            "coordinator": ("Hannah", "Begay"), "supervisor": ("Daniel", "Abernathy"),
            "budget": ("Ingrid", "Lindqvist"), "admin": ("Yusuf", "Demir"),
        },
    ),
    "b": DemoLibrary(
        name="Delta Bay University Library", symbol="DBU", domain="deltabay.example",
        line1="400 Harbor Road", locality="Delta Bay", region="OR", postal_code="97199",
        phone="+1 541 555 0177", hours="Monday to Friday 9:00–18:00",
        branches=(("main", "Harbor Library"), ("marine", "Marine Science Library")),
        people={
            "patron": ("Naomi", "Takahashi"), "profesor": ("Luciana", "Ferreyra Quiroga"),
            "borrowing": ("Kwame", "Osei"), "lending": ("Fatima", "al-Husseini"),
            "student": ("Mateus", "Carvalho"), "desk": ("Siobhán", "Ní Bhriain"),
            "coordinator": ("Leilani", "Kealoha"), "supervisor": ("Greta", "Vandermeer"),
            "budget": ("Arjun", "Krishnamurthy"), "admin": ("Zofia", "Kowalczyk"),
        },
    ),
}

# Who wears which hats; a person's rights add up.
ROLES = {
    "patron": ["patron"], "profesor": ["patron"], "borrowing": ["borrowing staff"],
    "lending": ["lending staff"], "student": ["student", "patron"], "desk": ["desk coordinator"],
    "coordinator": ["coordinator", "patron"], "supervisor": ["supervisor"], "budget": ["budget"],
    "admin": ["administrator"],
}


def own() -> DemoLibrary:
    return LIBRARIES.get(settings.DESK, LIBRARIES["a"])


def peer() -> DemoLibrary:
    return LIBRARIES["b" if own() is LIBRARIES["a"] else "a"]


def hashed_password() -> str:
    """The documented password, hashed once for all accounts: hashing each would take half a minute."""
    return make_password(json.loads(settings.DEMO_ACCOUNTS.read_text())[0]["password"])


def account(username: str, first_name: str, last_name: str, *, roles: list[str], password: str, email: str,
            language: str = "", now: datetime) -> User:
    """A demo account; `password` is a hash. What is there already keeps its name and password."""
    user, created = User.objects.get_or_create(
        username=username,
        defaults={
            "first_name": first_name, "last_name": last_name, "email": email, "password": password,
            "language": language, "demo": True, "date_joined": now,
        },
    )
    if created:
        user.groups.set(Group.objects.filter(name__in=roles))
    return user


def load(now: datetime) -> None:
    library = own()
    Institution.objects.get_or_create(
        pk=1,
        defaults={
            "name": library.name, "symbol": library.symbol, "agency_value": library.agency_value,
            "line1": library.line1, "locality": library.locality, "region": library.region,
            "postal_code": library.postal_code, "email": library.email, "phone": library.phone,
            "hours": library.hours,
        },
    )
    for code, name in library.branches:
        Branch.objects.get_or_create(code=code, defaults={"name": name})
    there = set(User.objects.filter(username__in=library.people).values_list("username", flat=True))
    if there == set(library.people):
        return
    password = hashed_password()
    for username, (first, last) in library.people.items():
        account(
            username, first, last, roles=ROLES[username], password=password, now=now,
            email=f"{username}@{library.domain}", language="es" if username == "profesor" else "",
        )
