"""Choosing lenders in order, and what a lender asks."""

import re
from datetime import datetime, time

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requests_app import lifecycle, reasons
from requests_app.forms.steps import FORMS, StepForm
from requests_app.models import Library, RotaEntry

_PLACE = re.compile(r"place_(\d{1,18})")
MOST = 30


class ChooseLendersForm(StepForm):
    """A number beside each library says when it is asked: 1 first. Empty: not at all."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = list(self._takes_requests())
        self.asked = {
            entry.library_id: entry for entry in self.ill.rota.exclude(state=RotaEntry.WAITING)
        }
        waiting = self.ill.rota.filter(state=RotaEntry.WAITING).order_by("place").values_list("library_id", flat=True)
        self.waiting = {pk: str(place) for place, pk in enumerate(waiting, 1)}

    def _takes_requests(self):
        """In use, not suspended today, and not one whose policy says no."""
        no = Q(policy__takes_requests=False)
        copies = self.ill.service == lifecycle.COPY
        no |= Q(policy__makes_copies=False) if copies else Q(policy__lends_books=False)
        return Library.objects.filter(active=True).not_suspended_on(self.today).exclude(no)

    def typed(self, pk: int) -> str:
        return self.data.get(f"place_{pk}", "").strip() if self.is_bound else self.waiting.get(pk, "")

    def rows(self) -> list[dict]:
        """For the page: each library with what speaks for or against it; the chosen ones first, in order."""
        rows = []
        for library in self.offered:
            how = _("by ISO 18626") if library.endpoint else _("by e-mail") if library.email else _("by your own hand")
            rows.append({
                "library": library, "how": how, "asked": self.asked.get(library.pk), "place": self.typed(library.pk),
                "name": f"place_{library.pk}",
            })
        return sorted(rows, key=lambda row: (int(row["place"]) if row["place"].isdecimal() else 999))

    def clean(self):
        super().clean()
        chosen: list[tuple[int, Library]] = []
        known = {library.pk: library for library in self.offered}
        for name in self.data:
            match = _PLACE.fullmatch(name)
            place = str(self.data[name]).strip()
            if match is None or not place:
                continue
            if not place.isdecimal() or not 1 <= int(place[:4]) <= MOST:
                raise forms.ValidationError(_("Number the libraries from 1 to %(most)d."), params={"most": MOST})
            if int(match[1]) not in known:
                raise forms.ValidationError(_("One of them takes no requests any more. Look at the list again."))
            chosen.append((int(place), known[int(match[1])]))
        if not chosen:
            raise forms.ValidationError(_("Choose a library: write 1 beside the one that is asked first."))
        self.cleaned_data["libraries"] = [library for _place, library in sorted(chosen, key=lambda pair: pair[0])]
        return self.cleaned_data


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
        us = self.ill.partner is not None and self.ill.partner.country == "US"
        if self.ill.kind == lifecycle.BORROWING or self.ill.service != lifecycle.COPY or not us:
            choice = self.fields["reason"]
            choice.choices = [row for row in choice.choices if row[0] != "compliance"]  # type: ignore[attr-defined]

    def first_values(self):
        missing = (
            self.ill.kind == lifecycle.LENDING and self.ill.service == lifecycle.COPY and not self.ill.compliance
            and self.ill.partner is not None and self.ill.partner.country == "US"
        )
        return {"reason": "compliance" if missing else ""}

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
    "decline_condition": AnswerForm, "mail_copy": AnswerForm,
}
