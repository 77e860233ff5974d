"""The editor of letters: what each says in each language, tried with a sample, published as a version."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from illdesk import actors, difference, events, notices
from illdesk.errors import BadAnswer
from illdesk.forms import LetterForm
from illdesk.http import needs
from illdesk.models import Letter


@needs("edit_letters")
@require_safe
def listing(request):
    newest = {(row.code, row.language): row for row in Letter.objects.order_by("version").defer("body")}
    languages = [_language(code) for code, _name in settings.LANGUAGES]
    rows = [
        {
            "kind": kind,
            "wordings": [
                {
                    "language": language,
                    "name": _language(language),
                    "known": language in kind.wordings,
                    "saved": newest.get((kind.code, language)),
                }
                for language, _name in settings.LANGUAGES
            ],
        }
        for kind in notices.KINDS.values()
    ]
    return render(request, "illdesk/letters.html", {"rows": rows, "languages": languages})


@needs("edit_letters")
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request, code: str, language: str):
    kind = notices.KINDS.get(code)
    if kind is None or language not in kind.wordings:
        raise Http404
    current = notices.wording(code, language)
    form = LetterForm(
        request.POST or None, initial={"subject": current.subject, "body": current.body, "based_on": current.version}
    )
    preview = None
    status = 200
    if request.method == "POST":
        if "restore" in request.POST:
            form = _restored(request, kind, language)
        status = 422
        if form.is_valid():
            if request.POST.get("do") == "preview":
                preview, status = _preview(form.cleaned_data, language), 200
            elif _publish(request, form, kind, language):
                return redirect("settings_letter", code, language)
            current = notices.wording(code, language)
    versions = notices.versions(code, language)
    context = {
        "kind": kind, "language": language, "language_name": _language(language), "form": form, "current": current,
        "preview": preview or _preview({"subject": current.subject, "body": current.body}, language),
        "preview_is_mine": preview is not None,
        "versions": versions,
        "compared": _compared(request.GET.get("compare", ""), versions, current),
        "placeholders": _placeholders(kind, language),
        "others": [(other, _language(other)) for other in kind.wordings if other != language],
    }
    return render(request, "illdesk/letter.html", context, status=status)


def _publish(request, form: LetterForm, kind, language: str) -> bool:
    given, now = form.cleaned_data, timezone.now()
    try:
        saved = notices.save_wording(
            kind.code, language, subject=given["subject"], body=given["body"], by=request.user,
            based_on=given["based_on"], now=now,
        )
    except BadAnswer as refusal:
        form.add_error(refusal.field or None, str(refusal))
        # Told who was faster, the person decides: the next click publishes over it.
        form.now_says("based_on", str(notices.wording(kind.code, language).version))
        return False
    events.record(
        "letter.published", subject=("letter", saved.pk), actor=actors.staff(request.user), now=now,
        data={"code": kind.code, "language": language, "version": saved.version},
    )
    words = _("Version %(version)s is published. Letters use it from now on.") % {"version": saved.version}
    messages.success(request, words)
    return True


def _restored(request, kind, language: str) -> LetterForm:
    """The form as if somebody had typed the older wording; it is published as a new version."""
    number = request.POST["restore"]
    old = next((row for row in notices.versions(kind.code, language) if str(row.version) == number), None)
    if old is None:
        raise Http404
    return LetterForm({"subject": old.subject, "body": old.body, "based_on": request.POST.get("based_on", "")})


def _preview(text: dict, language: str) -> dict[str, str]:
    with override(language):
        values = notices.everywhere() | notices.samples()
        return {
            "subject": " ".join(notices.fill(text["subject"], values).split()),
            "body": notices.fill(text["body"], values),
        }


def _compared(wanted: str, versions: list[Letter], current: Letter) -> dict | None:
    old = next((row for row in versions if str(row.version) == wanted), None)
    if old is None or old.version == current.version:
        return None
    return {
        "old": old,
        "subject": difference.marked(old.subject, current.subject),
        "body": difference.marked(old.body, current.body),
    }


def _placeholders(kind, language: str) -> list[tuple[str, str, str]]:
    rows = []
    for name in kind.placeholders:
        known = notices.PLACEHOLDERS.get(name)
        with override(language):
            sample = str(known.sample) if known else ""
        rows.append((f"{{{name}}}", str(known.words) if known else "", sample))
    return rows


def _language(code: str) -> str:
    return get_language_info(code)["name_translated"].capitalize()
