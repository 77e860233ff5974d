"""Forms of agreements: the agreement, a version with its rows, a trial."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.agreements.models import Agreement, Term
from billing.asking import Asked, Asks
from illdesk.forms import Plain, currency

_AMOUNT: dict[str, Any] = {"max_digits": 9, "decimal_places": 2, "min_value": 0}
# Rows of the page: those that stand there, and some to fill.
SPARE = 3


class AgreementForm(Plain, forms.ModelForm):
    class Meta:
        model = Agreement
        fields = ["name", "library", "group", "active", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2, "dir": "auto"})}
        help_texts = {"name": _("As you speak of it, for example: Consortium of the coast."),
                      "library": _("Neither a library nor a group: it holds for everybody.")}

    def clean(self):
        super().clean()
        given = self.cleaned_data
        if given.get("library") and given.get("group"):
            self.add_error("group", _("Choose a library or a group, not both."))
        return given


class VersionForm(Asks, Plain, forms.Form):
    begins = forms.DateField(label=_("holds from"), widget=forms.DateInput(attrs={"type": "date"}))
    why = forms.CharField(label=_("what changed"), max_length=300, required=False)
    earlier = Asked(label=_("It is meant to hold before the newest version"))
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class TermForm(forms.ModelForm):
    """One row. A row whose tick "use" is off is no term."""

    use = forms.BooleanField(label=_("This row counts"), required=False)

    class Meta:
        model = Term
        fields = ["direction", "service", "network", "patron_status", "flat", "per_page", "from_page", "rush",
                  "international", "minimum", "maximum", "currency", "pay_way", "reciprocal", "threshold"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("flat", "per_page", "rush", "international", "from_page"):
            self.fields[name].required = False
        for name, field in self.fields.items():
            if isinstance(field, forms.TypedChoiceField) and not field.required:
                known = self.Meta.model._meta.get_field(name).choices or []  # type: ignore[union-attr]
                field.choices = [("", _("Any")), *(one for one in known if one[0])]
            if field.label:
                field.label = field.label[:1].upper() + field.label[1:]

    def clean_currency(self):
        return currency(self.cleaned_data["currency"] or "")

    def clean(self):
        super().clean()
        given = self.cleaned_data
        for name in ("flat", "per_page", "rush", "international"):
            given[name] = given.get(name) or 0
        given["from_page"] = given.get("from_page") or 1
        return given

    @property
    def counts(self) -> bool:
        return bool(self["use"].value())

    def has_changed(self) -> bool:
        return self.counts


TermRows = forms.formset_factory(TermForm, extra=SPARE, max_num=60, absolute_max=80)


class TrialForm(Plain, forms.Form):
    q = forms.CharField(label=_("number of a request, or symbol of a library"), max_length=40, required=False)
    day = forms.DateField(label=_("by the agreements of"), widget=forms.DateInput(attrs={"type": "date"}))
    rush = forms.BooleanField(label=_("as rush"), required=False)
