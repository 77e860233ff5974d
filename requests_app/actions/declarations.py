"""A patron's declaration: signed on the request's page, or on a paper that staff received (C20)."""

from django.utils.translation import gettext as _

from illdesk.errors import BadAnswer
from requests_app.actions import Doing, does
from requests_app.copyright import declarations


@does("sign_declaration", "record_declaration")
def sign(doing: Doing) -> None:
    """`answers`: signed (`copyright.declarations.Signed`)."""
    signed = doing.answers.get("signed")
    if signed is None:
        raise BadAnswer(_("Sign the declaration first."), field="declared")
    row = declarations.accept(doing.ill, signed, actor=doing.actor, now=doing.now)
    doing.data |= {"declaration": row.pk, "channel": row.channel, "text": row.text_id}
    doing.ill.declaration_due = None
    if doing.actor.kind == "patron":
        doing.attend("declared")


@does("miss_declaration")
def miss(doing: Doing) -> None:
    """Asked for since the rules changed: from now on it stands on the patron's page."""
    doing.ill.declaration_due = doing.now
