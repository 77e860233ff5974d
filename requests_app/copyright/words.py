"""What a decision says, sentence by sentence: codes with their words, and the grounds a copy can stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from illdesk import dates

# Why a copy needs no place, as a person chooses it or the rules find it; CCL states one of these.
GROUNDS: dict[str, str | Promise] = {
    "older": _("Older than the years that the guidelines speak of"),
    "held": _("Held or on order here, and not available"),
    "public_domain": _("In the public domain"),
    "federal": _("A work of the US federal government"),
    "open_licence": _("Openly licensed"),
    "royalty": _("The royalty is paid, or included in the price"),
    "licence": _("Covered by a licence of ours"),
    "accessible": _("An accessible copy (section 121)"),
    "fair_use": _("Fair use (section 107)"),
    "permission": _("The owner permits it"),
    "work": _("The rules count periodicals only"),
    "country": _("The law of our country for single copies"),
    "other": _("Another lawful ground"),
}

# Why a row of the ledger counts no more, or which took its part.
FREED: dict[str, str | Promise] = {
    "unfilled": _("It ended without a copy"),
    "online": _("It was found online"),
    "held": _("We had it ourselves"),
    "loan": _("It became a loan"),
    "other_ground": _("Another ground was chosen"),
    "merged": _("Its title was merged with another"),
    "moved": _("It was moved to another title"),
    "settled": _("Beyond the limit, and settled"),
}

SENTENCES: dict[str, str | Promise] = {
    "loan": _("It is a loan: no ground is stated."),
    "ours": _("We supply it ourselves: only what we obtain from others is counted."),
    "rule_periodical": _("Rule: %(limit)s filled requests in a calendar year for articles of one periodical that "
                         "appeared in the last %(years)s years (%(rules)s)."),
    "rule_work": _("Rule: %(limit)s filled requests in a calendar year for parts of one work while it is protected "
                   "(%(rules)s)."),
    "day": _("The day of the request is the day it first leaves for a supplier: %(day)s. It counts in %(year)s."),
    "day_fixed": _("It first left for a supplier on %(day)s and counts in %(year)s, whoever supplies it and when."),
    "window": _("The last %(years)s years began on %(start)s."),
    "appeared": _("It appeared on %(first)s: within them."),
    "appeared_between": _("It appeared between %(first)s and %(last)s: within them."),
    "older": _("It appeared by %(last)s: before them. The guidelines say nothing of it; it is not counted, sent as "
               "CCL, and still watched."),
    "older_counts": _("It appeared by %(last)s: before them. By our own rules it is counted all the same."),
    "doubtful": _("“%(text)s” may lie within or before them (%(first)s to %(last)s): it is taken for within."),
    "doubtful_older": _("“%(text)s” may lie within or before them (%(first)s to %(last)s): by our own rules it is "
                        "taken for older."),
    "undated": _("No date is known: it is taken for within them."),
    "early": _("It appeared online before its issue: it is taken for within them."),
    "future": _("“%(text)s” lies in the future: look at the citation. It is taken for within them."),
    "title": _("Counted for “%(title)s”: %(used)s used, %(held)s pending, %(left)s left of %(limit)s in %(year)s."),
    "title_new": _("Nothing was asked of “%(title)s” in %(year)s: %(left)s of %(limit)s are left."),
    "has_place": _("It holds place %(place)s of %(limit)s already and keeps it."),
    "over_listed": _("%(over)s beyond the limit are listed there already."),
    "last": _("This is the last place."),
    "full": _("No place is left in %(year)s: %(limit)s of %(limit)s are taken."),
    "may_free": _("Pending among them: %(held)s. A place is free again if one of these ends without a copy."),
    "by_name": _("The title has no number: it is known by its name alone, and somebody looks whether it is that one."),
    "same_name": _("A title of the same name without a number has %(uses)s uses in %(year)s: is it the same? Then "
                   "merge them."),
    "conflict": _("Its numbers lead to several titles (%(titles)s): they must be merged, or the citation put right."),
    "strayed": _("It is counted for “%(title)s”, as its numbers were when it left. They do not lead there any more: "
                 "move it, or put the citation right."),
    "no_title": _("Neither a number nor a title says what it is taken from."),
    "public_domain": _("It appeared before %(day)s and is in the public domain: not counted."),
    "federal": _("It is a work of the US federal government and free (17 USC 105): not counted."),
    "maybe_federal": _("Its publisher may be the US government; if it is a federal work, it is free (17 USC 105)."),
    "open_licence": _("It is openly licensed (%(licence)s): not counted."),
    "royalty": _("The royalty is included or paid: not counted."),
    "licence": _("A licence of ours covers it: not counted."),
    "accessible": _("It is an accessible copy (section 121): not counted."),
    "held": _("We hold it, and it is not available: not counted."),
    "subscribed": _("We subscribe to it, and this part is not available: not counted."),
    "on_order": _("It is on order and has not arrived: not counted."),
    "ordered": _("Its subscription is entered: not counted."),
    "maybe_ordered": _("It is on order; whether this part comes with the order is not sure."),
    "held_counts": _("We hold it, and it is not available. By our own rules it is counted all the same."),
    "available": _("We have it here or online ourselves: look before a copy is asked for."),
    "maybe_available": _("We hold it; nobody has said whether it is available."),
    "maybe_subscribed": _("A volume of it stands in our catalog. Whether we still subscribe to it decides whether it "
                          "is counted."),
    "cancelled": _("Our subscription was cancelled: a missing old volume is not exempt by that."),
    "not_covered": _("What we subscribe to does not include this part (or not yet): it is counted."),
    "works_not_counted": _("By our own rules, works that are no periodicals are not counted."),
    "whole": _("The whole work is asked for: first it must be looked for at a fair price (17 USC 108(e))."),
    "many_pages": _("%(pages)s pages may be a substantial part of the work (17 USC 108(e))."),
    "music_or_picture": _("Scores, images, maps and films are no copies under 108(d): borrow it, propose to buy it, or "
                          "fair use with a reason (17 USC 108(i))."),
    "several_copies": _("Several copies of one text are not lawful here (17 USC 108(g)(1)): use Reserves, or ask for "
                        "permission."),
    "purpose": _("The note speaks of “%(words)s”: a copy is for private study, scholarship or research only "
                 "(17 USC 108(d)(1))."),
    "same_issue": _("The same patron has another article of this issue (%(number)s): one article of an issue "
                    "(17 USC 108(d))."),
    "concerted": _("%(patrons)s patrons asked for this article within %(days)s days: related or concerted copying "
                   "(17 USC 108(g)(1))? Tell Reserves."),
    "again": _("The same patron asked for this article before (%(number)s); it counts again."),
    "retracted": _("It was retracted: ask the patron whether it is still wanted."),
    "not_automatic": _("By our own rules a person decides on each copy."),
    "person": _("A person chose this ground and answers for it."),
    "rule_country": _("Rule: nothing is counted; a single copy for research or private study (%(rules)s)."),
    "portion": _("%(chapters)s chapter or %(percent)s %% of a work is taken for a reasonable part of it; where more is "
                 "asked for, a person decides."),
    "declaration": _("The patron has not signed the declaration yet: nothing is sent or copied before."),
    "chapters": _("%(chapters)s chapters of one work are asked for: is that a reasonable part of it?"),
    "again_abroad": _("The same patron asked for this article before (%(number)s)."),
    "whole_abroad": _("The whole work is asked for: look for it at a fair price first, or borrow it."),
    "many_pages_abroad": _("%(pages)s pages may be more than a reasonable part of the work."),
    "music_or_picture_abroad": _("A score, image, map or film is lent, not copied, unless somebody finds a ground with "
                                 "a reason: borrow it, or propose to buy it."),
    "several_copies_abroad": _("Several copies of one text are not lawful here: use Reserves, or ask for permission."),
    "purpose_abroad": _("The note speaks of “%(words)s”: a copy is for research or private study only."),
    "same_issue_abroad": _("The same patron has another article of this issue (%(number)s): one article of an issue."),
    "concerted_abroad": _("%(patrons)s patrons asked for this article within %(days)s days for the same purpose? Tell "
                          "Reserves."),
    "not_law": _("The CONTU guidelines are no law: fair use with a reason remains possible for any number."),
}

NOT_WITHIN = _("Nothing of this is within the guidelines: borrow it, or choose fair use with a reason.")
REASON_NEEDED = _("There is a doubt about it: write why it may be copied, you answer for it.")


@dataclass(frozen=True)
class Line:
    """A sentence: its code and the values in it; as text it is in the reader's language."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = {
            name: dates.in_words(value) if isinstance(value, date) else value
            for name, value in self.values.items()
        }
        return str(SENTENCES[self.code]) % shown if shown else str(SENTENCES[self.code])


def stored(lines) -> list[list]:
    """As rows that JSON takes."""
    return [
        [line.code, {name: {"day": value.isoformat()} if isinstance(value, date) else value
                     for name, value in line.values.items()}]
        for line in lines
    ]


def shown(rows: list[list]) -> list[Line]:
    """From stored rows; sentences that an older version knew are left out."""
    return [
        Line(code, {name: date.fromisoformat(value["day"]) if isinstance(value, dict) else value
                    for name, value in values.items()})
        for code, values in rows if code in SENTENCES
    ]
