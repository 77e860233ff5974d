from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from illdesk import outside
from illdesk.errors import AdapterError
from illdesk.forms import Plain
from requests_app.holdings.loads import MOST_BYTES
from requests_app.models import ElectronicPackage


class PackageForm(Plain, forms.ModelForm):
    class Meta:
        model = ElectronicPackage
        fields = ["name", "provider", "url", "through_proxy", "most_lost", "on"]
        error_messages = {"name": {"unique": _("There is a package of this name already. Look for it in the list.")}}

    def clean_url(self):
        url = self.cleaned_data["url"].strip()
        if url:
            try:
                outside.refuse_private_address(url, inside=True)  # is it a web address at all?
            except AdapterError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return url


class FileForm(Plain, forms.Form):
    file = forms.FileField(
        label=_("KBART file"), allow_empty_file=True,
        help_text=_("As the provider gives it out: tabs or commas, any encoding; 600 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".txt,.tsv,.csv,text/plain,text/csv,text/tab-separated-values"}),
        error_messages={"required": _("Choose a file.")},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                gettext("The file has more than %(most)s. Nothing was kept.") % {"most": filesizeformat(MOST_BYTES)})
        return file
