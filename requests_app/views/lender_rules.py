"""Choosing lenders: the rules, tried on what was asked for lately, and stored."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from illdesk import actors
from illdesk.errors import Stale
from illdesk.http import needs
from requests_app.forms.lender_rules import RulesForm
from requests_app.lenders import rota, stored
from requests_app.lenders.rules import BY_CODE

TRIED = 50


@needs("manage_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def lender_rules(request):
    present, version = stored.current(), stored.version()
    form = RulesForm(request.POST or None, rules=present, seen=version)
    context: dict = {"form": form}
    status = 200
    if request.method == "POST":
        if not form.is_valid():
            status = 422
        elif "try" in request.POST:
            context["tried"] = _tried(form)
        else:
            try:
                found = stored.save(
                    form.rules(), actor=actors.staff(request.user), now=timezone.now(), seen=form.cleaned_data["seen"]
                )
                messages.success(request, _said(found))
                return redirect("lender_rules")
            except Stale as refusal:
                form.now_says("seen", str(version))
                context["refusal"], status = str(refusal), 409
    context["history"] = [
        {"event": event, "who": event.actor.short_name if event.actor else _("The system"),
         "changes": [in_words(change) for change in changes]}
        for event, changes in stored.history()
    ]
    return render(request, "requests_app/libraries/lender_rules.html", context, status=status)


def _tried(form: RulesForm) -> dict:
    """What the draft would change for the requests sent last: only looked at."""
    rows = rota.compare(rota.last_sent(TRIED), form.rules(), now=timezone.now())
    changes = [row for row in rows if row.changes]
    return {
        "all": len(rows), "changes": changes, "different": stored.changes(stored.current(), form.rules()),
        "nobody": sum(1 for row in rows if row.after is None),
    }


def _said(found: list[stored.Change]) -> str:
    if not found:
        return _("Nothing was different; nothing was stored.")
    told = "; ".join(in_words(change) for change in found)
    return _("The rules are stored and hold from now on. %(changes)s.") % {"changes": told}


def in_words(change: stored.Change) -> str:
    """'Being asked … times in … days takes … points: points 20 → 30'"""
    kind = BY_CODE[change.code]
    rule = str(kind.sentence).format_map(_Dots()).rstrip(".")
    if change.name == "on":
        what = _("switched on") if change.after else _("switched off")
    else:
        one = next((one for one in kind.parameters if one.name == change.name), None)
        label = str(one.label) if one else _("points")
        names = dict(one.choices) if one else {}
        before, after = (str(names.get(value, value)) for value in (change.before, change.after))
        what = _("%(label)s changed") % {"label": label} if change.after is None else f"{label} {before} → {after}"
    return f"{rule}: {what}"


class _Dots(dict):
    def __missing__(self, name: str) -> str:
        return "…"
