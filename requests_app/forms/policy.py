"""The department's days, costs and limits, in the groups in which people look for them."""

import re
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from illdesk.forms import Plain
from requests_app.models import LoanPolicy

# field → fewest, most. A year is the longest that a request waits for anything.
_DAYS = {
    "lending_days": (1, 365), "answer_days": (1, 60), "margin_days": (0, 90), "hold_days": (1, 90),
    "lender_days": (1, 60), "ship_days": (1, 90), "condition_days": (1, 60), "return_days": (1, 365),
    "renewal_days": (1, 365), "download_days": (1, 365), "link_days": (1, 90),
}
_TIMES = {"rota_length": (1, 30), "renewals": (0, 20), "download_views": (1, 200), "link_fetches": (1, 50)}
MOST_COST = Decimal(100_000)
_IN_DAYS = _("Enter a number of days from %(fewest)d to %(most)d.")
_IN_TIMES = _("Enter a number from %(fewest)d to %(most)d.")


class PolicyForm(Plain, forms.ModelForm):
    class Meta:
        model = LoanPolicy
        fields = [*_DAYS, *_TIMES, "max_cost", "currency", "deliver_by_itself", "reserves_email"]

    GROUPS = (
        (_("Lending"), ("lending_days", "answer_days")),
        (_("Borrowing"), (
            "rota_length", "lender_days", "ship_days", "condition_days", "margin_days", "hold_days", "return_days",
        )),
        (_("Money"), ("max_cost", "currency")),
        (_("Copies"), ("deliver_by_itself", "download_days", "download_views", "link_days", "link_fetches",
                       "reserves_email")),
        (_("Renewals"), ("renewals", "renewal_days")),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for bounds, sentence in ((_DAYS, _IN_DAYS), (_TIMES, _IN_TIMES)):
            for name, (fewest, most) in bounds.items():
                field = self.fields[name]
                # In place of Django's own sentences, which do not say what is counted.
                field.validators = [between(fewest, most, sentence)]
                field.widget.attrs |= {"min": fewest, "max": most}
                field.error_messages["invalid"] = sentence % {"fewest": fewest, "most": most}
        self.fields["max_cost"].validators = [between(0, MOST_COST, _("Enter an amount from %(fewest)d to %(most)d."))]
        self.fields["max_cost"].widget.attrs |= {"min": 0, "max": MOST_COST, "step": "0.01"}
        self.fields["currency"].help_text = _("Three letters of ISO 4217, such as USD, CAD or EUR.")
        self.fields["currency"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}

    def groups(self):
        """Heading and fields, as the page shows them."""
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    def clean_currency(self):
        value = self.cleaned_data["currency"].strip().upper()
        if not re.fullmatch("[A-Z]{3}", value):
            raise forms.ValidationError(_("Enter the currency as three letters, for example USD."))
        return value


def between(fewest, most, sentence=_IN_DAYS):
    def check(value):
        if not fewest <= value <= most:
            raise forms.ValidationError(sentence, params={"fewest": fewest, "most": most})

    return check
