"""Choosing lenders in order, and what a lender asks."""

import re
from datetime import datetime, time
from functools import cached_property

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests_app import lifecycle, reasons
from requests_app.forms.lenders_shown import LendersShown, shown
from requests_app.forms.steps import FORMS, StepForm
from requests_app.lenders import rota
from requests_app.models import Library, RotaEntry

_PLACE = re.compile(r"place_(\d{1,15})")
MOST = 30


class ChooseLendersForm(StepForm):
    """A number beside each library says when it is asked: 1 first. Empty: not at all.

    It begins with the order that stands already, else with the one that the rules propose. `for_many`: asked once
    for several requests: then nothing of a single request is shown, and nothing is proposed.
    """

    for_many = False

    @property
    def only_looks(self) -> bool:  # type: ignore[override]
        return "look" in self.data

    @cached_property
    def proposal(self) -> rota.Proposal:
        now = timezone.now()
        if self.for_many:
            return rota.Proposal(rota.propose_for_many(self.ill.service, now=now))
        return rota.propose(self.ill, now=now)

    @cached_property
    def begins_with(self) -> dict[int, str]:
        """Library → its number before anybody typed."""
        if self.for_many:
            return {}
        waiting = list(
            self.ill.rota.filter(state=RotaEntry.WAITING).order_by("place").values_list("library_id", flat=True)
        )
        return {pk: str(place) for place, pk in enumerate(waiting or self._proposed(), 1)}

    def _proposed(self) -> list[int]:
        return [row.lender.pk for row in self.proposal.rota]

    @cached_property
    def typed(self) -> dict[int, str]:
        """Library → what stands beside it."""
        if self.data.get("look") == "proposal":
            return {pk: str(place) for place, pk in enumerate(self._proposed(), 1)}
        if not self.is_bound:
            return self.begins_with
        found = ((_PLACE.fullmatch(name), str(value).strip()) for name, value in self.data.items())
        return {int(match[1]): value for match, value in found if match and value}

    @property
    def looked_for(self) -> str:
        return self.data.get("find", "").strip()[:100] if self.is_bound else ""

    @cached_property
    def shown(self) -> LendersShown:
        """For the page: who stands in the list, and who is not offered and why."""
        return shown(self.proposal, typed=self.typed, looked_for=self.looked_for)

    def clean(self):
        super().clean()
        if self.only_looks:
            return self.cleaned_data
        chosen: list[tuple[int, int]] = []
        for pk, place in self.typed.items():
            if not place.isdecimal() or not 1 <= int(place[:4]) <= MOST:
                raise forms.ValidationError(_("Number the libraries from 1 to %(most)d."), params={"most": MOST})
            chosen.append((int(place), pk))
        if not chosen:
            raise forms.ValidationError(_("Choose a library: write 1 beside the one that is asked first."))
        known = {library.pk: library for library in self._takes_requests([pk for _place, pk in chosen])}
        if any(pk not in known for _place, pk in chosen):
            raise forms.ValidationError(_("One of them takes no requests any more. Look at the list again."))
        self.cleaned_data["libraries"] = [known[pk] for _place, pk in sorted(chosen, key=lambda pair: pair[0])]
        return self.cleaned_data

    def _takes_requests(self, pks: list[int]):
        """Of these: in use, not suspended today, and not one whose policy says no."""
        no = Q(policy__takes_requests=False)
        copies = self.ill.service == lifecycle.COPY
        no |= Q(policy__makes_copies=False) if copies else Q(policy__lends_books=False)
        offered = Library.objects.filter(active=True, pk__in=pks).not_suspended_on(self.today).exclude(no)
        return offered.select_related("policy").prefetch_related("suspensions")


class ConditionForm(StepForm):
    """Ours to a borrower, or a lender's as told by telephone."""

    reason = forms.ChoiceField(
        label=_("What is asked?"),
        choices=[("", _("Choose…")), *((code, row[0]) for code, row in reasons.CONDITIONS.items())],
        error_messages={"required": _("Choose what the condition is.")},
    )
    cost = forms.DecimalField(
        label=_("Cost (optional)"), required=False, min_value=0, max_digits=9, decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )
    retry_after = forms.DateField(
        label=_("Available from (optional)"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = forms.CharField(
        label=_("Note (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cost"].label = _("Cost in %(currency)s (optional)") % {"currency": self.ill.currency}
        if self.ill.kind == lifecycle.LENDING:
            self.fields["note"].label = _("Note to the library (optional)")
        us = self.ill.partner is not None and self.ill.partner.of_us
        if self.ill.kind == lifecycle.BORROWING or self.ill.service != lifecycle.COPY or not us:
            choice = self.fields["reason"]
            choice.choices = [row for row in choice.choices if row[0] != "compliance"]  # type: ignore[attr-defined]

    def first_values(self):
        return {"reason": "compliance" if self.ill.lacks_compliance else ""}

    def answers(self) -> dict:
        given = dict(self.cleaned_data)
        if day := given.get("retry_after"):
            given["retry_after"] = timezone.make_aware(datetime.combine(day, time(9)))
        return given | {"currency": self.ill.currency if given.get("cost") is not None else ""}


class AnswerForm(StepForm):
    """Accept or decline: words to the lender, if any."""

    note = forms.CharField(
        label=_("Note to the library (optional)"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


FORMS |= {
    "choose_lenders": ChooseLendersForm, "condition": ConditionForm, "accept_condition": AnswerForm,
    "decline_condition": AnswerForm,
}
