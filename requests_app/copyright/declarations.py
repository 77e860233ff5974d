"""What a patron declares before a copy is asked for, where the rules in force want it (C20)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from illdesk.actors import Actor
from illdesk.errors import BadAnswer
from requests_app import lifecycle
from requests_app.copyright import clearance, texts, wordings
from requests_app.models import CopyrightText, Declaration, ILLRequest


@dataclass(frozen=True)
class Signed:
    """A signature that is to be kept with a request. `text`: may be the house's proposal, not stored yet."""

    text: CopyrightText
    purpose: str
    name: str
    signed_on: date
    channel: str = Declaration.WEB


def is_due(ill: ILLRequest, day: date) -> bool:
    """Is a declaration missing under the rules of the day? Loans need none."""
    if ill.service != lifecycle.COPY or ill.kind not in (lifecycle.BORROWING, lifecycle.DOCUMENTS):
        return False
    rules = clearance.rules_on(day)
    return rules.declaration_needed and not Declaration.objects.filter(ill=ill, rules=rules.code).exists()


def of(ill: ILLRequest) -> Declaration | None:
    """The newest one, with its text."""
    return Declaration.objects.filter(ill=ill).select_related("text").order_by("-pk").first()


def accept(ill: ILLRequest, signed: Signed, *, actor: Actor, now: datetime) -> Declaration:
    """Keep the version that was signed; inside the transaction of the step. What was signed first under these
    rules stays."""
    if not signed.name.strip():
        raise BadAnswer(_("Type the full name as a signature."), field="signature")
    if signed.purpose not in wordings.purposes(signed.text.rules):
        raise BadAnswer(_("Choose what the copy is for."), field="purpose")
    row, _created = Declaration.objects.get_or_create(
        ill=ill, rules=signed.text.rules,
        defaults={
            "text": texts.kept(signed.text, now=now), "purpose": signed.purpose, "name": signed.name.strip()[:200],
            "signed_on": signed.signed_on, "accepted": now, "channel": signed.channel, "by": actor.user,
        },
    )
    return row


def missing() -> str:
    """What whoever wants to send or copy it reads."""
    return _("The patron has not signed the declaration that our rules ask for. Nothing was sent. The patron can sign "
             "it on the page of the request; a signed paper is recorded by staff.")
