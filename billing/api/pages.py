"""A person's own tokens: made here, shown once, taken back."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from billing.api import tokens
from billing.api.models import Token
from illdesk import actors
from illdesk.errors import BadAnswer
from illdesk.forms import Plain
from illdesk.http import signed_in_only


class TokenForm(Plain, forms.Form):
    name = forms.CharField(label=gettext_lazy("what it is for"), max_length=60,
                           help_text=gettext_lazy("As you will know it again: Payment system, for example."))


@signed_in_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request):
    if not request.user.is_desk:
        raise Http404
    form, made = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            made = tokens.make(request.user, form.cleaned_data["name"], actor=actors.staff(request.user),
                               now=timezone.now())
            form = TokenForm()
        except BadAnswer as refusal:
            form.add_error(refusal.field, str(refusal))
    context = {"form": form, "made": made, "rows": list(Token.objects.filter(user=request.user, revoked=None))}
    return render(request, "billing/api/tokens.html", context,
                  status=422 if request.method == "POST" and not made else 200)


@signed_in_only
@require_POST
def revoke(request, pk: int):
    row = get_object_or_404(Token, pk=pk, user=request.user)
    tokens.revoke(row, actor=actors.staff(request.user), now=timezone.now())
    messages.success(request, _("The token “%(name)s” is taken back: nothing signs in with it any more.") % {
        "name": row.name})
    return redirect("tokens")
