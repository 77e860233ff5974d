"""What a patron chooses on the account page: where to pick up, in which language letters come."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from illdesk.forms import Plain
from illdesk.models import Branch, User
from illdesk.registry import AccountPart, Text
from requests_app.models import Patron


class PatronForm(Plain, forms.ModelForm):
    title = _("How we reach you")

    class Meta:
        model = Patron
        fields = ["pickup", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="patron", **kwargs)
        here = Branch.objects.filter(pickup=True, active=True)
        if self.instance.pickup_id:  # a place that closed meanwhile stays until another is chosen
            here = here | Branch.objects.filter(pk=self.instance.pickup_id)
        pickup = cast(forms.ModelChoiceField, self.fields["pickup"])
        pickup.queryset = here
        pickup.empty_label = _("No usual place")


def part(user: User, data) -> AccountPart | None:
    patron = Patron.objects.filter(user=user).first()
    if patron is None:
        return None
    facts: list[tuple[Text, str]] = [
        (_("Card number"), patron.card),
        (_("Telephone"), patron.phone),
        (pgettext("of a patron", "Status"), patron.get_status_display()),
        (_("Department"), patron.department),
    ]
    return AccountPart(facts, PatronForm(data, instance=patron))
