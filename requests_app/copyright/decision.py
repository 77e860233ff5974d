"""From facts to a decision on a copy, explained sentence by sentence. Pure: no database, no clock.

RULES.md C1–C20 is the specification; each function names its clause. What is uncertain is read on the conservative
side, so that never one too many is counted as within the guidelines, or a person decides.
"""

from dataclasses import dataclass
from datetime import date

from requests_app.copyright import facts as f
from requests_app.copyright import published as p
from requests_app.copyright.facts import Facts
from requests_app.copyright.per_request import concerns_of
from requests_app.copyright.rules import Rules
from requests_app.copyright.words import Line

# What it is: no ground is needed; within the limit; beyond it; not counted; a person decides.
NONE, WITHIN, OVER, OUTSIDE, PERSON = "none", "within", "over", "outside", "person"


_BARRED = ("music_or_picture", "several_copies")


@dataclass(frozen=True)
class Decision:
    """`verdict`: one of the five above; `leaning`: what it would be if a person has no doubt. `code`: what is stated
    to suppliers by the leaning, '' where nothing can be (over, none). `ground`: a key of `words.GROUNDS` where it is
    not counted. `doubts`: the sentences for which a person is asked, which stand among `lines` too."""

    verdict: str
    leaning: str
    code: str
    ground: str
    year: int
    lines: tuple[Line, ...]
    doubts: tuple[Line, ...] = ()

    @property
    def certain(self) -> bool:
        """Can it be recorded without a person?"""
        return self.verdict in (WITHIN, OUTSIDE)

    @property
    def counted(self) -> bool:
        return self.leaning in (WITHIN, OVER)

    @property
    def barred(self) -> list[Line]:
        """Doubts that no count settles, whoever decides: scores, pictures and films (C14), several copies (C12)."""
        return [line for line in self.doubts if line.code.removesuffix("_abroad") in _BARRED]

    @property
    def why(self) -> list[str]:
        """The codes of its sentences, as the ledger keeps them."""
        return [line.code for line in self.lines]


def decide(facts: Facts, rules: Rules, *, today: date) -> Decision:
    """`today`: the day on which it would be sent, where it was not sent yet."""
    asked = facts.asked
    day = asked.first_sent or today
    if asked.service != "copy":  # C8: loans state nothing
        return Decision(NONE, NONE, "", "", day.year, (Line("loan"),))
    if not asked.obtained:  # C19: nothing is counted; 108(d), (e), (g), (i) hold for what we copy for our patrons
        if asked.own and (free := _free(facts, rules, day)):  # 108 does not come in
            return Decision(NONE, NONE, "", "", day.year, (Line("ours"), free[0]))
        own = tuple(_concerns(facts, rules)) if asked.own else ()
        return Decision(PERSON if own else NONE, NONE, "", "", day.year, (Line("ours"), *own), own)
    if not rules.counts:
        return _uncounted(facts, rules, day)
    periodical = facts.counted.kind == f.PERIODICAL
    lines = [
        Line("rule_periodical" if periodical else "rule_work",
             {"limit": rules.limit, "years": rules.window_years, "rules": rules.label}
             if periodical else {"limit": rules.limit, "rules": rules.label}),
        Line("day_fixed" if asked.first_sent else "day", {"day": day, "year": day.year}),
    ]
    if free := _free(facts, rules, day):  # nothing is protected, or it is paid: 108 does not come in
        line, ground = free
        return Decision(OUTSIDE, OUTSIDE, rules.outside, ground, day.year, (*lines, line))
    ground, told, doubts = _counts(facts, rules, day)
    lines += told
    leaning = OUTSIDE
    if not ground:
        leaning, told, more = _place(facts, rules, day.year)
        lines += told
        doubts += more
    doubts += _concerns(facts, rules)
    if not rules.automatic:
        doubts.append(Line("not_automatic"))
    if facts.others.same_article:
        lines.append(Line("again", {"number": facts.others.same_article}))
    if facts.published.is_known or periodical:
        lines += _hints(facts)
    verdict = leaning if leaning == OVER or not doubts else PERSON
    if verdict in (OVER, PERSON):
        doubts_and_law = (*doubts, Line("not_law"))
    else:
        doubts_and_law = ()
    code = {WITHIN: rules.inside, OUTSIDE: rules.outside, OVER: ""}[leaning]
    return Decision(verdict, leaning, code, ground, day.year, (*lines, *doubts_and_law), tuple(doubts))


