"""Its letter, its files, its card on the home page."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.talk import actions, queries, subjects
from billing.talk.models import Message
from illdesk import notices, registry
from illdesk.notices import LetterKind, Wording

notices.PLACEHOLDERS |= {
    "about": notices.Placeholder(gettext_lazy("what it is about, by its number"), gettext_lazy("Batch PB-2026-00012")),
    "link": notices.Placeholder(gettext_lazy("address of its page"), "https://ill.example/billing/batches/"),
}
notices.register(LetterKind(
    actions.LETTER, gettext_lazy("Budget office: a new message"), ("about", "link", "library"),
    {
        "en": Wording("A message about {about}",
                      "There is a new message about {about}. Read and answer it here:\n\n{link}\n\n{library}\n"),
        "es": Wording("Un mensaje sobre {about}",
                      "Hay un mensaje nuevo sobre {about}. Léalo y respóndalo aquí:\n\n{link}\n\n{library}\n"),
    },
))


def _may_fetch(user, pk: int) -> bool:
    row = Message.objects.filter(pk=pk).select_related("thread").first()
    return row is not None and subjects.reads(user, row.thread.subject_kind, row.thread.subject, row.made)


def _card(request) -> registry.Card | None:
    if not request.user.may("see_budget"):
        return None
    rows = [
        {"label": one.label, "url": one.url, "count": one.unread, "icon": "chat-left-text"}
        for one in queries.threads(request.user, unread_only=True, most=8)
    ]
    mine = actions.side_of(request.user)
    waiting = sum(1 for _one in queries.threads(request.user, waiting_for=mine))
    if waiting:
        rows.append({"label": _("Waiting for us"), "url": f"{reverse('talk')}?waiting={mine}", "count": waiting,
                     "family": "decision"})
    return registry.Card(_("Conversations about money"), rows=rows) if rows else None


registry.MAY_FETCH[actions.FILES] = _may_fetch
registry.HOME_CARDS.append(_card)
