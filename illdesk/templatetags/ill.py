"""Tags and filters of every template (built in, so no load is needed)."""

from __future__ import annotations

import datetime as dt

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from illdesk import dates, money

register = template.Library()

# Family of a state → its shape. The shape and the words carry the meaning, the colour only helps.
SHAPES = {
    "ours": "disc",
    "others": "ring",
    "decision": "diamond",
    "moving": "triangle-right",
    "patron": "square",
    "trouble": "triangle-up",
    "ended_ok": "check",
    "ended_not": "cross",
}
# Kind of a flag → colour; any other kind stays grey.
FLAG_COLOURS = {"due": "is-due", "trouble": "is-trouble"}


def _class(family: str) -> str:
    return "is-ended" if family.startswith("ended") else f"is-{family}"


@register.simple_tag
def icon(name: str, label: str = "", css: str = "ill-icon") -> SafeString:
    """A symbol of the sprite. Without a label it is decoration beside words; with one it speaks."""
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, href
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', css, href)


@register.simple_tag
def shape(family: str) -> SafeString:
    """The 10 px shape of a family of states, in its colour. Words must stand beside it."""
    return icon(SHAPES.get(family, "disc"), css=f"ill-shape {_class(family)}")


@register.simple_tag
def state_badge(state) -> SafeString:
    """Shape and words of a state: anything with `.label` and `.family`, or a dictionary of the two."""
    if isinstance(state, dict):
        label, family = state["label"], state["family"]
    else:
        label, family = state.label, state.family
    return format_html('<span class="ill-state {}">{}{}</span>', _class(family), shape(family), label)


@register.filter
def shape_name(family: str) -> str:
    """The sprite's symbol of a family, for pictures that draw it themselves."""
    return SHAPES.get(family, "disc")


@register.filter
def flag_class(kind: str) -> str:
    return FLAG_COLOURS.get(kind or "", "")


def _local_date(value) -> dt.date:
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@register.filter
def day(value) -> str:
    """Sat 5 Dec; in another year than this one 9 Jan 2027. Empty for no date."""
    if not value:
        return ""
    date = _local_date(value)
    if date.year == timezone.localdate().year:
        return date_format(date, pgettext("date of this year, Django format", "D j M"))
    return dates.in_words(date)


@register.filter
def year_day(value) -> str:
    """5 Dec 2026: with its year, also in this one."""
    return dates.in_words(value) if value else ""


@register.filter
def month(value) -> str:
    """December 2026, as the reader writes a month."""
    return dates.month(value) if value else ""


@register.filter
def short_day(value) -> str:
    """5 Dec, for narrow columns; in another year than this one 9 Jan 2027."""
    if not value:
        return ""
    date = _local_date(value)
    if date.year == timezone.localdate().year:
        return date_format(date, pgettext("short date of this year, Django format", "j M"))
    return dates.in_words(date)


@register.filter
def long_day(value) -> str:
    """Tuesday 24 November 2026: headings of a timeline."""
    if not value:
        return ""
    return date_format(_local_date(value), pgettext("heading of a day, Django format", "l j F Y"))


@register.filter
def clock(value) -> str:
    """14:02, in the reader's time zone."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return date_format(local, pgettext("time of day, Django format", "H:i"))


@register.filter
def when(value) -> SafeString | str:
    """14:02 for today, else Sat 5 Dec, 14:02; as a <time> with the exact moment."""
    if not value:
        return ""
    words = clock(value)
    if _local_date(value) != timezone.localdate():
        words = _("%(day)s, %(time)s") % {"day": day(value), "time": words}
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)


@register.filter
def moment(value) -> SafeString | str:
    """Sat 5 Dec, 14:02: with its day also for today, for what is read as a record; as a <time>."""
    if not value:
        return ""
    words = _("%(day)s, %(time)s") % {"day": day(value), "time": clock(value)}
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)


@register.simple_tag
def form_errors(form) -> SafeString:
    """List items for the summary on top of a form: each sentence leads to its field."""
    rows = [("", error) for error in form.non_field_errors()]
    for bound in form:
        rows += [(bound.id_for_label or bound.auto_id, error) for error in bound.errors]
    return format_html_join(
        "",
        "<li>{}</li>",
        (
            (format_html('<a href="#{}">{}</a>', target, error) if target else error,)
            for target, error in rows
        ),
    )


@register.filter
def amount(value) -> str:
    """Money without its currency, as the reader writes numbers; a minus is as wide as a figure, not a hyphen."""
    if value in (None, ""):
        return ""
    return number_format(value, 2, use_l10n=True, force_grouping=True).replace("-", "\N{MINUS SIGN}")


@register.filter
def pieces(value) -> str:
    """A number of pieces; a minus as in `amount`."""
    return money.counted(value)


@register.simple_tag(takes_context=True)
def may(context, right: str) -> bool:
    """Has the reader this right?"""
    return context["request"].user.may(right)