def _concerns(facts: Facts, rules: Rules) -> list[Line]:
    """What no counting settles, with the declaration that is still to be signed (C20)."""
    missing = [Line("declaration")] if rules.declaration_needed and not facts.asked.declared else []
    return [*concerns_of(facts, rules), *missing]


def _uncounted(facts: Facts, rules: Rules, day: date) -> Decision:
    """C20: under the law of a country that counts nothing. One ground for all; the rules for a single request hold."""
    lines = [Line("rule_country", {"rules": rules.label}), Line("day_fixed" if facts.asked.first_sent else "day",
                                                                 {"day": day, "year": day.year})]
    if free := _free(facts, rules, day):
        line, ground = free
        return Decision(OUTSIDE, OUTSIDE, rules.outside, ground, day.year, (*lines, line))
    if rules.part_percent:
        lines.append(Line("portion", {"percent": rules.part_percent, "chapters": rules.most_chapters or 1}))
    if facts.others.same_article:
        lines.append(Line("again_abroad", {"number": facts.others.same_article}))
    doubts = _concerns(facts, rules)
    if not rules.automatic:
        doubts.append(Line("not_automatic"))
    verdict = PERSON if doubts else OUTSIDE
    return Decision(verdict, OUTSIDE, rules.outside, "country", day.year, (*lines, *doubts), tuple(doubts))


def _free(facts: Facts, rules: Rules, day: date) -> tuple[Line, str] | None:
    """C15: public domain, federal works, open licences, what is paid or licensed, accessible copies."""
    limit, last = p.free_before(day, rules.protected_years), facts.published.last
    by_age = rules.protected_years and facts.published.certainty != p.EARLY  # abroad, an author's life decides
    if by_age and last is not None and last < limit:
        return Line("public_domain", {"day": limit}), "public_domain"
    if facts.federal and not rules.federal_counts:
        return Line("federal"), "federal"
    if facts.open_licence and not rules.open_licence_counts:
        return Line("open_licence", {"licence": facts.open_licence}), "open_licence"
    if facts.royalty_included and not rules.royalty_counts:
        return Line("royalty"), "royalty"
    if facts.licensed and not rules.royalty_counts:
        return Line("licence"), "licence"
    if facts.accessible and not rules.accessible_counts:
        return Line("accessible"), "accessible"
    return None


def _counts(facts: Facts, rules: Rules, day: date) -> tuple[str, list[Line], list[Line]]:
    """(the ground where it is not counted, sentences, doubts)."""
    ground, lines, doubts = _held(facts, rules)
    if facts.counted.kind != f.PERIODICAL:  # C2
        if not rules.works_count and not ground:
            return "work", [*lines, Line("works_not_counted")], doubts
        return ground, lines, doubts
    older, told = _window(facts, rules, day)
    return ground or ("older" if older else ""), [*lines, *told], doubts


def _held(facts: Facts, rules: Rules) -> tuple[str, list[Line], list[Line]]:
    """C7: 2(a) a periodical whose subscription is in force or entered, 2(b) another work in the collection or on
    order; both only because what is wanted is not available. Which library is meant: this one with its branches."""
    ours = facts.ours
    if not ours.what:
        return "", [], []
    if ours.what in ("subscription", "entered") and ours.covers == "no":  # the years of an embargo, or before it began
        return "", [Line("not_covered")], []
    if ours.available:  # whatever is on order besides
        return "", [], [Line("available")]
    if ours.what in ("entered", "on_order"):
        if ours.covers == "unknown":
            return "", [], [Line("maybe_ordered")]
        return _as_held(Line("ordered" if ours.what == "entered" else "on_order"), rules)
    if ours.what == "cancelled":
        return "", [], [Line("cancelled")]
    if ours.what == "volume":
        return "", [], [Line("maybe_subscribed")]
    if ours.available is None or ours.covers == "unknown":
        return "", [], [Line("maybe_available")]
    return _as_held(Line("subscribed" if ours.what == "subscription" else "held"), rules)


