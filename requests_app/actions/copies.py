"""Copies: the scan that leaves, the PDF that arrives, and a bad one sent again.

Files are looked at, given their notice or cover, and stored before perform() is called (scans/): a step only
says to whom the stored file belongs from now on. `answers["file"]` is a `scans.stored.StoredFile`.
"""

import secrets as random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from illdesk import outbox
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.models import Attachment
from illdesk.secrets import hashed
from requests_app import reasons
from requests_app.actions import Doing, does
from requests_app.actions.borrowing import arrived_after_all
from requests_app.actions.dialogues import answer_until, close_dialogue, days_from, newest, settle_rota
from requests_app.actions.lending import answered
from requests_app.actions.patrons import tell_patron
from requests_app.copyright import ledger
from requests_app.models import Delivery, ILLRequest, RotaEntry

if TYPE_CHECKING:
    from requests_app.scans.stored import StoredFile

INCLUDED, NONE_FOUND = "included", "none"
FETCH = "fetch"  # the outbox channel that fetches a partner's file (exchange/fetch.py)


# --- a copy comes ------------------------------------------------------------------------------------


@does("lender_sent_copy")
def lender_sent_copy(doing: Doing) -> None:
    """`answers`: url (where the lender says the file is, "" on paper), note, cost, currency."""
    ill, given = doing.ill, doing.answers
    doing.note("partner", given.get("note", ""))
    settle_rota(doing, RotaEntry.SUPPLIED)
    if given.get("cost") is not None:
        ill.cost, ill.currency = given["cost"], given.get("currency") or ill.currency
    if not ill.resend_asked:
        ill.respond_by = None
    url, dialogue = given.get("url", ""), newest(doing)
    if not url or dialogue is None:
        doing.data["on_paper"] = True
        return
    # Fetched after commit, with retries; a partner that sends the same link again is fetched again.
    outbox.put(
        FETCH, key=f"{FETCH}:{ill.pk}:{ill.version}", lane=f"{FETCH}:{ill.pk}", recipient=url[:320],
        partner=dialogue.library.symbol, what="File", subject=ill.subject, now=doing.now,
        payload={"url": url, "library": dialogue.library_id, "dialogue": dialogue.pk},
    )


@does("never_came")
def never_came(doing: Doing) -> None:
    """`answers`: text. The lender said that it was sent. Its use is pending again, unless a first copy came (C5)."""
    ill = doing.ill
    doing.note("staff", doing.answers.get("text", ""))
    if "note" not in doing.data:
        raise BadAnswer(_("Write something first."), field="text")
    newest_entry = ill.rota.filter(state=RotaEntry.SUPPLIED).order_by("-place").first()
    if newest_entry is not None:
        ill.rota.filter(pk=newest_entry.pk).update(
            state=RotaEntry.UNFILLED, reason="never_came", changed=doing.now)
    close_dialogue(doing)
    ill.promised = ill.respond_by = None
    ill.reason = doing.data["reason"] = "never_came"
    if not ill.deliveries.filter(to=Delivery.PATRON).exists():
        ledger.unfill(ill)


@does("file_arrived", "receive_copy")
def file_arrived(doing: Doing) -> None:
    """`answers`: file. It takes the place of an earlier one, which is erased."""
    ill = doing.ill
    file: StoredFile | None = doing.answers.get("file")
    if file is None:
        raise BadAnswer(_("No file was chosen. Choose one, then send the form again."), field="file")
    moved = bool(doing.step.target)
    _keep(doing, file, to=Delivery.PATRON, days=doing.policy.download_days, most=doing.policy.download_views)
    if moved:
        arrived_after_all(doing)
    ill.resend_asked = None
    if ill.state == "borrowing.delivered":
        _open_download(doing)
        tell_patron(doing, "delivered_again")


