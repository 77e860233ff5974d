"""Copyright rules: what is in force as sentences, a new version, what it would change, and every version there was."""

from dataclasses import replace

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from illdesk import actors
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.http import needs
from requests_app.copyright import decision, readings, rule_sets
from requests_app.copyright.rules import DEFAULT, PRESET_LABELS, PRESETS, Rules
from requests_app.forms.copyright_rules import RulesForm
from requests_app.models import RuleSet
from requests_app.views.copyright import side

VERDICTS = {
    decision.WITHIN: gettext_lazy("within the limit"), decision.OVER: gettext_lazy("beyond the limit"),
    decision.OUTSIDE: gettext_lazy("not counted"), decision.PERSON: gettext_lazy("a person decides"),
    decision.NONE: gettext_lazy("no ground is needed"),
}


@needs("manage_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request):
    today, now = timezone.localdate(), timezone.now()
    versions = rule_sets.versions(today)
    present = next((one.rules for one in versions if one.state == "now"), DEFAULT)
    newest = rule_sets.newest()
    code = request.POST.get("preset") or request.GET.get("preset") or present.code
    begin = _begins_with(code, present, versions)
    form = RulesForm(request.POST or None, rules=begin, seen=newest, today=today)
    context: dict = {"form": form}
    status = 200
    if request.method == "POST":
        if not form.is_valid():
            status = 422
        elif "try" in request.POST:
            context["tried"] = _tried(form.draft(), present, form.cleaned_data["valid_from"], now)
        elif form.cleaned_data["seen"] == newest and not rule_sets.differs(
            form.draft(), form.cleaned_data["valid_from"]
        ):
            form.add_error(None, _("Nothing differs from the rules that hold on that day. Nothing was stored."))
            status = 422
        else:
            try:
                row = rule_sets.save(form.draft(), valid_from=form.cleaned_data["valid_from"],
                                     seen=form.cleaned_data["seen"], actor=actors.staff(request.user), now=now)
                messages.success(request, _said(row, today))
                return redirect("copyright_rules")
            except BadAnswer as wrong:
                form.add_error(wrong.field, str(wrong))
                status = 422
            except Stale as refusal:
                form.now_says("seen", str(newest))
                context["refusal"], status = str(refusal), 409
    side.set_side(request, "copyright_rules")
    context |= {
        "present": present, "told": _sentences(present), "versions": [_shown(one) for one in versions],
        "preset": begin.code, "presets": PRESET_LABELS.items(), "preset_label": PRESET_LABELS[begin.code],
        "compared": _compared(request, versions),
        "planned": next((one.row for one in versions if one.state == "planned"), None),
    }
    return render(request, "requests_app/copyright/rules.html", context, status=status)


def _begins_with(code: str, present: Rules, versions: list[rule_sets.Version]) -> Rules:
    """The rules in force; of another set its newest version, else as it is offered."""
    if code == present.code or code not in PRESETS:
        return present if present.code in PRESETS else replace(present, code=DEFAULT.code)
    return next((one.rules for one in versions if one.rules.code == code), PRESETS[code])


def _sentences(rules: Rules) -> list[tuple[str, list[tuple[str, readings.Reading]]]]:
    shown = readings.of(rules)
    found = [(str(label), [(one.told(rules), one) for one in shown if one.group == group])
             for group, label in readings.GROUPS.items()]
    return [(label, rows) for label, rows in found if rows]


def _tried(draft: Rules, present: Rules, valid_from, now) -> dict:
    rows = rule_sets.dry_run(draft, now=now)
    return {
        "all": len(rows),
        "changes": [{"ill": row.ill, "sent": row.sent, "before": _verdict(row.before), "after": _verdict(row.after)}
                    for row in rows if row.differs],
        "differences": readings.differences(present, draft), "other_set": draft.code != present.code,
        "beyond": rule_sets.beyond(draft, valid_from.year), "limit": draft.limit, "year": valid_from.year,
    }


def _verdict(made: decision.Decision) -> str:
    words = str(VERDICTS[made.verdict])
    return f"{words}, {made.code}" if made.code else words


def _shown(one: rule_sets.Version) -> dict:
    row = one.row
    return {"version": one, "rules": one.rules, "row": row, "key": row.pk if row else 0,
            "who": row.by.short_name if row and row.by else ""}


def _compared(request, versions: list[rule_sets.Version]) -> dict | None:
    """Two versions side by side, as the address says."""
    keys = {str(one.row.pk if one.row else 0): one for one in versions}
    first, second = keys.get(request.GET.get("a", "")), keys.get(request.GET.get("b", ""))
    if first is None or second is None:
        return None
    return {"a": first.rules, "b": second.rules, "rows": readings.differences(first.rules, second.rules)}


def _said(row: RuleSet, today) -> str:
    if row.valid_from > today:
        return _("Version %(label)s is stored. It begins on the day you chose; until then nothing changes.") % {
            "label": row}
    return _("Version %(label)s is stored and holds for what is decided from now on.") % {"label": row}


@needs("manage_copyright")
@require_POST
def withdraw(request, pk: int):
    """A planned version is not to begin."""
    row = get_object_or_404(RuleSet, pk=pk)
    try:
        rule_sets.withdraw(row.pk, actor=actors.staff(request.user), now=timezone.now())
        messages.success(request, _("Version %(label)s is withdrawn; it does not begin.") % {"label": row})
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("copyright_rules")
