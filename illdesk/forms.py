"""What all our forms have in common, and the ground floor's own forms."""

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk import money
from illdesk.accounts.roles import ROLE_LABELS
from illdesk.errors import BadAnswer
from illdesk.models import Branch, Institution, User

_DJANGOS_EMPTY = "---------"
_DJANGOS_REQUIRED = forms.Field.default_error_messages["required"]


# Django's own are of values and digits; by the code of the error.
_NUMBERS = {
    "min_value": _("Enter %(limit_value)s or more."), "max_value": _("Enter at most %(limit_value)s."),
    "max_decimal_places": _("Enter at most %(max)s places after the point."),
    "max_digits": _("This number is too large."), "max_whole_digits": _("This number is too large."),
}


def in_our_words(field: forms.Field) -> None:
    """What a field says about an answer that is missing, or no number it takes. For each field of a form, also those
    that are added to one later."""
    if field.required and field.error_messages.get("required") == _DJANGOS_REQUIRED:
        # Two of Django's own sentences in a summary would not say which field each means.
        label = str(field.label)[:1].upper() + str(field.label)[1:] if field.label else ""
        asks = label.endswith("?")  # it has its own end
        field.error_messages["required"] = (gettext("Enter this: %(field)s") if asks else gettext(
            "Enter this: %(field)s.")) % {"field": label}
    if isinstance(field, (forms.IntegerField, forms.DecimalField)):
        for code, words in _NUMBERS.items():
            field.error_messages.setdefault(code, words)


class Plain(forms.BaseForm):
    """Says "(optional)" in words where other forms use asterisks, and leaves checking to the server."""

    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == _DJANGOS_EMPTY:
                field.empty_label = _("Choose…") if field.required else _("Not chosen")
            if not field.required and not isinstance(field, (forms.BooleanField, forms.MultipleChoiceField)):
                optional = not isinstance(field, forms.ChoiceField)
                words = field.label[:1].upper() + field.label[1:] if field.label else ""
                field.label = format_lazy("{} {}", words, _("(optional)")) if optional else words
            elif field.label:
                field.label = field.label[:1].upper() + field.label[1:]
            in_our_words(field)

    def now_says(self, name: str, value: str) -> None:
        """Change what a hidden field sends next time; everything typed stays."""
        data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        data[name] = value
        self.data = data


def currency(text: str) -> str:
    """A code of money that is paid with, as a field is cleaned."""
    try:
        return money.currency_of(text)
    except BadAnswer as refusal:
        raise forms.ValidationError(str(refusal)) from refusal


class AppearanceForm(Plain, forms.ModelForm):
    title = _("How these pages look")

    language = forms.ChoiceField(
        label=_("language of these pages"), required=False, choices=[("", _("As the browser")), *settings.LANGUAGES]
    )

    class Meta:
        model = User
        fields = ["theme", "language", "single_keys"]
        widgets = {"theme": forms.RadioSelect}
        help_texts = {"single_keys": _("Single letters as shortcuts; press ? on a page to see them.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.is_desk:
            del self.fields["single_keys"]  # patrons' pages have none


class InstitutionForm(Plain, forms.ModelForm):
    class Meta:
        model = Institution
        fields = [
            "name", "department", "symbol", "agency_type", "agency_value", "line1", "line2", "locality", "region",
            "postal_code", "country", "email", "phone", "hours", "oclc_symbol", "registry_id", "proxy",
        ]
        help_texts = {
            "symbol": _("As other libraries know us, for example ABC."),
            "agency_type": _("Partner systems know us by this type and symbol together."),
            "hours": _("As patrons read it under letters, for example: Monday to Friday, 9 to 17."),
        }

    def clean_proxy(self):
        proxy = self.cleaned_data["proxy"].strip()
        if proxy and not proxy.lower().startswith(("http://", "https://")):
            raise forms.ValidationError(_("Enter the whole address, beginning with https://."))
        return proxy

    def clean_country(self):
        country = self.cleaned_data["country"].strip().upper()
        if len(country) != 2 or not country.isalpha():
            raise forms.ValidationError(_("Enter the country as two letters, for example US."))
        return country


class BranchForm(Plain, forms.ModelForm):
    class Meta:
        model = Branch
        fields = ["name", "code", "pickup", "active"]
        help_texts = {"code": _("Short, without spaces; it stands on slips and in addresses.")}


class PersonForm(Plain, forms.ModelForm):
    """Somebody new. The password is theirs to choose: they get a link."""

    username = forms.CharField(label=_("card number or name for signing in"), max_length=150)
    first_name = forms.CharField(label=_("first name"), max_length=150)
    last_name = forms.CharField(label=_("last name"), max_length=150)
    email = forms.EmailField(label=_("e-mail"), help_text=_("The link to choose a password goes there."))
    roles = forms.MultipleChoiceField(
        label=_("roles"), choices=list(ROLE_LABELS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "username"]

    def clean_username(self):
        username = User.normalize_username(self.cleaned_data["username"].strip())
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("Somebody signs in with this already. Look for that person in the list."))
        User.username_validator(username)
        return username

    def clean_email(self):
        email = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Somebody has this address already. Look for that person in the list."))
        return email


class RolesForm(Plain, forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("roles"), choices=list(ROLE_LABELS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_active = forms.BooleanField(label=_("May sign in"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class LetterForm(Plain, forms.Form):
    subject = forms.CharField(label=_("subject"), max_length=150)
    body = forms.CharField(
        label=_("text"), max_length=20_000, strip=False, widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"})
    )
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        if not body.strip():
            raise forms.ValidationError(_("The letter has no text. Write it, or restore an older wording."))
        return body