@does("deliver")
def deliver(doing: Doing) -> None:
    """By itself, unless the department looks at each file first; by a person, always."""
    if doing.actor.kind == "system" and not doing.policy.deliver_by_itself:
        raise NotAllowed(_("Somebody looks at the file before it is delivered."))
    if doing.actor.kind == "system" and doing.ill.attention_why == "cancel_refused":
        raise NotAllowed(_("It was to be cancelled: somebody decides."))
    if current(doing.ill) is None:
        raise NotAllowed(_("There is no PDF yet. Add it first."))
    _open_download(doing)
    tell_patron(doing, "delivered")


def _open_download(doing: Doing, *, until: datetime | None = None, most: int = 0) -> None:
    """The patron's time begins when he or she is told, not when the file came."""
    row = current(doing.ill)
    assert row is not None
    row.until = until or doing.now + timedelta(days=doing.policy.download_days)
    row.most = most or row.fetched + doing.policy.download_views
    row.save(update_fields=["until", "most"])
    doing.ill.respond_by = row.until
    doing.data |= {"until": row.until.isoformat(), "most": row.most}


def current(ill: ILLRequest, to: str = Delivery.PATRON) -> Delivery | None:
    """The file that counts now."""
    return (
        ill.deliveries.filter(to=to, erased=None, attachment__isnull=False)
        .select_related("attachment").order_by("-pk").first()
    )


def _keep(
    doing: Doing, file: "StoredFile", *, to: str, days: int, most: int, token: str = "", notice: str = ""
) -> Delivery:
    """The stored file becomes this request's; what it replaces is erased by the sweep."""
    ill = doing.ill
    ill.deliveries.filter(to=to, erased=None).update(until=doing.now)
    attachment = Attachment.objects.create(
        subject_kind=ill.subject[0], subject_id=ill.pk, name=f"{ill.number}.pdf", content_type="application/pdf",
        size=file.size, sha256=file.sha256, file=file.path, added=doing.now, added_by=doing.actor.user,
    )
    doing.data |= {"file": attachment.pk, "pages": file.pages}
    return Delivery.objects.create(
        ill=ill, to=to, attachment=attachment, pages=file.pages, made=doing.now, most=most, notice=notice,
        until=doing.now + timedelta(days=days), token_hash=hashed(token) if token else None,
    )


@does("extend_delivery")
def extend_delivery(doing: Doing) -> None:
    """`answers`: until (date, its end), most (downloads more than were made)."""
    row, day = current(doing.ill), doing.answers.get("until")
    if row is None:
        raise NotAllowed(_("The file is erased. Ask the library to send it again."))
    if day is None or day <= doing.today:
        raise BadAnswer(_("The new day must lie in the future."), field="until")
    if (day - doing.today).days > 366:
        raise BadAnswer(_("A year is the longest. Choose an earlier day."), field="until")
    more = doing.answers.get("most") or doing.policy.download_views
    _open_download(doing, until=doing.now + (day - doing.today), most=row.fetched + more)
    tell_patron(doing, "delivered")


@does("expire_delivery")
def expire_delivery(doing: Doing) -> None:
    doing.ill.respond_by = None


# --- a bad one is sent again -------------------------------------------------------------------------


@does("report_problem")
def report_problem(doing: Doing) -> None:
    """`answers`: problem (code of `reasons.BAD_COPY`), pages, text. The patron's own words stay in the house."""
    _bad(doing)
    doing.note("patron", doing.answers.get("text", ""))
    doing.attend("bad_copy")


@does("ask_resend")
def ask_resend(doing: Doing) -> None:
    """`answers`: problem, pages, note (goes to the lender)."""
    _bad(doing)
    doing.note("to_partner", doing.answers.get("note", ""))
    if doing.step.target:  # the file is erased already: it is as if it were on its way
        doing.ill.reason = ""
        doing.ill.resend_asked = None


def _bad(doing: Doing) -> None:
    ill, problem = doing.ill, doing.answers.get("problem", "")
    if problem not in reasons.BAD_COPY:
        raise BadAnswer(_("Choose what is wrong with it."), field="problem")
    doing.data["problem"] = problem
    ill.resend_asked = doing.now
    ill.respond_by = answer_until(doing, ill.partner) if ill.partner else days_from(doing, doing.policy.answer_days)
    ill.dialogues.filter(pk__in=[row.pk for row in [newest(doing)] if row]).update(closed=None)


