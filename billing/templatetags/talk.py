"""The conversation about a subject, on its page: `{% load talk %}{% talk_thread "batch" batch.pk %}`."""

from django import template

from billing.talk import actions, queries, subjects
from billing.talk.forms import MessageForm

register = template.Library()


@register.inclusion_tag("billing/talk/_thread.html", takes_context=True)
def talk_thread(context, kind: str, pk: int, form=None):
    """Nothing where this person may not see it. `form`: with what was typed, where it had errors."""
    request = context["request"]
    shown = subjects.may(request.user, kind, pk)
    thread = queries.of_subject(kind, pk) if shown else None
    since = subjects.reads_from(request.user, kind, [pk]).get(pk) if shown else None
    told = queries.messages(thread, since=since)
    upto = thread.readings.filter(user=request.user).values_list("upto", flat=True).first() or 0 if thread else 0
    unread = sum(1 for row in told if row.pk > upto and row.by_id != request.user.pk)
    shared = shown and subjects.office_reads(kind, pk)
    return {
        "request": request, "shown": shown, "kind": kind, "pk": pk, "thread": thread, "messages": told,
        "unread": unread, "here": request.path, "shared": shared,
        "form": form or MessageForm(initial=actions.after(request.user, thread), shared=shared),
        "from": subjects.SUBJECTS[kind].since([pk]).get(pk) if shown else None,
        "elsewhere": queries.elsewhere(request.user, kind, pk) if shown else [],
        "csrf_token": context.get("csrf_token"),
    }
