from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from illdesk.accounts.roles import rights_of


class User(AbstractUser):
    """Somebody who signs in: patron, student or staff, often more than one of these."""

    THEMES = [("device", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]

    theme = models.CharField(_("appearance"), max_length=8, choices=THEMES, default="device")
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    single_keys = models.BooleanField(_("keyboard shortcuts"), default=True)
    demo = models.BooleanField(default=False, editable=False)
    # What colleagues' doings want this person to know, a line each: shown once, on the next page.
    told = models.TextField(blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    @cached_property
    def roles(self) -> frozenset[str]:
        """Names of this person's roles: one query, once per web request.

        A superuser (`manage.py createsuperuser`) is how a new desk gets its first administrator.
        """
        named = frozenset(self.groups.values_list("name", flat=True))
        return named | {"administrator"} if self.is_superuser else named

    @cached_property
    def rights(self) -> frozenset[str]:
        return rights_of(self.roles)

    def may(self, right: str) -> bool:
        return self.is_active and right in self.rights

    def tell(self, sentence: str) -> None:
        """Say something on this person's next page; two colleagues may do so at once."""
        line = " ".join(sentence.split())[:500] + "\n"
        User.objects.filter(pk=self.pk).update(told=Concat("told", models.Value(line)))

    def hear(self) -> list[str]:
        """What was told, once. When something was told this very moment, all of it waits for the next page."""
        if not self.told or not User.objects.filter(pk=self.pk, told=self.told).update(told=""):
            return []
        lines, self.told = self.told.splitlines(), ""
        return lines

    @property
    def is_desk(self) -> bool:
        """Works in the department, whatever else: gets the staff face."""
        return bool(self.rights - {"ask"})

    @property
    def shown_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def short_name(self) -> str:
        """'R. Gómez': what colleagues and the timeline show."""
        if self.first_name and self.last_name:
            return f"{self.first_name[0]}. {self.last_name}"
        return self.shown_name

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.shown_name.split()[:2]).upper()
