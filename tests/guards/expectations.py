"""Who may open the addresses whose rule alone does not say it: those for everybody signed in, which decide by
the object, those of one's own things, and the sign-in's own.

`NAME: (Case(...), ...)`: one case for each object that makes a difference.
"""

from dataclasses import dataclass, field

from illdesk.accounts.roles import ROLES
from tests.guards.world import NOBODY, OWNER, PEOPLE, ROLELESS

BORROWING = {"borrowing staff", "coordinator", "supervisor"}
LENDING = {"student", "lending staff", "desk coordinator", "coordinator", "supervisor"}
DOCUMENTS = {"borrowing staff", "lending staff", "coordinator", "supervisor"}
CHARGES = {"borrowing staff", "coordinator", "supervisor"}
LENDING_WORK = {"lending staff", "coordinator", "supervisor"}
SEES_REQUESTS = BORROWING | LENDING
SEES_BATCHES = {"coordinator", "supervisor", "budget"}
SEES_PAYABLES = {"borrowing staff", "coordinator", "supervisor"}
SEES_JOB = {"borrowing staff", "supervisor"}  # borrowing staff began it
DESK = set(ROLES) - {"patron"}
ASKS = {"patron", OWNER}
SIGNED_IN = set(PEOPLE) - {NOBODY}


@dataclass(frozen=True)
class Case:
    """`allowed` open it; everybody else who is signed in gets `refusal`. `chosen`: parts of the address that are
    not the usual example, as keys of world.values or, with "=", as they are. `method`: of the question."""

    allowed: set[str]
    refusal: int = 404
    chosen: dict[str, str] = field(default_factory=dict)
    opened: tuple[int, ...] = (200, 302)
    others: dict[str, int] = field(default_factory=dict)  # who gets something else again
    method: str = "get"


def _number(name: str) -> dict[str, str]:
    return {"number": name}


_NO_SUCH = _number("=B-1999-00001")
_NO_TOKEN = {NOBODY: 401}  # a program is told in its own words
_NOT_PATRONS = set(PEOPLE) - {OWNER, "patron", NOBODY}

