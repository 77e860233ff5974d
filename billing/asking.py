"""Forms that ask once more: a tick that is shown only where something is to be confirmed."""

from django import forms


class Asked(forms.BooleanField):
    """Hidden until the form asks for it, and shown from then on."""

    def __init__(self, **more):
        super().__init__(required=False, widget=forms.HiddenInput, **more)

    def show(self) -> None:
        self.widget = forms.CheckboxInput()


class Asks(forms.BaseForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, Asked) and self.data.get(self.add_prefix(name)):
                field.show()

    def ask(self, name: str, question: str) -> None:
        """The sentence at the tick, which is there from now on."""
        field = self.fields[name]
        assert isinstance(field, Asked)
        field.show()
        self.add_error(name, question)
