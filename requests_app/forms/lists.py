"""What may be left out of a list, as a form that an address fills in."""

from datetime import date

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from illdesk.models import Branch
from requests_app import lifecycle
from requests_app.lists import filters
from requests_app.lists.queues import Queue
from requests_app.models import Check, Citation, ILLRequest, Patron


def _day(label) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a date, for example 2026-12-04.")},
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))],
    )


class FilterForm(forms.Form):
    words = forms.CharField(label=_("Title, author or name"), required=False, max_length=200)
    service = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *ILLRequest.SERVICES])
    material = forms.ChoiceField(label=_("Material"), required=False, choices=[("", _("All")), *Citation.KINDS])
    status = forms.ChoiceField(label=_("Patron's status"), required=False, choices=[("", _("All")), *Patron.STATUSES])
    outcome = forms.ChoiceField(
        label=_("Citation"), required=False,
        choices=[("", _("All")), *((code or filters.NOT_CHECKED, words) for code, words in Check.OUTCOMES)],
    )
    library = forms.CharField(label=_("Partner library"), required=False, max_length=100)
    branch = forms.ChoiceField(label=_("Pick-up"), required=False)
    flag = forms.MultipleChoiceField(
        label=_("Any of these flags"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(name, words) for name, (words, _rows) in filters.FLAGS.items()],
    )
    asked_from, asked_to = _day(_("Asked from")), _day(_("Asked until"))
    need_from, need_to = _day(_("Needed from")), _day(_("Needed until"))
    mine = forms.BooleanField(label=_("Only what I work on"), required=False)

    def __init__(self, data, *, queue: Queue):
        super().__init__(data, auto_id="filter_%s")
        self.use_required_attribute = False
        if queue.kind == lifecycle.LENDING:  # our own patrons' affairs
            del self.fields["status"], self.fields["branch"]
            return
        branches = [(row.code, row.name) for row in Branch.objects.order_by("name")]
        self.fields["branch"].choices = [("", _("All")), *branches]  # type: ignore[attr-defined]

    def shown(self) -> list[dict]:
        """Its fields for the page, which draws them itself: every list carries this form, and quickly."""
        self.is_valid()
        return [
            {
                "name": name, "id": f"filter_{name}", "label": field.label, "errors": self.errors.get(name, ()),
                "type": "list" if name == "flag" else "select" if isinstance(field, forms.ChoiceField) else "tick"
                if name == "mine" else "date" if isinstance(field, forms.DateField) else "text",
                "value": self.data.getlist(name) if name == "flag" else self.data.get(name, ""),  # type: ignore[attr-defined]
                "choices": getattr(field, "choices", ()),
            }
            for name, field in self.fields.items()
        ]

    def wanted(self) -> dict:
        """What was understood; a date nobody can read is told beside its field and leaves nothing out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def chips(self) -> list[tuple[str, str, str]]:
        """(field, value in the address, words) of everything that is left out now."""
        found = []
        for name, value in self.wanted().items():
            field = self.fields[name]
            for one in value if isinstance(value, list) else [value]:
                shown = dict(getattr(field, "choices", ())).get(one, one)
                if name == "mine":
                    words = str(field.label)
                elif name == "flag":
                    words = str(shown)
                else:
                    words = f"{_SHORT.get(name, field.label)}: {shown}"
                found.append((name, str(one), words))
        return found


_SHORT = {
    "words": _("Words"), "library": _("Library"), "asked_from": _("Asked from"), "asked_to": _("Asked until"),
    "need_from": _("Needed from"), "need_to": _("Needed until"),
    "status": pgettext_lazy("of a patron", "Status"), "service": _("Kind"),
    "material": _("Material"), "outcome": _("Citation"), "branch": _("Pick-up"),
}