def _as_held(line: Line, rules: Rules) -> tuple[str, list[Line], list[Line]]:
    return ("", [Line("held_counts")], []) if rules.held_counts else ("held", [line], [])


def _window(facts: Facts, rules: Rules, day: date) -> tuple[bool, list[Line]]:
    """C1: is it older than the years before the request? With the sentences. A date is known to the day, or lies
    between two; what may lie within them does (card 30)."""
    published, text = facts.published, facts.published_text
    start = p.years_before(day, rules.window_years)
    lines = [Line("window", {"years": rules.window_years, "start": start})]
    first, last = published.first, published.last
    if first is None or last is None:
        return False, [*lines, Line("early" if published.certainty == p.EARLY else "undated")]
    if last < start:
        code = "older_counts" if rules.older_counts else "older"
        return not rules.older_counts, [*lines, Line(code, {"last": last})]
    if first < start:
        values = {"text": text, "first": first, "last": last}
        if rules.doubtful_counts or rules.older_counts:
            return False, [*lines, Line("doubtful", values)]
        return True, [*lines, Line("doubtful_older", values)]
    if first > day:
        return False, [*lines, Line("future", {"text": text})]
    if published.certainty == p.EARLY:
        return False, [*lines, Line("early")]
    if first == last:
        return False, [*lines, Line("appeared", {"first": first})]
    return False, [*lines, Line("appeared_between", {"first": first, "last": last})]


def _place(facts: Facts, rules: Rules, year: int) -> tuple[str, list[Line], list[Line]]:
    """C1, C2, C6: is a place left? (within or over, sentences, doubts). C4: doubts of which title it is."""
    counted, limit = facts.counted, rules.limit
    taken = counted.used + counted.held
    left = max(0, limit - taken)
    about = {"title": counted.name, "year": year, "left": left, "limit": limit}
    lines = [Line("title", about | {"used": counted.used, "held": counted.held}) if taken else Line("title_new", about)]
    if counted.strayed:
        lines.append(Line("strayed", {"title": counted.name}))
    if counted.over:
        lines.append(Line("over_listed", {"over": counted.over}))
    doubts = _whose(counted, rules, year)
    if counted.own_place is not None:
        return WITHIN, [*lines, Line("has_place", {"place": counted.own_place, "limit": limit})], doubts
    if not left:
        lines.append(Line("full", {"year": year, "limit": limit}))
        if counted.held:
            lines.append(Line("may_free", {"held": counted.held}))
        return OVER, lines, doubts
    if left == 1:
        lines.append(Line("last"))
    return WITHIN, lines, doubts


def _whose(counted: f.Counted, rules: Rules, year: int) -> list[Line]:
    """C4: one title, surely?"""
    doubts = []
    if counted.identity == f.NO_TITLE:
        doubts.append(Line("no_title"))
    elif counted.identity == f.CONFLICT:
        doubts.append(Line("conflict", {"titles": "; ".join(counted.names)}))
    elif counted.identity == f.BY_NAME and not rules.by_name_is_certain:
        doubts.append(Line("by_name"))
    if counted.same_name_uses:
        doubts.append(Line("same_name", {"uses": counted.same_name_uses, "year": year}))
    return doubts


_US_GOVERNMENT = (
    "government printing office", "government publishing office", "u.s. g.p.o", "u.s. govt", "geological survey (u.s",
    "u.s. geological survey", "u.s. department", "united states department", "centers for disease control",
)


def _hints(facts: Facts) -> list[Line]:
    """A publisher is no author: only a person knows whether it is a federal work (C15)."""
    publisher = facts.asked.publisher.lower()
    return [Line("maybe_federal")] if any(name in publisher for name in _US_GOVERNMENT) else []
