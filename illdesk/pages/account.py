"""A person's own page: who the library takes them for, how the pages look, in which language."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language as set_language_cookie

from illdesk import registry
from illdesk.forms import AppearanceForm
from illdesk.http import open_page, signed_in_only
from illdesk.models import User


@signed_in_only
@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    user = request.user
    data = request.POST if request.method == "POST" else None
    appearance = AppearanceForm(data, instance=User.objects.get(pk=user.pk))
    parts = [part for ask in registry.ACCOUNT_PARTS if (part := ask(user, data))]
    forms = [appearance, *(part.form for part in parts if part.form)]
    valid = [form.is_valid() for form in forms]  # each of them, so that each says what is wrong
    if data is not None and all(valid):
        for form in forms:
            form.save()
        with override(appearance.cleaned_data["language"] or None):
            messages.success(request, _("Saved."))
        return redirect("account")
    facts = [
        (_("Name"), user.shown_name),
        (_("E-mail"), user.email),
        (_("Signs in with"), user.username),
        *(fact for part in parts for fact in part.facts if fact[1]),
    ]
    context = {
        "facts": [fact for fact in facts if fact[1]],
        "forms": forms,
        "invalid": next((form for form in forms if form.errors), None),
        "face": "staff.html" if user.is_desk else "patron.html",
    }
    return render(request, "illdesk/account.html", context, status=422 if data is not None else 200)


@open_page
@require_POST
def set_language(request):
    """Django's own view keeps the cookie and finds the safe way back; the account remembers it too."""
    chosen = request.POST.get("language")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language_cookie(request)
