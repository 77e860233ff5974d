"""What a state and a step are: the shape of the lifecycle table's rows."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

BORROWING, LENDING, DOCUMENTS = "borrowing", "lending", "documents"
KINDS = {BORROWING: _("Borrowing"), LENDING: _("Lending"), DOCUMENTS: _("Documents")}
PREFIXES = {BORROWING: "B", LENDING: "L", DOCUMENTS: "D"}
LOAN, COPY = "loan", "copy"
UNDO = "undo"


@dataclass(frozen=True)
class State:
    """A place where a request can stand. `look_for`: what staff look at it for."""

    code: str
    label: Text
    family: str  # ours | others | decision | moving | patron | trouble | ended_ok | ended_not
    look_for: Text
    patron_label: Text = ""
    patron_sentence: Text = ""
    later: bool = False  # reached only by steps that do not exist yet: hidden and left out of the check

    @property
    def side(self) -> str:
        return self.code.partition(".")[0]

    @property
    def slug(self) -> str:
        return self.code.partition(".")[2].replace("_", "-")

    @property
    def ended(self) -> bool:
        return self.family in ("ended_ok", "ended_not")


@dataclass(frozen=True)
class Step:
    """One way from a state to another, or to itself (`target` blank).

    `unless`, `only`, `iso_in` may hold several words: fields that must all be empty, or all set; messages
    that take the same row. ISO 18626 codes: see the package's own page.
    """

    action: str
    sources: tuple[str, ...]
    target: str
    by: str  # staff | patron | partner | clock
    label: Text
    then: Text  # what will happen, and to whom a letter or message goes
    permission: str = ""
    service: str = ""  # only for loan or copy; blank: both
    iso_in: str = ""
    iso_out: str = ""
    form: str = ""
    letter: str = ""  # the letter to the patron that goes with it
    unless: str = ""
    only: str = ""
    when: str = ""  # clock: the date of the request that makes the row due when it has passed
    follow: str = ""  # the action that the system takes right after it, in the same transaction, where it fits
    quiet: bool = False  # beside the work itself: never the first button
    aside: bool = False  # changes nothing that others decide by: no version is checked or counted
    undoable: bool = False  # nobody was told: a row that leads back is made for it

    def fits(self, ill) -> bool:
        """Is this step possible for this request as it stands?"""
        return (
            ill.state in self.sources
            and self.service in ("", ill.service)
            and not any(getattr(ill, name) for name in self.unless.split())
            and all(getattr(ill, name) for name in self.only.split())
            and (self.action != UNDO or ill.undo_to == self.target)
        )

    def hears(self, code: str) -> bool:
        return code in self.iso_in.split()


def b(*names: str) -> tuple[str, ...]:
    """borrowing.… codes of these names."""
    return tuple(f"borrowing.{name}" for name in names)


def l(*names: str) -> tuple[str, ...]:  # noqa: E743 - as short as b and d, in a table of fifty rows
    return tuple(f"lending.{name}" for name in names)


def d(*names: str) -> tuple[str, ...]:
    return tuple(f"documents.{name}" for name in names)
