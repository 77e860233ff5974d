"""The rules of copyright as sentences with fields in them."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from illdesk.forms import Plain
from requests_app import reasons
from requests_app.copyright import readings
from requests_app.copyright.readings import Reading
from requests_app.copyright.rules import DEFAULT, PRESETS, Rules


@dataclass(frozen=True)
class Sentence:
    """A reading on the page: its switch (None where it has a value), and its sentence in pieces, words or a field."""

    reading: Reading
    switch: Any
    pieces: list


class RulesForm(Plain, forms.Form):
    """A draft of the next version of one set of rules. `seen`: the newest version that was on the screen."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    preset = forms.ChoiceField(widget=forms.HiddenInput, choices=[(code, code) for code in PRESETS])
    valid_from = forms.DateField(
        label=gettext_lazy("valid from"), widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("What was decided before stays as it was decided."),
        error_messages={"invalid": gettext_lazy("Enter a date, for example 2026-12-04.")},
    )

    def __init__(self, data=None, *, rules: Rules, seen: int, today):
        super().__init__(data, initial={"seen": seen, "preset": rules.code, "valid_from": today})
        self.rules, self.readings = rules, readings.of(rules)
        for one in self.readings:
            self.fields[one.name] = _field(one, rules)

    def groups(self) -> list[tuple[str, list[Sentence]]]:
        found = [
            (str(label), [self._sentence(one) for one in self.readings if one.group == group])
            for group, label in readings.GROUPS.items()
        ]
        return [(label, rows) for label, rows in found if rows]

    def _sentence(self, one: Reading) -> Sentence:
        if one.is_switch:
            return Sentence(one, self[one.name], [one.sentence])
        before, _value, after = str(one.sentence).partition("{value}")
        return Sentence(one, None, [before, self[one.name], after])

    def draft(self) -> Rules:
        """As entered; only of a valid form."""
        given = {one.name: self.cleaned_data[one.name] for one in self.readings}
        if given["counts"]:  # C8: two codes; where nothing was counted before, both were one
            preset = PRESETS.get(self.rules.code, DEFAULT)
            given |= {"inside": preset.inside, "outside": preset.outside}
        elif "outside" in given:
            given["inside"] = given["outside"]
        return replace(self.rules, **given)


def _field(one: Reading, rules: Rules) -> forms.Field:
    value = getattr(rules, one.name)
    if one.is_switch:
        return forms.BooleanField(
            required=False, initial=value, label=str(one.sentence),
            widget=forms.CheckboxInput(attrs={"class": "form-check-input", "aria-label": str(one.sentence)}),
        )
    label = str(one.sentence).replace("{value}", "…")
    if one.choices:
        choices = [(code, reasons.COMPLIANCE[code]) for code in rules.codes] if one.name == "outside" else (
            list(one.choices.items()))
        return forms.ChoiceField(
            choices=choices, initial=value, label=label,
            widget=forms.Select(attrs={"class": "form-select", "aria-label": label}),
        )
    sentence = _("“%(label)s” Enter a number from %(least)d to %(most)d.") % {
        "label": label, "least": one.least, "most": one.most,
    }
    return forms.IntegerField(
        min_value=one.least, max_value=one.most, initial=value, label=label,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence),
        widget=forms.NumberInput(attrs={"class": "form-control", "aria-label": label, "min": one.least,
                                        "max": one.most}),
    )
