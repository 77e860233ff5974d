"""Warnings, declarations and legends: what is shown to patrons, what is put on copies, and who compared it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, exports
from illdesk.errors import BadAnswer, Stale
from illdesk.http import needs
from requests_app.copyright import clearance, notices, texts
from requests_app.copyright.rules import PRESET_LABELS
from requests_app.forms.copyright_texts import CheckForm, TextForm, WhichTextForm
from requests_app.models import CopyrightText
from requests_app.printing.signs import counter_sign
from requests_app.views.copyright import side

SHOWN = 200


@needs("see_copyright")
@require_safe
def page(request):
    return _page(request)


def _page(request, *, check_error: str = "", status: int = 200):
    side.set_side(request, "copyright_notices")
    today = timezone.localdate()
    shown = texts.on_form(today)
    context = {
        "rules": shown.rules, "warning": texts.warning(request.LANGUAGE_CODE), "shown": shown.warning is not None,
        "notice": shown.notice, "declaration": shown.declaration, "legend": texts.legend(today),
        "check": texts.checked("warning", notices.VERSION), "version": notices.VERSION,
        "wordings": notices.WORDINGS.items(), "check_error": check_error,
        "proposals": texts.proposals(shown.rules, today),
        "rows": [row_of(row) for row in _stored()[:SHOWN]], "which": WhichTextForm(initial={"rules": shown.rules.code}),
        "may_change": request.user.may("manage_copyright"),
    }
    return render(request, "requests_app/copyright/notices.html", context, status=status)


def _stored():
    return CopyrightText.objects.select_related("by").order_by("kind", "rules", "language", "-version")


def row_of(row: CopyrightText) -> dict:
    return {"row": row, "rules": PRESET_LABELS.get(row.rules, row.rules),
            "who": row.by.short_name if row.by else _("The house’s proposal, as it was signed")}


@needs("see_copyright")
@require_safe
def sign(request):
    """The display warning for the counter, to be printed and hung up."""
    shown = texts.warning()
    response = HttpResponse(counter_sign(shown.title, shown.paragraphs), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="copyright-warning.pdf"'
    return response


@needs("manage_copyright")
@require_POST
def check(request):
    """Somebody compared the warning, or a proposal of the house, with the official text."""
    form = CheckForm(request.POST)
    if not form.is_valid():
        return _page(request, check_error=_("Choose what the official text says."), status=422)
    given = form.cleaned_data
    today = timezone.localdate()
    known = {("warning", notices.VERSION)} | {
        (row.what, row.version) for row in texts.proposals(clearance.rules_on(today), today)
    }
    if (given["what"], given["version"]) not in known:
        return _page(request, check_error=_("This text changed since you looked at it. Compare it anew."), status=409)
    try:
        texts.record_check(given["what"], given["version"], wording=given["wording"],
                           actor=actors.staff(request.user), now=timezone.now())
    except BadAnswer as refusal:
        return _page(request, check_error=str(refusal), status=422)
    messages.success(request, _("It is recorded that you compared it, with your name and today’s date."))
    return redirect("copyright_notices")


@needs("manage_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def new_text(request):
    """A new version of one text; the text in force is where it begins."""
    which = WhichTextForm(request.GET)
    side.set_side(request, "copyright_notices")
    if not which.is_valid():
        return render(request, "requests_app/copyright/text.html", {"which": which}, status=422)
    kind, rules, language = (which.cleaned_data[name] for name in ("kind", "rules", "language"))
    newest = texts.newest_version(kind, rules, language)
    form = TextForm(request.POST or None, initial={
        "seen": newest, "valid_from": timezone.localdate(), "text": _begins_with(kind, rules, language),
    })
    status, refusal = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                row = texts.add(kind, rules, language, form.cleaned_data["text"],
                                valid_from=form.cleaned_data["valid_from"], seen=form.cleaned_data["seen"],
                                actor=actors.staff(request.user), now=timezone.now())
                messages.success(request, _("Version %(version)s is stored.") % {"version": row.version})
                return redirect("copyright_notices")
            except BadAnswer as wrong:
                form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
            except Stale as stale:
                form.now_says("seen", str(newest))
                refusal, status = str(stale), 409
    context = {
        "form": form, "which": which, "refusal": refusal, "kind": dict(CopyrightText.KINDS)[kind],
        "rules": PRESET_LABELS[rules], "newest": _newest(kind, rules, language) if refusal else None,
    }
    return render(request, "requests_app/copyright/text.html", context, status=status)


def _newest(kind: str, rules: str, language: str) -> CopyrightText | None:
    return CopyrightText.objects.filter(kind=kind, rules=rules, language=language).order_by("-version").first()


def _begins_with(kind: str, rules: str, language: str) -> str:
    row = _newest(kind, rules, language) or texts.proposed(kind, rules, language)
    return row.text if row else ""


_WRITERS = {"csv": exports.csv, "xlsx": exports.xlsx}


@needs("see_copyright")
@require_safe
def export(request, form: str):
    """Every version there was, for a spreadsheet."""
    if form not in _WRITERS:
        raise Http404
    head = [_("Text"), _("Rules"), _("Language"), _("Version"), _("Valid from"), _("Stored"), _("By"), _("Wording")]
    rows = (
        [row.get_kind_display(), row.rules, row.language, row.version, row.valid_from, timezone.localtime(row.made)
         .replace(tzinfo=None), row.by.short_name if row.by else "", row.text]
        for row in _stored()
    )
    return _WRITERS[form]("copyright-texts", [str(words) for words in head], rows)
