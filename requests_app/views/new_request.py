"""A new request: what was pasted fills the form, which is stored before anything else is asked of anyone.

The patron's own page and the desk's (`staff_entry.py`) are two doors to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from illdesk import actors, registry
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.http import needs
from illdesk.models import Branch
from illdesk.templatetags.ill import day
from requests_app.actions import intake
from requests_app.copyright import texts
from requests_app.forms.kinds import FIELDS, KINDS
from requests_app.forms.new_request import NewRequestForm
from requests_app.models import Patron
from requests_app.verification.records import CITED, Record
from requests_app.verification.wanted import normal_record
from requests_app.views import lookup

_OF_THE_PAGE = ("kind", "patron", "form_key", "csrfmiddlewaretoken", "change_kind")
WANTED = {*CITED, "kind"}


@dataclass(frozen=True)
class Door:
    """By whom a request is asked, for whom, and on which page. `form`: makes the form; `said`: what it tells
    `intake.ask` beyond what all forms do; `again`: the sentence about an open request for the same."""

    patron: Patron
    actor: actors.Actor
    url: str
    form: Callable[..., NewRequestForm]
    said: Callable[[Any], dict]
    page: str
    again: str

    @property
    def pickup(self) -> Branch | None:
        return self.patron.pickup or Branch.objects.filter(pickup=True, active=True).first()


def of_patron(user) -> Door:
    """The patron's own."""
    return Door(
        intake.ensure_patron(user), actors.patron(user), reverse("new_request"), NewRequestForm,
        lambda form: {"warning_shown": "web", "signed": form.signed()}, "requests_app/patron/new_request.html",
        _('You already asked for this on {}. <a href="{}">Open that request</a>.'),
    )


@needs("ask")
def new_request(request):
    door = of_patron(request.user)
    return take(request, door, blocks=[sentence for ask in registry.PATRON_BLOCKS for sentence in ask(door.patron)])


def take(request, door: Door, **more):
    """The form, empty or filled; a form sent twice is one request. `more`: for its page, before anything is typed."""
    kind = request.POST.get("kind") or request.GET.get("kind") or "book"
    kind = kind if kind in FIELDS else "book"
    if "find" in request.POST:
        return _looked_up(request, door, request.POST)
    if request.method == "GET" and "what" in request.GET and "kind" not in request.GET:
        return _looked_up(request, door, request.GET)
    if request.method != "POST" or "change_kind" in request.POST:
        typed = request.POST if request.method == "POST" else request.GET
        kept = {name: typed[name] for name in typed if name not in _OF_THE_PAGE}
        return show(request, door, _form(door, kind, initial=kept), **more)
    form = _form(door, kind, request.POST)
    if form.is_valid() and not form.cleaned_data["again"]:
        same = intake.duplicate_of(door.patron, title=form.wanted_title, today=form.today)
        if same is not None and same.form_key != form.cleaned_data["form_key"]:
            form.doubt_about_duplicate(format_html(door.again, day(same.created), same.get_absolute_url()))
    if form.is_valid() and not form.insists:
        offer = _offer_before_sending(form)
        if offer is not None:
            form.doubt_about_online()
            return show(request, door, form, status=422, offer=offer)
    if not form.is_valid():
        return show(request, door, form, status=422)
    return _stored(request, door, form)


def _stored(request, door: Door, form: NewRequestForm):
    given = form.cleaned_data
    assert form.texts is not None
    try:
        ill = intake.ask(
            patron=door.patron, citation=form.citation(), typed=form.typed(), actor=door.actor, now=timezone.now(),
            need_by=given["need_by"], branch=given.get("branch"), note=given["note"], form_key=given["form_key"],
            service=form.service, **({"warning_version": form.texts.version} | door.said(form)),
        )
    except BadAnswer as wrong:
        form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        return show(request, door, form, status=422)
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return show(request, door, form, status=422)
    messages.success(request, _("We have your request. Its number is %(number)s.") % {"number": ill.number}
                     if door.actor.kind == "patron" else
                     _("%(number)s is stored for %(name)s.") % {"number": ill.number, "name": door.patron.name})
    if ill.declaration_due:
        messages.warning(request, _("It waits until the declaration is signed; nothing is sent before."))
    return redirect(ill)


def _form(door: Door, kind: str, data=None, *, initial: dict | None = None) -> NewRequestForm:
    today = timezone.localdate()
    return door.form(data, kind=kind, pickup=door.pickup, today=today, texts=texts.on_form(today), initial=initial)


def _looked_up(request, door: Door, said):
    """One number, link or reference fills the form, within two seconds; what was pasted is kept in any case. `said`:
    a form's fields, since a reference of several lines fits into no address; or those of a short link."""
    text = lookup.pasted(said)
    wanted, is_reference = lookup.read(text)
    mere_words = "" if is_reference else text
    offer = lookup.look(wanted, now=timezone.now(), text=mere_words) if text else lookup.Offer()
    record = offer.record or wanted
    kind = lookup.kind_of(record)
    form = _form(door, kind, initial={**lookup.initial(record, kind), "pasted": text})
    if offer.record:  # The offer was made: who sends the form now wants it all the same.
        form.initial["all_the_same"] = form.work
    return show(request, door, form, what=text, offer=offer)


def _offer_before_sending(form) -> lookup.Offer | None:
    """What was typed by hand may be online or on our shelf as well; said before anything is sent."""
    record = normal_record(Record(**{name: value for name, value in form.citation().items() if name in WANTED}))
    offer = lookup.look(record, now=timezone.now())
    return offer if offer.spares_a_request else None


def show(request, door: Door, form: NewRequestForm, *, status: int = 200, offer: lookup.Offer | None = None, **more):
    """The form for new requests. `more`: for its template: `came_from`, a sentence; `failures`, sentences; `what`,
    what was pasted."""
    nothing = lookup.sentence_when_nothing(offer) if offer and not offer.record and more.get("what") else ""
    context = more | {
        "form": form, "kind": form.kind, "kinds": KINDS, "kind_label": dict(KINDS)[form.kind], "offer": offer,
        "nothing": nothing, "texts": form.texts, "form_url": door.url, "patron": door.patron,
        "by_staff": door.actor.kind == "staff",
    }
    template = "requests_app/patron/_new_fields.html" if request.htmx else door.page
    return render(request, template, context, status=status)
