"""Taking over what a source knows, putting it back, and sending the link of what is online."""

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app import checked
from requests_app.forms.steps import FORMS, StepForm
from requests_app.models import Check, CitationChange
from requests_app.verification.records import CITED
from requests_app.words import FIELD_LABELS


class TakeOverForm(StepForm):
    """The fields of one candidate of the newest check; without a field ticked, all that differ."""

    check_id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    candidate = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=99)
    fields_taken = forms.MultipleChoiceField(
        label=_("Take over"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(name, FIELD_LABELS[name]) for name in CITED],
        error_messages={"invalid_choice": _("A citation has no such field.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.newest = Check.objects.filter(ill=self.ill).order_by("-pk").first()
        place = int(self.data.get("candidate") or 0) if str(self.data.get("candidate") or 0).isdecimal() else 0
        found = self.newest.found if self.newest else []
        if not self.is_bound and place < len(found):
            record, citation = found[place]["record"], self.ill.citation
            differs = [
                (name, f"{FIELD_LABELS[name]}: {record[name]}") for name in CITED
                if record.get(name) and record[name] != getattr(citation, name)
            ]
            self.fields["fields_taken"].choices = differs  # type: ignore[attr-defined]
            self.initial.update(
                fields_taken=[name for name, _label in differs], check_id=self.newest and self.newest.pk,
                candidate=place,
            )

    def clean(self):
        super().clean()
        if self.newest is None:
            raise forms.ValidationError(_("Nothing was found yet. Verify first."))
        return self.cleaned_data

    def answers(self) -> dict:
        given = self.cleaned_data
        return {
            "check": given.get("check_id") or (self.newest and self.newest.pk),
            "candidate": given.get("candidate") or 0,
            "fields": given.get("fields_taken") or [],
        }


class PutBackForm(StepForm):
    change = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def first_values(self):
        newest = CitationChange.objects.filter(ill=self.ill, undone=None).order_by("-pk").first()
        return {"change": newest.pk if newest else None}


class GiveLinkForm(StepForm):
    """The best link that is known is proposed."""

    url = forms.CharField(
        label=_("Address of the text"), max_length=1000,
        widget=forms.URLInput(attrs={"dir": "ltr"}), error_messages={"required": _("Enter the address of the text.")},
    )
    text = forms.CharField(
        label=_("Words to the patron (optional)"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def first_values(self):
        links = [row["url"] for row in checked.of_one(self.ill).access if not row.get("limited")]
        return {"url": links[0] if links else ""}

    def letter_values(self) -> dict[str, str]:
        """What the letter's preview shows."""
        values = self.data if self.is_bound else self.initial
        return {"address": str(values.get("url") or ""), "text": str(values.get("text") or "")}


FORMS |= {"take_over": TakeOverForm, "put_back": PutBackForm, "give_link": GiveLinkForm}
