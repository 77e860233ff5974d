"""Paper: pull slips, book bands, shipping labels as PDF, made from what is stored now."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from illdesk import actors
from illdesk.errors import DeskError, NotAllowed
from illdesk.http import signed_in_only
from illdesk.models import Institution
from illdesk.templatetags.ill import clock, day
from requests_app import access, lifecycle
from requests_app.actions import perform
from requests_app.models import ILLRequest
from requests_app.printing.bands import BookBand, book_bands
from requests_app.printing.labels import ShippingLabel, shipping_labels
from requests_app.printing.slips import PullSlip, pull_slips
from requests_app.views import paper_words as words

MOST = 200
# Where somebody goes to the shelf for it.
_PULLED = ("lending.received", "lending.searching", "documents.submitted", "documents.searching")


@signed_in_only
def pull_slip(request, number: str):
    """For whoever goes to our own shelves: lending and document delivery."""
    ill = _of_kind(request.user, number, lifecycle.LENDING, lifecycle.DOCUMENTS)
    return _pdf(pull_slips([slip_of(ill, _us())], words=words.slips()), f"slip-{ill.number}")


@signed_in_only
def band(request, number: str):
    ill = _of_kind(request.user, number, lifecycle.BORROWING)
    return _pdf(book_bands([band_of(ill, _us())], words=words.bands()), f"band-{ill.number}")


@signed_in_only
def label(request, number: str):
    """To the borrowing library for what we lend, back to the lender for what we borrowed."""
    ill = access.staff_request(request.user, number)
    return _pdf(shipping_labels([label_of(ill, _us())], words=words.labels()), f"label-{ill.number}")


@signed_in_only
@require_POST
def print_slips(request):
    """Pull slips of the ticked requests, in shelf order; those still in Received go to Searching."""
    ills = list(
        ILLRequest.objects.filter(
            number__in=_ticked(request), kind__in=access.kinds_seen(request.user), state__in=_PULLED,
        ).select_related("citation", "partner", "branch")
    )
    if not ills:
        raise NotAllowed(_("Nothing is ticked that needs a pull slip. Tick some requests first."))
    for ill in ills:
        if ill.state in ("lending.received", "documents.submitted"):
            try:
                perform(ill, "start_search", actor=actors.staff(request.user))
            except DeskError:
                continue  # somebody moved it this moment: the slip is printed all the same
    us = _us()
    return _pdf(pull_slips([slip_of(ill, us) for ill in ills], words=words.slips()), f"slips-{timezone.localdate()}")


@signed_in_only
@require_POST
def print_bands(request):
    from django.contrib import messages

    ills = list(
        ILLRequest.objects.filter(number__in=_ticked(request), kind=lifecycle.BORROWING)
        .select_related("citation", "partner", "branch")
    ) if access.sees_kind(request.user, lifecycle.BORROWING) else []
    if not ills:
        messages.warning(request, _("Nothing is ticked. Tick some requests first."))
        return redirect("kind", lifecycle.BORROWING)
    us = _us()
    return _pdf(book_bands([band_of(ill, us) for ill in ills], words=words.bands()), f"bands-{timezone.localdate()}")


def _ticked(request) -> list[str]:
    """Numbers; a list sends 'B-2026-00412@7', with the version it showed."""
    return [mark.partition("@")[0] for mark in request.POST.getlist("tick")[:MOST] if "\x00" not in mark]


def slip_of(ill: ILLRequest, institution: Institution | None) -> PullSlip:
    citation = ill.citation
    return PullSlip(
        number=ill.number,
        call_number=ill.call_number,
        location=ill.location,
        title=citation.shown_title,
        author=citation.shown_author,
        year=citation.year,
        wanted=_wanted(ill),
        for_library=ill.partner.symbol if ill.partner else _("our patron"),
        answer_by=f"{day(ill.respond_by)}, {clock(ill.respond_by)}" if ill.respond_by else "",
        item_barcode=ill.barcode,
        return_to=institution.department if institution else "",
        note=ill.asker_note,
    )


def band_of(ill: ILLRequest, institution: Institution | None) -> BookBand:
    from django.conf import settings

    citation = ill.citation
    return BookBand(
        number=ill.number,
        hold_until=day(ill.hold_until),
        shelf_code=ill.shelf_code,
        pickup=ill.branch.name if ill.branch else "",
        due=day(ill.due_patron),
        title=citation.shown_title,
        author=citation.shown_author,
        pieces_text=_pieces(ill),
        lent_by=ill.partner.name if ill.partner else "",
        use_text=_("Library use only") if ill.library_use_only else "",
        renew_url=settings.BASE_URL.partition("://")[2] + ill.get_absolute_url(),
        phone=institution.phone if institution else "",
        library=institution.name if institution else "",
    )


def label_of(ill: ILLRequest, institution: Institution | None) -> ShippingLabel:
    partner = ill.partner
    dialogue = ill.dialogues.order_by("-attempt").first()
    theirs = ""
    if dialogue:
        theirs = dialogue.request_id if ill.kind == lifecycle.LENDING else dialogue.their_number
    purpose = "shipping" if ill.kind == lifecycle.LENDING else "returns"
    to_name, to_lines, _country = partner.address_for(purpose) if partner else ("", [], "")
    return ShippingLabel(
        number=ill.number,
        to_name=to_name,
        to_lines=tuple(to_lines),
        from_name=f"{institution.name}, {institution.department}" if institution else "",
        from_lines=tuple(institution.address_lines) if institution else (),
        their_number=theirs,
        due_back=day(ill.due_lender) if ill.kind == lifecycle.LENDING else "",
        pieces=str(ill.pieces),
    )


def _wanted(ill: ILLRequest) -> str:
    parts = [str(ill.get_service_display())]
    if ill.citation.volume:
        parts.append(_("volume %(volume)s") % {"volume": ill.citation.volume})
    if ill.citation.pages:
        parts.append(_("pp. %(pages)s") % {"pages": ill.citation.pages})
    if _pieces(ill):
        parts.append(_pieces(ill))
    return " · ".join(parts)


def _pieces(ill: ILLRequest) -> str:
    if ill.pieces <= 1:
        return ill.pieces_text
    count = ngettext("%(n)d piece", "%(n)d pieces", ill.pieces) % {"n": ill.pieces}
    return f"{count}: {ill.pieces_text}" if ill.pieces_text else count


def _us() -> Institution | None:
    return Institution.objects.filter(pk=1).first()


def _of_kind(user, number: str, *kinds: str) -> ILLRequest:
    from django.http import Http404

    ill = access.staff_request(user, number)
    if ill.kind not in kinds:
        raise Http404
    return ill


def _pdf(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