@does("resend_late")
def resend_late(doing: Doing) -> None:
    doing.attend("resend_late")
    doing.ill.respond_by = days_from(doing, doing.policy.lender_days, doing.ill.partner)


@does("resend_given_up")
def resend_given_up(doing: Doing) -> None:
    ill, row = doing.ill, current(doing.ill)
    ill.resend_asked = None
    ill.respond_by = row.until if row and ill.state.endswith(".delivered") else None


# --- a copy leaves -----------------------------------------------------------------------------------


@does("deliver_scan")
def deliver_scan(doing: Doing) -> None:
    """`answers`: file, notice (as `_notice`), note. The link in the message is the only key to it."""
    ill, file = doing.ill, doing.answers.get("file")
    if file is None:
        raise BadAnswer(_("No file was chosen. Choose one, then send the form again."), field="file")
    _refuse_without_compliance(ill)
    notice = _notice(doing)
    token = random.token_urlsafe(32)
    _keep(doing, file, to=Delivery.LIBRARY, days=doing.policy.link_days, most=doing.policy.link_fetches, token=token,
          notice=notice)
    doing.memo["link"] = f"{settings.BASE_URL}{reverse('scan_link', args=[token])}"
    _sent(doing)


@does("mail_copy")
def mail_copy(doing: Doing) -> None:
    """`answers`: notice (as `_notice`), note."""
    _refuse_without_compliance(doing.ill)
    _notice(doing)
    doing.data["on_paper"] = True
    _sent(doing)


def _notice(doing: Doing) -> str:
    """17 USC 108(a)(3): the original's notice is in the copy ("included"), or none was found ("none") and the legend
    is on it. Said for every copy that is made, the second time too."""
    said = doing.answers.get("notice", "")
    if said not in (INCLUDED, NONE_FOUND):
        raise BadAnswer(_("Say whether the notice of copyright is part of it."), field="notice")
    doing.data["notice"] = said
    return said


def _sent(doing: Doing) -> None:
    answered(doing)
    doing.ill.respond_by = doing.ill.resend_asked = None
    if doing.ill.attention_why == "bad_copy":
        doing.ill.attention, doing.ill.attention_why = None, ""


def _refuse_without_compliance(ill: ILLRequest) -> None:
    """CONTU 3: without the statement "the supplying library cannot fill the request". United States only."""
    if ill.lacks_compliance and ill.partner is not None:
        raise NotAllowed(
            _("%(library)s states neither CCG nor CCL. Ask for it, or record what it told you (Statement received…), "
              "before a copy is made.")
            % {"library": ill.partner.symbol}
        )


@does("borrower_wants_resend")
def borrower_wants_resend(doing: Doing) -> None:
    doing.note("partner", doing.answers.get("note", ""))
    doing.ill.resend_asked = doing.now
    doing.ill.respond_by = days_from(doing, doing.policy.answer_days, doing.ill.partner)
    doing.attend("bad_copy")
    row = newest(doing)
    if row is not None:
        doing.ill.dialogues.filter(pk=row.pk).update(closed=None)


@does("deliver_copy")
def deliver_copy(doing: Doing) -> None:
    """Document delivery. `answers`: file, notice (as `_notice`)."""
    file = doing.answers.get("file")
    if file is None:
        raise BadAnswer(_("No file was chosen. Choose one, then send the form again."), field="file")
    again = not doing.step.target
    _keep(doing, file, to=Delivery.PATRON, days=doing.policy.download_days, most=doing.policy.download_views,
          notice=_notice(doing))
    doing.ill.resend_asked = None
    if doing.ill.attention_why == "bad_copy":
        doing.ill.attention, doing.ill.attention_why = None, ""
    _open_download(doing)
    tell_patron(doing, "delivered_again" if again else "delivered")
