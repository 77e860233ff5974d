"""Who may do what: one table, role by role. Rights add up when a person wears several hats.

The roles are kept as Django groups (synced after migrate), so a person's roles are the groups;
what a role may do is read from here and from nowhere else.
"""

from django.utils.translation import gettext_lazy as _

RIGHTS = {
    "ask": _("Ask for loans and copies for oneself"),
    "see_borrowing": _("See borrowing requests"),
    "work_borrowing": _("Work borrowing requests"),
    "see_lending": _("See lending requests"),
    "work_lending": _("Work lending requests"),
    "see_documents": _("See document delivery requests"),
    "work_documents": _("Work document delivery requests"),
    "handle_items": _("Pull, shelve and check in items"),
    "decide_referred": _("Decide referred requests"),
    "see_copyright": _("See copyright records"),
    "work_copyright": _("Settle copyright: titles, grounds, royalties"),
    "manage_copyright": _("Change copyright rules, subscriptions and records"),
    "see_libraries": _("See partner libraries and their messages"),
    "manage_libraries": _("Change partner libraries"),
    "edit_letters": _("Edit letters"),
    "manage_settings": _("Change settings of the department"),
    "see_status": _("See the system status and handle stuck messages"),
    "run_desk": _("Run a desk shift"),
    "see_budget": _("See budgets and approved invoices"),
    "manage_budget": _("Change funds and their budgets"),
    "see_books": _("See the books of the department"),
    "close_books": _("Close months of the books"),
    "manage_money": _("Change fee agreements, rates and rules of money"),
    "see_charges": _("See charges to patrons and their appeals"),
    "work_charges": _("Charge patrons, waive and enter payments"),
    "decide_appeals": _("Decide appeals"),
    "see_invoices": _("See invoices to libraries"),
    "work_invoices": _("Prepare invoices to libraries and enter payments"),
    "approve_invoices": _("Approve invoices to libraries"),
    "see_payables": _("See invoices from libraries"),
    "work_payables": _("Enter and match invoices from libraries"),
    "approve_payables": _("Approve invoices from libraries"),
    "see_batches": _("See batches of approved invoices"),
    "pay_batches": _("Mark approved invoices paid or send them back"),
    "manage_people": _("Give roles to people"),
}

_BORROWING = {"see_borrowing", "work_borrowing", "see_documents", "work_documents", "see_copyright", "work_copyright"}
_LENDING = {"see_lending", "work_lending", "see_documents", "work_documents"}
# Who enters something in money may also see it; that another approves it, billing.approval takes care of.
_MONEY = {
    "see_budget", "manage_budget", "see_books", "close_books", "manage_money", "see_charges", "work_charges",
    "decide_appeals", "see_invoices", "work_invoices", "approve_invoices", "see_payables", "work_payables",
    "approve_payables", "see_batches",
}
_COORDINATOR = (
    _BORROWING
    | _LENDING
    | {"handle_items", "see_libraries", "manage_libraries", "edit_letters", "manage_settings"}
    | {"see_status", "run_desk", "manage_copyright"}
    | _MONEY
)

ROLES: dict[str, frozenset[str]] = {
    "patron": frozenset({"ask"}),
    "student": frozenset({"see_lending", "handle_items"}),
    "borrowing staff": frozenset(
        _BORROWING | {"handle_items", "see_libraries", "see_charges", "work_charges", "see_payables", "work_payables"}
    ),
    "lending staff": frozenset(
        _LENDING | {"handle_items", "see_libraries", "see_invoices", "work_invoices"}
    ),
    "desk coordinator": frozenset({"run_desk", "handle_items", "see_lending"}),
    "coordinator": frozenset(_COORDINATOR),
    "supervisor": frozenset(_COORDINATOR | {"decide_referred"}),
    "budget": frozenset({"see_budget", "see_batches", "pay_batches"}),
    "administrator": frozenset(
        {"manage_people", "manage_settings", "see_status", "see_libraries", "manage_libraries", "edit_letters"}
        | {"see_copyright", "manage_copyright"}
    ),
}

ROLE_LABELS = {
    "patron": _("Patron"),
    "student": _("Student assistant"),
    "borrowing staff": _("Borrowing staff"),
    "lending staff": _("Lending staff"),
    "desk coordinator": _("Desk coordinator"),
    "coordinator": _("ILL coordinator"),
    "supervisor": _("Supervisor"),
    "budget": _("Library Planning & Budget"),
    "administrator": _("Administrator"),
}


def rights_of(roles) -> frozenset[str]:
    """The rights that these role names add up to; names nobody knows give none."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


def sync_groups(**kwargs) -> None:
    """One group per role; a receiver of post_migrate."""
    from django.contrib.auth.models import Group

    have = set(Group.objects.filter(name__in=ROLES).values_list("name", flat=True))
    Group.objects.bulk_create([Group(name=role) for role in ROLES if role not in have], ignore_conflicts=True)
