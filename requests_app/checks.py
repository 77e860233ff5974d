from django.core import checks

from illdesk.accounts.roles import RIGHTS
from requests_app import lifecycle


@checks.register()
def lifecycle_table(app_configs, **kwargs):
    """A table with an unreachable or dead-end state or an ambiguous message is refused."""
    found = lifecycle.problems()
    found += [
        f"Step {step.action} needs the right {step.permission}, which does not exist."
        for step in lifecycle.STEPS
        if step.permission and step.permission not in RIGHTS
    ]
    return [checks.Error(sentence, id="requests_app.E001") for sentence in found]
