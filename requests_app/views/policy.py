"""The loan policy: one page for the department's days, costs and limits."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from illdesk import actors, events
from illdesk.http import needs
from requests_app.forms.policy import PolicyForm
from requests_app.models import LoanPolicy


@needs("manage_settings")
def policy(request):
    form = PolicyForm(request.POST or None, instance=LoanPolicy.current())
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        saved.pk = 1
        saved.save()
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        if "max_cost" in changed:
            changed["max_cost"] = str(changed["max_cost"])
        if "reserves_email" in changed:  # an event holds no addresses
            changed["reserves_email"] = bool(changed["reserves_email"])
        events.record(
            "policy.changed", subject=("policy", 1), actor=actors.staff(request.user), now=timezone.now(), data=changed
        )
        messages.success(request, _("The loan policy is stored. It holds for what happens from now on."))
        return redirect("policy")
    status = 422 if request.method == "POST" else 200
    return render(request, "requests_app/libraries/policy.html", {"form": form}, status=status)
