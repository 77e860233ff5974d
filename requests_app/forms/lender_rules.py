"""The rules of choosing lenders as sentences with fields in them."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from illdesk.forms import Plain
from requests_app.lenders.rules import BY_CODE, KINDS, MOST_WEIGHT, Kind, Parameter, Rule

_MOST_WORDS = 500
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Sentence:
    """One rule on the page: its switch (None where it is always on), and its sentence in pieces, each words or a
    field."""

    kind: Kind
    switch: Any
    pieces: list


class RulesForm(Plain, forms.Form):
    """Fields are named "code-on", "code-weight" and "code-parameter"; `seen`: the version that was on the screen."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data=None, *, rules: tuple[Rule, ...], seen: int):
        super().__init__(data, initial={"seen": seen})
        for rule in rules:
            kind = BY_CODE[rule.code]
            if not kind.locked:
                words = _PLACE.sub("…", str(kind.sentence))
                self.fields[f"{kind.code}-on"] = forms.BooleanField(
                    required=False, initial=rule.on, label=words,
                    widget=forms.CheckboxInput(attrs={"class": "form-check-input", "aria-label": words}),
                )
            if kind.weight is not None:
                self.fields[f"{kind.code}-weight"] = _number(_("points"), rule.weight, 0, MOST_WEIGHT)
            for one in kind.parameters:
                self.fields[f"{kind.code}-{one.name}"] = _field(one, rule.parameters[one.name])

    def groups(self) -> list[tuple[str, list[Sentence]]]:
        """Heading and rules: what excludes, what gives and takes points."""
        excluding = [self._sentence(kind) for kind in KINDS if kind.excludes]
        giving = [self._sentence(kind) for kind in KINDS if not kind.excludes]
        return [(_("Who is not offered"), excluding), (_("What speaks for a library, and what against it"), giving)]

    def _sentence(self, kind: Kind) -> Sentence:
        parts = _PLACE.split(str(kind.sentence))
        pieces = [self[f"{kind.code}-{part}"] if at % 2 else part for at, part in enumerate(parts)]
        return Sentence(kind, None if kind.locked else self[f"{kind.code}-on"], pieces)

    def rules(self) -> tuple[Rule, ...]:
        """As they were entered; only of a valid form."""
        given = self.cleaned_data
        return tuple(
            Rule(
                kind.code, kind.locked or given[f"{kind.code}-on"],
                given[f"{kind.code}-weight"] if kind.weight is not None else 0,
                {one.name: given[f"{kind.code}-{one.name}"] for one in kind.parameters},
            )
            for kind in KINDS
        )


def _field(one: Parameter, value: int | str) -> forms.Field:
    if one.is_number:
        return _number(one.label, value, one.fewest, one.most)
    if one.choices:
        return forms.ChoiceField(
            choices=one.choices, initial=value, label=one.label,
            widget=forms.Select(attrs={"class": "form-select", "aria-label": one.label}),
        )
    return forms.CharField(
        max_length=_MOST_WORDS, required=False, initial=value, label=one.label,
        widget=forms.TextInput(attrs={"class": "form-control is-words", "aria-label": one.label, "dir": "auto"}),
    )


def _number(label, value, fewest: int, most: int) -> forms.IntegerField:
    sentence = _("%(label)s: enter a number from %(fewest)d to %(most)d.") % {
        "label": str(label)[:1].upper() + str(label)[1:], "fewest": fewest, "most": most,
    }
    return forms.IntegerField(
        min_value=fewest, max_value=most, initial=value, label=label,
        error_messages={"required": sentence, "invalid": sentence, "min_value": sentence, "max_value": sentence},
        widget=forms.NumberInput(attrs={"class": "form-control", "aria-label": label, "min": fewest, "max": most}),
    )
