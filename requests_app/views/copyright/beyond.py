"""Beyond the limit: who waits for a place, notes to collection development, where a work was looked for."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, exports
from illdesk.errors import BadAnswer, NotAllowed, Stale
from illdesk.http import needs
from requests_app import access, lifecycle
from requests_app.copyright import collection, fair_price, waits
from requests_app.forms.royalties import DismissForm, FairPriceForm, NoteForm
from requests_app.models import CollectionNote, OverLimitSettings
from requests_app.views.copyright import side

A_PAGE = 50
_FAMILIES = {CollectionNote.PROPOSED: "decision", CollectionNote.SENT: "ended_ok",
             CollectionNote.DISMISSED: "ended_not"}


# --- waiting -------------------------------------------------------------------------------------------------


@needs("see_copyright")
@require_safe
def waiting(request):
    side.set_side(request, "copyright_waiting")
    rows = list(waits.waiting(after=_after(request.GET.get("after")), most=A_PAGE + 1))
    last = rows[A_PAGE - 1] if len(rows) > A_PAGE else None
    context = {
        "rows": rows[:A_PAGE], "after": request.GET.get("after", ""),
        "next": f"{last.next_on.isoformat()}_{last.pk}" if last else "",
    }
    return render(request, "requests_app/copyright/waiting.html", context)


@needs("see_copyright")
@require_safe
def waiting_export(request, form: str):
    head = [_("Number"), _("Counted for"), _("Year"), _("Waits since"), _("Needed by"), _("Looked at again on"),
            _("A place is free")]
    rows = (
        (row.ill.number, row.title.name, row.year, timezone.localtime(row.since).date(), row.ill.need_by, row.next_on,
         _("yes") if row.told else "")
        for row in waits.waiting().iterator()
    )
    return exports.file(form, "waiting-for-a-place", head, rows)


def _after(text: str | None) -> tuple[date, int] | None:
    day, _sep, pk = (text or "").partition("_")
    try:
        return (date.fromisoformat(day), int(pk[:15])) if pk else None
    except ValueError:
        return None


# --- notes to collection development -------------------------------------------------------------------------


@needs("see_copyright")
@require_safe
def notes(request):
    side.set_side(request, "copyright_collection")
    states = dict(CollectionNote.STATES)
    state = request.GET.get("state", "")
    state = state if state in states else CollectionNote.PROPOSED
    text = request.GET.get("before") or ""
    before = int(text) if text.isdecimal() and len(text) < 16 else 0
    rows = collection.listed(state, before=before, most=A_PAGE + 1)
    context = {
        "rows": rows[:A_PAGE], "state": state, "states": list(states.items()), "before": before,
        "next": rows[A_PAGE - 1].pk if len(rows) > A_PAGE else 0, "family": _FAMILIES[state],
    }
    return render(request, "requests_app/copyright/collection.html", context)


@needs("see_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def note(request, pk: int):
    """Edit the text, or send it; both only by those who settle copyright."""
    row = get_object_or_404(CollectionNote.objects.select_related("title", "by"), pk=pk)
    if request.method != "POST":
        return _note_page(request, row)
    if not request.user.may("work_copyright"):
        raise NotAllowed(_("Notes are written by those who settle copyright."))
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _note_page(request, row, form=form, status=422)
    given, actor, now = form.cleaned_data, actors.staff(request.user), timezone.now()
    try:
        if "send" in request.POST:
            if collection.send(row, given["text"], actor=actor, now=now):
                messages.success(request, _("The note is on its way to collection development."))
            else:
                messages.info(request, _("This note was decided on already."))
        else:
            collection.write(row, given["text"], seen=given["seen"], actor=actor, now=now)
            messages.success(request, _("The text is stored."))
    except (BadAnswer, Stale) as refusal:
        form.add_error(getattr(refusal, "field", "") or None, str(refusal))
        return _note_page(request, row, form=form, status=422 if isinstance(refusal, BadAnswer) else 409)
    return redirect("collection_note", row.pk)


@needs("work_copyright")
@require_POST
def dismiss(request, pk: int):
    row = get_object_or_404(CollectionNote.objects.select_related("title", "by"), pk=pk)
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _note_page(request, row, dismissing=form, status=422)
    if collection.dismiss(row, form.cleaned_data["reason"], actor=actors.staff(request.user), now=timezone.now()):
        messages.success(request, _("The note is dismissed."))
    else:
        messages.info(request, _("This note was decided on already."))
    return redirect("copyright_collection")


def _note_page(request, row: CollectionNote, *, form=None, dismissing=None, status: int = 200):
    side.set_side(request, "copyright_collection")
    text = collection.text_of(row)
    context = {
        "note": row, "text": text, "family": _FAMILIES[row.state], "dismissing": dismissing or DismissForm(),
        "form": form or NoteForm(initial={"text": text, "seen": row.version}), "errors": form or dismissing,
        "open": row.state == CollectionNote.PROPOSED, "to": OverLimitSettings.current().collection_email,
    }
    return render(request, "requests_app/copyright/note.html", context, status=status)


# --- 17 USC 108(e) -------------------------------------------------------------------------------------------


@needs("work_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def looked(request, number: str):
    """Where a whole work was looked for at a fair price."""
    ill = access.staff_request(request.user, number)
    if ill.kind != lifecycle.BORROWING:
        raise Http404
    form = FairPriceForm(request.POST or None, initial={"looked_on": timezone.localdate(), "currency": "USD"})
    decision = reverse("act", args=[ill.number, "decide_copyright"])
    if request.method == "POST" and form.is_valid():
        try:
            fair_price.record(ill, **form.cleaned_data, actor=actors.staff(request.user), now=timezone.now(),
                              today=timezone.localdate())
        except (BadAnswer, NotAllowed) as refusal:
            form.add_error(getattr(refusal, "field", "") or None, str(refusal))
        else:
            messages.success(request, _("It is kept with %(number)s.") % {"number": ill.number})
            return redirect(decision)
    request.place = ill.kind
    context = {
        "form": form, "heading": _("Looked for at a fair price"), "back_url": decision, "back_label": ill.number,
        "sub": ill.citation.shown_title[:200],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "illdesk/form_back.html", context, status=status)
