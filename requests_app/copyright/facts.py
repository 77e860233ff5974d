"""What a decision on a copy is made from. Pure; who gathers it is `clearance.py`, and tests write it by hand."""

from dataclasses import dataclass, field
from datetime import date

from requests_app.copyright.published import Published

PERIODICAL, WORK = "periodical", "work"

# How surely it is known which title it is.
SURE, BY_NAME, CONFLICT, NO_TITLE = "sure", "by_name", "conflict", "none"


@dataclass(frozen=True)
class Asked:
    """The request. `copies`: of the same text. `note`: the patron's words. `obtained`: from others, for our patron;
    False for lending and document delivery. `own`: document delivery, a copy that we make for our patron. `first_sent`:
    the day it first left for a supplier, when it did. `declared`: the patron signed the declaration of the rules."""

    service: str = "copy"
    obtained: bool = True
    kind: str = "article"  # a code of Citation.KINDS
    part_title: str = ""
    pages: str = ""
    issue: str = ""  # volume, issue: what says that not a whole periodical is meant
    format: str = ""
    publisher: str = ""
    note: str = ""
    copies: int = 1
    own: bool = False
    declared: bool = False
    first_sent: date | None = None


@dataclass(frozen=True)
class Counted:
    """The title, and what is counted for it in the year of the request.

    `own_place`: the place this request holds already. `names`: of the titles its numbers lead to, where they are
    several. `same_name_uses`: of a title of that name without a number. `strayed`: the numbers of the citation lead
    elsewhere than they did when it left. `retracted`: as a source says.
    """

    name: str = ""
    kind: str = PERIODICAL
    identity: str = SURE
    used: int = 0
    held: int = 0
    over: int = 0
    own_place: int | None = None
    names: tuple[str, ...] = ()
    same_name_uses: int = 0
    strayed: bool = False


@dataclass(frozen=True)
class Ours:
    """What we have of it (C7). `what`: "" nothing; "subscription" in force, `covers` this part: yes, no, unknown;
    "entered": a subscription whose order is entered and which has not begun; "cancelled"; "volume": the catalogue has
    a volume and does not say whether we subscribe; "owned" and "on_order" of other works. `available`: None when
    nobody said."""

    what: str = ""
    available: bool | None = None
    covers: str = "yes"


@dataclass(frozen=True)
class Others:
    """Other requests for the same: numbers of the same patron's, and how many patrons asked for this article within
    the days of the rules, this one included."""

    same_issue: str = ""
    same_article: str = ""
    patrons: int = 1


@dataclass(frozen=True)
class Facts:
    asked: Asked = field(default_factory=Asked)
    published: Published = field(default_factory=Published)
    published_text: str = ""
    counted: Counted = field(default_factory=Counted)
    ours: Ours = field(default_factory=Ours)
    others: Others = field(default_factory=Others)
    open_licence: str = ""  # "CC BY 4.0"
    federal: bool = False  # somebody said so
    royalty_included: bool = False
    licensed: bool = False  # an annual or a publisher's licence
    accessible: bool = False  # section 121
    retracted: bool = False
