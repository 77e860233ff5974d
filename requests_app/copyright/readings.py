"""Each setting of the rules as a sentence, with the clause it reads and what that clause leaves open. Pure."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app import reasons
from requests_app.copyright.rules import Rules

Text = str | Promise
COUNTING, TITLES, FREE, PERSON = "counting", "titles", "free", "person"
GROUPS: dict[str, Text] = {
    COUNTING: _("What is counted"), TITLES: _("Which title it is"), FREE: _("What needs no place"),
    PERSON: _("What a person decides"),
}


@dataclass(frozen=True)
class Reading:
    """`sentence`: with {value} where a number or a choice stands; of a switch, what holds when it is on, and
    `otherwise` when it is off. `counted`: it matters only where uses are counted."""

    name: str
    group: str
    clause: str  # of RULES.md
    why: Text
    sentence: Text
    otherwise: Text = ""
    zero: Text = ""  # the sentence where the number is 0 and means that nothing is looked at
    least: int = 0
    most: int = 0
    choices: dict[str, Text] = field(default_factory=dict)
    counted: bool = True

    @property
    def is_switch(self) -> bool:
        return bool(self.otherwise)

    def told(self, rules: Rules) -> str:
        """The sentence as these rules have it."""
        value = getattr(rules, self.name)
        if self.is_switch:
            return str(self.sentence if value else self.otherwise)
        if self.zero and not value:
            return str(self.zero)
        return str(self.sentence).replace("{value}", str(self.choices.get(value, value)))


READINGS: tuple[Reading, ...] = (
    Reading("counts", COUNTING, "C18", _("The CONTU guidelines are no law; some libraries state CCL for every copy."),
            _("Uses of a title are counted."), _("Nothing is counted."), counted=False),
    Reading("limit", COUNTING, "C1, C6", _("CONTU 1(a): six or more are too many. Uses that are counted keep the "
                                           "limit they were counted by."),
            _("At most {value} filled requests of one title in a calendar year."), least=1, most=50),
    Reading("window_years", COUNTING, "C1", _("CONTU 1(a): published within five years before the request."),
            _("They are counted for articles of the last {value} years."), least=1, most=20),
    Reading("older_counts", COUNTING, "C1", _("The guidelines say nothing of older articles."),
            _("Older articles are counted as well."), _("Older articles are not counted, and stated as CCL.")),
    Reading("works_count", COUNTING, "C2", _("CONTU 1(b) says “during the entire period of copyright”; read as: as "
                                             "many a year."),
            _("Parts of one work are counted too, as many in a year, while it is protected."),
            _("Only periodicals are counted.")),
    Reading("dated_by", COUNTING, "C3", _("The guidelines speak of requests within a calendar year, not of which day "
                                          "of a request."),
            _("The day of a request is the day {value}."),
            choices={"first_sent": _("it first leaves for a supplier"), "asked": _("the patron asked")}),
    Reading("doubtful_counts", COUNTING, "C3", _("“Winter 2021–22” may lie within the years or before them."),
            _("A date that may lie within the years is taken for within."),
            _("A date that may lie before them is taken for older.")),
    Reading("continued_is_same", TITLES, "C4", _("The guidelines do not say what a title is when its name changes."),
            _("A periodical that is continued under a new name stays one title."),
            _("A periodical that is continued under a new name becomes a new title.")),
    Reading("by_name_is_certain", TITLES, "C4", _("A title without ISSN or ISBN is known by its name alone."),
            _("A name alone is certain enough."), _("Where only the name is known, a person looks.")),
    Reading("held_counts", FREE, "C7", _("CONTU 2: held or on order, and not reasonably available."),
            _("What we hold or have ordered is counted all the same."),
            _("What we hold or have ordered, and cannot use now, is not counted.")),
    Reading("protected_years", FREE, "C15", _("In the United States, of what was published before 1978."),
            _("A work is free when {value} years have ended since it appeared (0: a person decides)."), least=0,
            most=200, zero=_("That a work is free by its age, a person says.")),
    Reading("open_licence_counts", FREE, "C15", _("An open licence permits the copy by itself."),
            _("Openly licensed articles are counted."), _("Openly licensed articles are not counted.")),
    Reading("federal_counts", FREE, "C15", _("17 USC 105: works of the US federal government are free."),
            _("Works of the US federal government are counted."),
            _("Works of the US federal government are not counted.")),
    Reading("royalty_counts", FREE, "C15", _("The price includes the royalty, or a licence covers the copy."),
            _("Paid and licensed copies are counted."), _("Paid and licensed copies are not counted.")),
    Reading("accessible_counts", FREE, "C15", _("17 USC 121: copies for people who cannot read print."),
            _("Accessible copies are counted."), _("Accessible copies are not counted.")),
    Reading("automatic", PERSON, "C8", _("Somebody answers for each copy: a person, or the rules where they leave no "
                                         "doubt."),
            _("What is certain is decided without a person."), _("A person decides on each copy."), counted=False),
    Reading("one_article_an_issue", PERSON, "C11", _("17 USC 108(d): no more than one article of an issue."),
            _("A second article of an issue for the same patron is a person’s case."),
            _("Several articles of an issue for the same patron need no person."), counted=False),
    Reading("purposes_need_a_person", PERSON, "C11", _("17 USC 108(d)(1): the library has had no notice of another "
                                                       "purpose."),
            _("A note like “for class” or “for my company” is a person’s case."),
            _("What the note says of a purpose is not looked at."), counted=False),
    Reading("concerted_patrons", PERSON, "C12", _("17 USC 108(g)(1): related or concerted copying of the same "
                                                  "material."),
            _("{value} patrons who ask for one article are a person’s case."), least=2, most=100, counted=False),
    Reading("concerted_days", PERSON, "C12", _("So far back it is looked for them."),
            _("They are looked for in the last {value} days."), least=1, most=90, counted=False),
    Reading("whole_works_need_a_person", PERSON, "C13", _("17 USC 108(e): first it is looked for at a fair price."),
            _("A whole work, or a substantial part, is a person’s case."), _("Whole works need no person."),
            counted=False),
    Reading("many_pages", PERSON, "C13", _("The law names no number of pages."),
            _("More than {value} pages may be a substantial part."), least=1, most=5000, counted=False),
    Reading("music_and_pictures_need_a_person", PERSON, "C14", _("17 USC 108(i): not scores, pictures and films."),
            _("Copies of scores, images, maps and films are a person’s case."),
            _("Copies of scores, images, maps and films need no person."), counted=False),
    Reading("most_chapters", PERSON, "C20", _("A reasonable part of a work, in countries whose law says so."),
            _("More than {value} chapters of one work in a request are a person’s case (0: not looked at)."), least=0,
            most=20, counted=False, zero=_("How many chapters are asked for is not looked at.")),
    Reading("part_percent", PERSON, "C20", _("Said to whoever decides, since the length of a work is rarely known."),
            _("{value} % of a work are taken for a reasonable part (0: nothing is said)."), least=0, most=100,
            counted=False, zero=_("Nothing is said of a reasonable part of a work.")),
    Reading("declaration_needed", PERSON, "C20", _("Their law was not checked for you: look at Warnings and texts."),
            _("The patron signs a declaration before a copy is asked for."), _("No declaration is asked for."),
            counted=False),
    Reading("outside", COUNTING, "C8, C20", _("The code of ISO 18626 that suppliers read."),
            _("A copy is stated as {value}."), choices=dict(reasons.COMPLIANCE), counted=False),
)
BY_NAME = {reading.name: reading for reading in READINGS}


def of(rules: Rules) -> list[Reading]:
    """Those that matter under these rules."""
    shown = [one for one in READINGS if rules.counts or not one.counted or one.name == "counts"]
    return [one for one in shown if one.name != "outside" or not rules.counts]


def differences(before: Rules, after: Rules) -> list[tuple[Reading, str, str]]:
    """What the second says otherwise: the reading, its sentence before and after."""
    return [
        (one, one.told(before), one.told(after)) for one in READINGS
        if getattr(before, one.name) != getattr(after, one.name)
    ]