CASES: dict[str, tuple[Case, ...]] = {
    "home": (Case(SIGNED_IN),),
    "account": (Case(SIGNED_IN),),
    "help": (Case(SIGNED_IN),),
    "help_page": (
        Case(SIGNED_IN), Case(BORROWING, chosen={"page": "=borrowing"}), Case(LENDING, chosen={"page": "=lending"}),
        Case(DOCUMENTS, chosen={"page": "=copies"}),
        Case({"coordinator", "supervisor", "administrator"}, chosen={"page": "=administrators"}),
        Case(set(), chosen={"page": "=no-such-page"}),
    ),
    "deputies": (Case({"borrowing staff", "coordinator", "supervisor", "administrator"}, refusal=403),),
    "deputy_end": (Case({"coordinator", "supervisor", "administrator"}, refusal=403, method="post"),),
    "help_lifecycle": (Case(DESK),),
    "search": (Case(SEES_REQUESTS, refusal=403),),
    "kind": (
        Case(BORROWING, refusal=403), Case(LENDING, refusal=403, chosen={"kind": "=lending"}),
        Case(DOCUMENTS, refusal=403, chosen={"kind": "=documents"}),
    ),
    "queue": (
        Case(BORROWING, refusal=403),
        Case(LENDING, refusal=403, chosen={"kind": "=lending", "slug": "=received"}),
        Case(DOCUMENTS, refusal=403, chosen={"kind": "=documents", "slug": "=searching"}),
        Case(BORROWING, refusal=403, chosen={"slug": "=attention"}),
        Case(set(), chosen={"slug": "=no-such-queue"}, others=dict.fromkeys(SIGNED_IN - BORROWING, 403)),
    ),
    "request": (
        Case(BORROWING | {OWNER}), Case(BORROWING, chosen=_number("of another")),
        Case(LENDING, chosen=_number("lending")), Case(DOCUMENTS | {OWNER}, chosen=_number("documents")),
        Case(set(), chosen=_NO_SUCH),
    ),
    "lender_proposal": (
        Case(BORROWING), Case(BORROWING, chosen=_number("of another")), Case(set(), chosen=_number("lending")),
        Case(set(), chosen=_number("documents")), Case(set(), chosen=_NO_SUCH),
    ),
    # A GET shows the form of a step. Every step by every role: test_steps_by_role.py.
    "act": (
        Case(BORROWING, others={OWNER: 403}), Case(BORROWING, chosen=_number("of another")),
        Case(LENDING, chosen=_number("lending")), Case(DOCUMENTS, chosen=_number("documents"), others={OWNER: 403}),
        Case({OWNER}, chosen={"action": "=patron_cancel"}, others=dict.fromkeys(BORROWING, 403)),
        Case(BORROWING, chosen={"action": "=choose_lenders"}, others={OWNER: 403}),
        Case(set(), chosen={"action": "=no_such_step"}), Case(set(), chosen=_NO_SUCH),
    ),
    "add_file": (
        Case(BORROWING, method="post"), Case(BORROWING, method="post", chosen=_number("of another")),
        Case(LENDING_WORK, method="post", chosen=_number("lending"), others={"student": 403, "desk coordinator": 403}),
        Case(DOCUMENTS, method="post", chosen=_number("documents")),
    ),
    "file": (
        Case(BORROWING), Case(CHARGES | {OWNER}, chosen={"pk": "appeal file"}),
        Case(LENDING, chosen={"pk": "lending file"}), Case(set(), chosen={"pk": "=999999"})),
    "reference_add": (
        Case(BORROWING, method="post", opened=(302,)),
        Case(LENDING_WORK, method="post", chosen=_number("lending"), others={"student": 403, "desk coordinator": 403},
             opened=(302,)),
        Case(set(), method="post", chosen=_NO_SUCH),
    ),
    "reference_remove": (Case(BORROWING, method="post", opened=(302,)),),
    "pull_slip": (
        Case(LENDING), Case(DOCUMENTS, chosen=_number("documents")), Case(set(), chosen=_number("borrowing")),
    ),
    "band": (Case(BORROWING), Case(set(), chosen=_number("lending"))),
    "label": (Case(BORROWING), Case(LENDING, chosen=_number("lending"))),
    # Nothing ticked is told as such; of kinds one may not see, nothing is ever found.
    "print_slips": (Case(SIGNED_IN, method="post", opened=(409,)),),
    "print_bands": (Case(SIGNED_IN, method="post", opened=(302,)),),
    # --- lists, jobs, scanning
    "queue_export": (
        Case(BORROWING, refusal=403), Case(BORROWING, refusal=403, chosen={"form": "=xlsx"}),
        Case(LENDING, refusal=403, chosen={"kind": "=lending", "slug": "=received"}),
        Case(set(), chosen={"slug": "=no-such-queue"}, others=dict.fromkeys(SIGNED_IN - BORROWING, 403)),
    ),
    "queue_verify": (
        Case({"borrowing staff", "coordinator", "supervisor"}, refusal=403, method="post"),
        Case(LENDING_WORK, refusal=403, method="post", chosen={"kind": "=lending", "slug": "=received"}),
    ),
    "bulk": (
        Case(SEES_REQUESTS, method="post"),
        Case(set(), method="post", chosen={"action": "=no_such_step"}),
        Case(set(), method="post", chosen={"action": "=patron_cancel"}),
    ),
    "claim": (
        Case(BORROWING, method="post"), Case(LENDING, method="post", chosen=_number("lending")),
        Case(DOCUMENTS, method="post", chosen=_number("documents")),
    ),
    "scan": (Case(SEES_REQUESTS, refusal=403),),
    "scan_finish": (Case(SIGNED_IN, method="post"),),  # empties one's own list
    "jobs": (Case(DESK),),
    "job": (Case(SEES_JOB), Case(set(), chosen={"pk": "=999999"})),
    "job_stop": (Case(SEES_JOB, method="post"),),
    "job_retry": (Case({"borrowing staff"}, method="post"),),
    # What a message says about a request is for those who see its kind.
    "library_xml": (
        Case(BORROWING, others={"patron": 403, OWNER: 403, ROLELESS: 403, "student": 403, "budget": 403,
                                "desk coordinator": 403}),
    ),
    # Its right, and that one sees requests of this kind.
    "fair_price": (
        Case(BORROWING, others=dict.fromkeys(set(PEOPLE) - BORROWING - {NOBODY}, 403)),
        Case(set(), chosen=_number("lending"), others=dict.fromkeys(set(PEOPLE) - BORROWING - {NOBODY}, 403)),
    ),
    # --- one's own
    # --- a patron's own money: to everybody else it does not exist
    "my_charges": (Case(ASKS, refusal=403),),
    "my_statement": (Case(ASKS, refusal=403),),
    "my_receipt": (
        Case({OWNER}, others=dict.fromkeys(_NOT_PATRONS, 403)),
        Case(set(), chosen={"code": "=RC-1999-00001"}, others=dict.fromkeys(_NOT_PATRONS, 403)),
    ),
    "my_appeal": (
        Case({OWNER}, others=dict.fromkeys(_NOT_PATRONS, 403)),
        Case(set(), chosen={"code": "charge of another"}, others=dict.fromkeys(_NOT_PATRONS, 403)),
    ),
    "my_request": (
        Case({OWNER}, others=dict.fromkeys(_NOT_PATRONS, 403)),
        Case(set(), chosen=_number("of another"), others=dict.fromkeys(_NOT_PATRONS, 403)),
    ),
    # A POST is open: a browser that comes from elsewhere sends no session along with it.
    "openurl": (Case(ASKS, refusal=403),),
    "download": (
        Case({OWNER}, others=dict.fromkeys(_NOT_PATRONS, 403)),
        Case(set(), chosen=_number("delivered to another"), others=dict.fromkeys(_NOT_PATRONS, 403)),
    ),
    # --- money: one's own tokens, conversations by their subject, and what programs open
    "tokens": (Case(DESK),),
    "token_revoke": (Case({"coordinator"}, method="post"), Case(set(), chosen={"pk": "=999999"}, method="post")),
    "talk_thread": (Case(SEES_BATCHES), Case(set(), chosen={"pk": "=999999", "talk_kind": "=gold"})),
    "talk_read": (Case(SEES_BATCHES, method="post"),),
    "api_approvals": (Case(SEES_PAYABLES | {"lending staff"}, refusal=403, others=_NO_TOKEN),),
    "api_approval": (Case(SEES_PAYABLES, refusal=403, others=_NO_TOKEN),),
    "api_approve": (Case(SEES_PAYABLES, refusal=403, others=_NO_TOKEN, method="post", opened=(415,)),),
    "api_refuse": (Case(SEES_PAYABLES, refusal=403, others=_NO_TOKEN, method="post", opened=(415,)),),
    "api_batches": (Case(SEES_BATCHES, refusal=403, others=_NO_TOKEN),),
    "api_batch": (Case(SEES_BATCHES, refusal=403, others=_NO_TOKEN),),
    "api_batch_file": (Case(SEES_BATCHES, refusal=403, others=_NO_TOKEN),),
    "api_batch_paid": (Case({"budget"}, refusal=403, others=_NO_TOKEN, method="post", opened=(415,)),),
    "api_batch_back": (Case({"budget"}, refusal=403, others=_NO_TOKEN, method="post", opened=(415,)),),
    "api_schema": (Case(SIGNED_IN, others=_NO_TOKEN),),
    "api_nothing": (Case(set(), others=_NO_TOKEN),),
    # --- open to everybody: whoever holds the link, and nobody without it
    "scan_link": (
        Case(set(PEOPLE)), Case(set(), chosen={"token": "=another-link"}, others={NOBODY: 404}),
    ),
    "mailbox": (Case(set(), others={NOBODY: 404}),),  # nowhere but in a demo
    "iso18626": (Case(set(), refusal=405, others={NOBODY: 405}),),
    "health_live": (Case(set(PEOPLE)),),
    "health_ready": (Case(set(PEOPLE)),),
    "set_language": (Case(set(PEOPLE), method="post"),),
    # --- the sign-in's own
    "account_login": (Case(set(PEOPLE)),),
    "account_logout": (Case(set(PEOPLE)),),
    "account_inactive": (Case(set(PEOPLE)),),
    "account_signup": (Case(set(PEOPLE)),),  # says that it is closed, or leads home
    "account_change_password": (Case(SIGNED_IN),),
    "account_reset_password": (Case(set(PEOPLE)),),
    "account_reset_password_done": (Case(set(PEOPLE)),),
    "account_reset_password_from_key": (Case(set(PEOPLE)),),
    "account_reset_password_from_key_done": (Case(set(PEOPLE)),),
}
