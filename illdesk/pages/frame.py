"""What every page's frame shows. Each part is worked out when a template first asks for it, so a page
that does not show it pays nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from illdesk.models import Institution
from illdesk.pages import settings_side
from illdesk.registry import PLACES, Place


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    icon: str
    current: bool


_SEES_REQUESTS = ("see_borrowing", "see_lending", "see_documents")


def address(name: str, fallback: str, *args) -> str:
    """The address by its name, else the one it always has: a frame must not fail for a missing page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return fallback


class Frame:
    def __init__(self, request: HttpRequest | None):
        self.request: Any = request
        self.user: Any = getattr(request, "user", None)

    @property
    def signed_in(self) -> bool:
        return bool(self.user and self.user.is_authenticated)

    @property
    def theme(self) -> str:
        return getattr(self.user, "theme", "device") or "device"

    @property
    def language(self) -> str:
        return get_language() or "en"

    @property
    def single_keys(self) -> bool:
        return getattr(self.user, "single_keys", True)

    @cached_property
    def institution(self) -> Institution | None:
        return Institution.objects.filter(pk=1).first()

    @cached_property
    def is_desk(self) -> bool:
        return self.signed_in and self.user.is_desk

    @cached_property
    def places(self) -> list[Place]:
        if not self.signed_in:
            return []
        return [place for ask in PLACES if (place := ask(self.request))]

    @cached_property
    def has_more(self) -> bool:
        return any(place.more for place in self.places)

    @property
    def side(self) -> list:
        """Groups of the column beside the page; the view sets them as `request.side`, else settings have theirs."""
        if not hasattr(self.request, "side") and self.is_desk and self.request.path.startswith("/settings/"):
            settings_side.show(self.request)
        return getattr(self.request, "side", None) or []

    @property
    def side_name(self) -> str:
        """What the column beside the page lists; the view may set `request.side_name`."""
        return getattr(self.request, "side_name", "") or _("Queues")

    @cached_property
    def side_current(self):
        """The queue one stands in, for the picker on phones."""
        return next(
            (item for group in self.side for item in _get(group, "items") if _get(item, "current")), None
        )

    @cached_property
    def search_url(self) -> str:
        """Empty for people who see no request: what they look for would never be found."""
        return "/search/" if self.is_desk and any(map(self.user.may, _SEES_REQUESTS)) else ""

    @property
    def scan_url(self) -> str:
        """Where a code goes that was scanned on any page."""
        return "/scan/" if self.search_url else ""

    @property
    def on_search(self) -> bool:
        return bool(self.search_url) and self.request.path == self.search_url

    @property
    def search_text(self) -> str:
        return self.request.GET.get("q", "") if self.on_search else ""

    @cached_property
    def account_url(self) -> str:
        return address("account", "/my/account/")

    @cached_property
    def my_requests_url(self) -> str:
        """Staff who are patrons too find their own requests here; empty for everybody else."""
        return address("my_requests", "/my/") if self.is_desk and self.user.may("ask") else ""

    @cached_property
    def desk_url(self) -> str:
        return "/" if self.is_desk else ""

    @cached_property
    def patron_nav(self) -> list[NavItem]:
        if not self.signed_in:
            return []
        new, mine = address("new_request", "/my/new/"), address("my_requests", "/my/")
        path = self.request.path
        return [
            NavItem(_("New request"), new, "plus-square", path.startswith(new)),
            # One request belongs to My requests wherever its own address lies.
            NavItem(_("My requests"), mine, "journals", not path.startswith((new, self.account_url, "/help/"))),
            NavItem(_("Account"), self.account_url, "person", path.startswith(self.account_url)),
        ]

    @property
    def demo(self) -> bool:
        return settings.DEMO

    @cached_property
    def demo_accounts(self) -> list[dict[str, str]]:
        """Role, user name and password of each demo account, as run.sh prints them; none outside a demo."""
        if not settings.DEMO or not settings.DEMO_ACCOUNTS.exists():
            return []
        return json.loads(settings.DEMO_ACCOUNTS.read_text())

    @cached_property
    def messages(self) -> list:
        """What this page has to say, and what colleagues' doings want this person to know."""
        told = self.user.hear() if self.signed_in else []
        return [
            *({"level_tag": "info", "text": line} for line in told),
            *(get_messages(self.request) if self.request else ()),
        ]


def _get(thing, name):
    """Views may hand the column over as dictionaries or as objects, as templates allow."""
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor."""
    return {"frame": Frame(request)}
