"""The cover sheet of a request's copy, in the patron's language."""

from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from illdesk import dates
from illdesk.models import Institution
from requests_app.copyright import texts
from requests_app.models import ILLRequest
from requests_app.printing.covers import CoverSheet, cover_sheet


def cover_of(ill: ILLRequest, *, now: datetime) -> bytes:
    """A PDF of one page. No patron's name: the file may lie on a shared machine."""
    institution = Institution.objects.filter(pk=1).first()
    language = (ill.patron.language if ill.patron else "") or "en"
    citation = ill.citation
    heading, paragraphs = texts.on_cover(timezone.localtime(now).date())
    with translation.override(language):
        facts = [
            (_("Copied by"), ill.partner.name if ill.partner and ill.kind == "borrowing" else
             institution.name if institution else ""),
            (_("Made on"), dates.in_letters(timezone.localtime(now).date())),
            (_("Something wrong?"), _("Report it on the page of the request: you need not ask anew.")),
        ]
        return cover_sheet(CoverSheet(
            number=ill.number,
            library=institution.name if institution else "ILL Desk",
            department=institution.department if institution else "",
            heading=_("Copy for private study"),
            title=citation.shown_title[:600],
            source=citation.line[:400],
            facts=tuple((label, value) for label, value in facts if value),
            warning_title=heading or _("Notice of copyright"),
            warning=paragraphs,
            language=language,
        ))
