"""Deputies: rights of approval lent for some days."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from billing import side
from billing.approval import actions, rule
from billing.approval.models import Delegation
from illdesk import actors, dates
from illdesk.accounts.roles import RIGHTS
from illdesk.errors import DeskError
from illdesk.forms import Plain
from illdesk.http import signed_in_only
from illdesk.models import User

_LISTED = 100


class LendForm(Plain, forms.Form):
    right = forms.ChoiceField(label=gettext_lazy("right"))
    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("deputy"))
    begins = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput(attrs={"type": "date"}))
    ends = forms.DateField(label=gettext_lazy("to"), widget=forms.DateInput(attrs={"type": "date"}),
                           help_text=gettext_lazy("The last day included."))
    why = forms.CharField(label=gettext_lazy("reason"), max_length=200, required=False,
                          widget=forms.TextInput(attrs={"dir": "auto"}))

    def __init__(self, user: User, data=None):
        super().__init__(data, initial={"begins": timezone.localdate().isoformat()})
        mine = [right for right in rule.RIGHTS if user.may(right)]
        able = {one.pk for right in mine for one in actions.deputies(right)} - {user.pk}
        rights, people = self.fields["right"], self.fields["to"]
        assert isinstance(rights, forms.ChoiceField) and isinstance(people, forms.ModelChoiceField)
        rights.choices = [(right, RIGHTS[right]) for right in mine]
        people.queryset = User.objects.filter(pk__in=able).order_by("last_name", "first_name")
        people.label_from_instance = lambda one: one.shown_name  # type: ignore[method-assign,assignment]


@signed_in_only
@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request):
    """Whoever has a right of approval lends it here; a deputy sees what was lent, managers see all."""
    user, today = request.user, timezone.localdate()
    rows = Delegation.objects.select_related("of", "to", "made_by")
    if not actions.may_manage(user):
        rows = rows.filter(Q(of=user) | Q(to=user))
    if not (actions.may_lend(user) or actions.may_manage(user) or rows.exists()):
        raise PermissionDenied
    form, status = (LendForm(user, request.POST or None) if actions.may_lend(user) else None), 200
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                row = actions.lend(given["to"], given["right"], begins=given["begins"], ends=given["ends"],
                                   why=given["why"], actor=actors.staff(user), now=timezone.now())
            except DeskError as refusal:
                field = getattr(refusal, "field", "")
                form.add_error(field if field in form.fields else None, str(refusal))
            else:
                messages.success(request, _("%(name)s is your deputy until %(day)s.") % {
                    "name": row.to.short_name, "day": dates.in_words(row.ends)})
                return redirect("deputies")
    side.set_side(request, "deputies")
    shown = [{"row": row, "right": RIGHTS[row.right], "open": row.ended is None and row.ends >= today,
              "now": row.ended is None and row.begins <= today <= row.ends,
              "mine": row.of_id == user.pk or actions.may_manage(user)} for row in rows[:_LISTED]]
    context = {"form": form, "present": [one for one in shown if one["open"]],
               "past": [one for one in shown if not one["open"]]}
    return render(request, "billing/approval/deputies.html", context, status=status)


@signed_in_only
@require_POST
def end(request, pk: int):
    row = get_object_or_404(Delegation, pk=pk)
    if not (row.of_id == request.user.pk or actions.may_manage(request.user)):
        raise PermissionDenied
    actions.take_back(row, actor=actors.staff(request.user), now=timezone.now())
    messages.success(request, _("It is taken back."))
    return redirect("deputies")
