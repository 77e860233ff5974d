"""The scan page, and where a code goes that was scanned anywhere else."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST

from illdesk.http import signed_in_only
from requests_app import access, lifecycle, scanning
from requests_app.actions import spoken, then
from requests_app.lists.queues import RELATED
from requests_app.models import ILLRequest
from requests_app.views.rows import row_of
from requests_app.views.side import set_side

SHOWN = 10
KEPT = 200  # of a batch, for its count and its bands
TWICE = 60  # seconds in which the same code is the same beep
_SESSION = "scans"


@signed_in_only
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request):
    """GET with a code, from any page: to that request, with the step that is due offered first."""
    kinds = access.kinds_seen(request.user)
    if not kinds:
        raise PermissionDenied
    if request.method == "POST":
        return _take(request)
    code = request.GET.get("code", "").strip()[:200]
    if code:
        return _open(request, code, kinds)
    return render(request, "requests_app/staff/scan.html", _page(request, kinds))


def _open(request, code: str, kinds: list[str]):
    found = scanning.find(request.user, code)
    if len(found) == 1:
        return redirect(address_of(request.user, found[0]))
    set_side(request, kinds[0], current="scan")
    rows = [row_of(ill, request.user) | {"url": address_of(request.user, ill)} for ill in found]
    context = {"code": code, "rows": rows}
    return render(request, "requests_app/staff/scanned.html", context, status=200 if found else 404)


def address_of(user, ill: ILLRequest) -> str:
    """The form of the step that is due; else the request, with the button of that step in focus."""
    step = scanning.due(user, ill)
    if step is not None and step.form and access.sees_kind(user, ill.kind):
        return reverse("act", args=[ill.number, step.action])
    return f"{ill.get_absolute_url()}#due" if step else ill.get_absolute_url()


def _take(request):
    code, mode = request.POST.get("code", "").strip()[:200], request.POST.get("mode", "")
    if mode not in scanning.MODES:
        mode = scanning.BY_STATE
    now = timezone.now()
    batch = _batch(request)
    batch["mode"], batch["bands"], batch["sounds"] = mode, "bands" in request.POST, "sounds" in request.POST
    if code:
        result = scanning.scan(
            request.user, code, mode=mode, just_done=_just_done(request.user, batch, code, now), now=now
        )
        batch["scans"].insert(0, {
            "at": now.isoformat(), "code": code, "verdict": result.verdict, "headline": result.headline,
            "words": result.words, "action": result.action,
            "number": result.ill.number if result.ill else "",
            "version": result.ill.version if result.ill and result.verdict == scanning.DONE else -1,
            "numbers": [ill.number for ill in result.ills],
        })
        del batch["scans"][KEPT:]
    request.session[_SESSION] = batch
    if request.headers.get("X-Piece") == "scan":
        return render(request, "requests_app/staff/_scans.html", _page(request, access.kinds_seen(request.user)))
    return redirect("scan")


def _just_done(user, batch: dict, code: str, now) -> bool:
    """The same request a moment ago, by whichever of its codes."""
    recent = [
        row for row in batch["scans"][:SHOWN]
        if row["verdict"] == scanning.DONE and (now - (parse_datetime(row["at"]) or now)).total_seconds() < TWICE
    ]
    if not recent:
        return False
    found = scanning.find(user, code)
    return len(found) == 1 and found[0].number in {row["number"] for row in recent}


@signed_in_only
@require_POST
def finish(request):
    """The batch is done: the next one begins with an empty list."""
    batch = _batch(request)
    request.session[_SESSION] = batch | {"scans": []}
    return redirect("scan")


def _batch(request) -> dict:
    return request.session.get(_SESSION) or {"scans": [], "mode": scanning.BY_STATE, "bands": True, "sounds": False}


def _page(request, kinds: list[str]) -> dict:
    batch = _batch(request)
    scans = batch["scans"]
    shown = scans[:SHOWN]
    wanted = {row["number"] for row in shown} | {number for row in shown for number in row["numbers"]}
    ills = {ill.number: ill for ill in ILLRequest.objects.filter(number__in=wanted, kind__in=kinds).select_related(
        *RELATED, "branch")} if wanted else {}
    set_side(request, lifecycle.LENDING if lifecycle.LENDING in kinds else kinds[0], current="scan")
    request.place = ""
    results = [_result(request.user, row, ills) for row in shown]
    received = {row["number"] for row in scans if row["verdict"] == scanning.DONE and row["action"] == "receive"}
    return {
        "results": results, "batch": batch, "modes": [(name, words) for name, (words, _a) in scanning.MODES.items()],
        "done": sum(row["verdict"] == scanning.DONE for row in scans),
        "to_look": sum(row["verdict"] != scanning.DONE for row in scans),
        "bands": sorted(received) if batch["bands"] else [],
        "now": timezone.now(),
    }


def _result(user, row: dict, ills: dict[str, ILLRequest]) -> dict:
    """A scan as the page shows it: what it was, and what can be done about it as the request stands now."""
    ill = ills.get(row["number"])
    step = scanning.due(user, ill) if ill else None
    undo = scanning.undo_of(ill, row["version"]) if ill else None
    return row | {
        "ill": ill,
        "step": _button(ill, step) if ill and step and row["verdict"] != scanning.DONE else None,
        "undo": _button(ill, undo) if ill and undo and (not undo.permission or user.may(undo.permission)) else None,
        "several": [(ills[number], address_of(user, ills[number])) for number in row["numbers"] if number in ills],
    }


def _button(ill: ILLRequest, step: lifecycle.Step) -> dict:
    return {
        "label": spoken(step.label, ill), "then": then(step, ill), "form": bool(step.form), "action": step.action,
        "url": reverse("act", args=[ill.number, step.action]),
    }
