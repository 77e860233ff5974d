"""Forms of appeals."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.appeals.models import Appeal
from billing.charges.forms import Keyed
from illdesk.forms import in_our_words


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, at most five."""

    widget = Files

    def clean(self, data, initial=None):
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        if len(given) > 5:
            raise forms.ValidationError(_("Choose five files at most."))
        return [super(FilesField, self).clean(one, initial) for one in given]


class AppealForm(Keyed):
    text = forms.CharField(
        label=_("why is the charge wrong?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_("What happened, and when. You need not use any form of words."))
    attached = FilesField(label=_("files"), required=False,
                       help_text=_("A receipt, a photo, a letter: PDF, image, Word, Excel or text."))


class PaperForm(AppealForm):
    """Entered by staff for a patron who wrote on paper."""

    text = forms.CharField(label=_("what the patron wrote"), max_length=4000,
                           widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}))
    attached = FilesField(label=_("the letter"), required=False, help_text=_("A scan of it, and what came with it."))


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How is it decided?"), widget=forms.RadioSelect,
        choices=[(Appeal.GRANTED, _("Grant: the charge is reversed")),
                 (Appeal.PARTLY, _("Grant in part: so much is taken away")), (Appeal.DENIED, _("Deny: it stands"))],
        error_messages={"required": _("Choose how it is decided.")})
    amount: Any = forms.DecimalField(label=_("Taken away, when granted in part (optional)"), min_value=0, max_digits=9,
                                     decimal_places=2, required=False)
    words = forms.CharField(label=_("Why: the patron reads this"), max_length=4000,
                            widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
                            error_messages={"required": _("Say why: the patron reads it.")})
    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            in_our_words(field)
