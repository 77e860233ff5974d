from django import forms
from django.utils.translation import gettext_lazy as _

from billing.reports.models import BalanceLimit
from illdesk.forms import Plain


class LimitForm(Plain, forms.ModelForm):
    class Meta:
        model = BalanceLimit
        fields = ["library", "group", "service", "requests", "money"]
        help_texts = {"library": _("Without library and group it holds for every library.")}
