"""The fixed words on paper, in the reader's language; the drawing code knows no translation."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.printing.bands import BandWords
from requests_app.printing.labels import LabelWords
from requests_app.printing.slips import SlipWords


def slips() -> SlipWords:
    return SlipWords(
        language=get_language() or "en",
        title=_("Pull slips"),
        position=_("{at} of {total}"),
        no_location=_("Location not known"),
        no_call_number=_("No call number"),
        answer_by=_("answer by {when}"),
        item=_("Item {barcode}"),
        returns_to=_("Returns to {place}"),
        results=(_("Found"), _("Not on shelf"), _("Poor condition"), _("Need help")),
        initials=_("Initials"),
        searched=_("Searched"),
        places=(_("nearby shelves"), _("sorting shelf"), _("new books"), _("reserves")),
    )


def bands() -> BandWords:
    return BandWords(
        language=get_language() or "en",
        title=_("Book bands"),
        hold_until=_("Hold until"),
        due_back=_("Due back"),
        pick_up_at=_("Pick up at"),
        return_all=_("Please return everything, and leave this band on the book."),
        leave_band=_("Please leave this band on the book."),
        lent_by=_("Lent by"),
        renew=_("Renew: {address}"),
        questions=_("Questions: {phone}"),
    )


def labels() -> LabelWords:
    return LabelWords(
        language=get_language() or "en",
        title=_("Shipping labels"),
        badge=_("Library loan"),
        sender=_("From"),
        to=_("To"),
        due_back=_("Due back"),
        pieces=_("Pieces"),
        route=_("Route"),
        insured=_("Insured"),
        their_number=_("Their number {number}"),
    )
