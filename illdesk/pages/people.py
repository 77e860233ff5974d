"""People and their roles, for administrators."""

from allauth.account.forms import ResetPasswordForm
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import people
from illdesk.accounts.roles import RIGHTS, ROLE_LABELS, ROLES
from illdesk.errors import BadAnswer, DeskError
from illdesk.forms import PersonForm, RolesForm
from illdesk.http import needs
from illdesk.models import Event, User


@needs("manage_people")
@require_safe
def listing(request):
    text = request.GET.get("q", "").strip()[:100]
    page = Paginator(people.found(text), 50).get_page(request.GET.get("page"))
    rows = [(person, [ROLE_LABELS.get(group.name, group.name) for group in person.groups.all()]) for person in page]
    return render(request, "illdesk/people.html", {"page": page, "rows": rows, "text": text})


@needs("manage_people")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request):
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            person = form.save(commit=False)
            people.add(person, roles=form.cleaned_data["roles"], by=request.user, now=timezone.now())
            _send_password_link(request, person)
        messages.success(
            request,
            _("%(name)s is added. A link to choose a password goes to %(email)s.")
            % {"name": person.shown_name, "email": person.email},
        )
        return redirect("settings_person", person.pk)
    context = {
        "form": form, "heading": _("New person"), "save": _("Add this person"),
        "save_words": _("A link to choose a password goes out by e-mail."),
        "back": {"url": "settings_people", "label": _("People")},
    }
    return render(request, "illdesk/form.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_people")
@require_http_methods(["GET", "HEAD", "POST"])
def person(request, pk: int):
    person = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        form = RolesForm(request.POST)
        if form.is_valid() and _change(request, person, form):
            return redirect("settings_person", pk)
    else:
        roles = list(person.groups.values_list("name", flat=True))
        form = RolesForm(initial={"roles": roles, "is_active": person.is_active, "seen": people.seen(person)})
    context = {"person": person, "form": form, "history": _history(person), "explained": _roles_explained()}
    return render(request, "illdesk/person.html", context, status=422 if request.method == "POST" else 200)


@needs("manage_people")
@require_POST
def send_link(request, pk: int):
    person = get_object_or_404(User, pk=pk, is_active=True)
    _send_password_link(request, person)
    messages.info(request, _("A link to choose a password goes to %(email)s.") % {"email": person.email})
    return redirect("settings_person", pk)


def _roles_explained() -> list[tuple[str, list[str]]]:
    return [
        (str(ROLE_LABELS[role]), [str(words) for right, words in RIGHTS.items() if right in rights])
        for role, rights in ROLES.items()
    ]


def _change(request, person: User, form: RolesForm) -> bool:
    given = form.cleaned_data
    try:
        people.change(
            person, roles=given["roles"], active=given["is_active"], as_seen=given["seen"], by=request.user,
            now=timezone.now(),
        )
    except DeskError as refusal:
        form.add_error(refusal.field or None if isinstance(refusal, BadAnswer) else None, str(refusal))
        form.now_says("seen", people.seen(person))  # the sentence was read: the next click counts
        return False
    words = _("Saved. It counts from the next page that %(name)s opens.") % {"name": person.shown_name}
    messages.success(request, words)
    return True


def _send_password_link(request, person: User) -> None:
    form = ResetPasswordForm({"email": person.email})
    if form.is_valid():
        form.save(request)


def _history(person: User) -> list[dict]:
    rows = Event.objects.filter(subject_kind="person", subject_id=person.pk).select_related("actor").order_by("-id")
    return [
        {"at": row.at, "who": row.actor.short_name if row.actor else _("The system"), "words": _told(row)}
        for row in rows[:50]
    ]


def _told(event: Event) -> str:
    def named(key: str) -> str:
        return ", ".join(str(ROLE_LABELS.get(role, role)) for role in event.data.get(key, []))

    if event.name == "person.roles":
        parts = [_("given: %(roles)s") % {"roles": named("given")} if named("given") else "",
                 _("taken: %(roles)s") % {"roles": named("taken")} if named("taken") else ""]
        return _("Roles %(changes)s") % {"changes": "; ".join(part for part in parts if part)}
    if event.name == "person.added":
        return _("Added. %(roles)s") % {"roles": named("roles")}
    return {"person.opened": _("May sign in again"), "person.closed": _("May not sign in any more")}.get(
        event.name, event.name
    )
