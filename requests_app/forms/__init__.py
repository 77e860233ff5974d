"""Forms; `FORMS` has the one of each step that asks something, by the name in the table."""

from requests_app.forms import (  # noqa: F401 - they put theirs into FORMS
    citations,
    copies,
    copyright,
    declaration,
    lenders,
)
from requests_app.forms.steps import FORMS

__all__ = ["FORMS"]
