"""Forms of keeping copyright records: for how many years, and what must not be deleted."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk.forms import Plain
from requests_app.models import CopyrightNumber, CopyrightTitle, CopyrightUse, LegalHold, RecordPolicy
from requests_app.verification.kbart_values import normal_identifier, title_key


class KeepForm(Plain, forms.ModelForm):
    class Meta:
        model = RecordPolicy
        fields = ["keep_years"]


class HoldForm(Plain, forms.ModelForm):
    """What is given holds together: a title in some years. `title_is`: a number or a name, as somebody types it."""

    title_is = forms.CharField(
        label=_("title"), required=False, max_length=300, help_text=_("Its ISSN or ISBN, or its whole name."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )

    class Meta:
        model = LegalHold
        fields = ["first_year", "last_year", "number", "reason"]
        help_texts = {"reason": _("For colleagues, for example the case and who asked.")}

    field_order = ["first_year", "last_year", "title_is", "number", "reason"]

    def clean_title_is(self) -> CopyrightTitle | None:
        text = self.cleaned_data["title_is"].strip()
        if not text:
            return None
        if number := normal_identifier(text):
            keys = [f"{scheme}:{number}" for scheme in ("issn", "issn-l", "isbn")]
            found = CopyrightNumber.objects.filter(key__in=keys).select_related("title").first()
            title = found.title if found else None
        else:
            named = CopyrightTitle.objects.filter(merged_into=None, name_key=title_key(text))
            rows = list(named.order_by("pk")[:2])
            if len(rows) > 1:
                raise forms.ValidationError(gettext("Several titles have this name. Enter the ISSN of one."))
            title = rows[0] if rows else None
        if title is None:
            raise forms.ValidationError(gettext("No copy was ever asked of this title. Look at its ISSN or name."))
        return title

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip().upper()
        if number and not CopyrightUse.objects.filter(number=number).exclude(number="").exists():
            raise forms.ValidationError(gettext("No copy request with this number is kept. Look at the number."))
        return number

    def clean(self):
        data = super().clean() or {}
        first, last = data.get("first_year"), data.get("last_year")
        if self.errors:
            return data
        if first is None and last is not None:
            self.add_error("first_year", gettext("Enter the first year too."))
        elif first is not None and last is None:
            self.add_error("last_year", gettext("Enter the last year too."))
        elif first is not None and last is not None and first > last:
            self.add_error("last_year", gettext("The last year lies before the first."))
        elif first is None and not data.get("title_is") and not data.get("number"):
            raise forms.ValidationError(gettext("Enter years, a title or a request number: one of them at least."))
        self.instance.title = data.get("title_is")
        return data


