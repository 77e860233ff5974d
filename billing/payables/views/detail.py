"""One invoice: its lines with what was found, the paper beside it, who entered and who approves."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from billing.approval import rule
from billing.batches.models import BatchLine
from billing.payables import actions, assess, lifecycle, paper, queries, results, words
from billing.payables.actions.disputes import told
from billing.payables.forms import AnswerForm, FundForm, MatchForm, SettleForm
from billing.payables.models import PayableInvoice, PayableLine
from billing.payables.views import history
from billing.payables.views.common import invoice_of, result_of, set_side, tell
from illdesk import actors
from illdesk.errors import BadAnswer, DeskError
from illdesk.http import needs
from illdesk.models import Attachment, Event
from requests_app.models import ILLRequest

A_PAGE = 100
_STEPS = ("ask", "withdraw", "approve", "return", "reject", "reopen", "match", "no-twin", "told",
          "pass-on", "keep-back")
_ANSWERS = {"accept": AnswerForm, "general": AnswerForm, "match": MatchForm, "settle": SettleForm, "fund": FundForm}


@needs("see_payables")
@require_safe
def invoice(request, pk: int):
    return _page(request, invoice_of(pk))


def _page(request, row: PayableInvoice, *, problem: str = "", why: str = "", status: int = 200):
    """`why`: the reason that was typed into what is refused."""
    set_side(request)
    found = queries.sums(row)
    page = Paginator(row.lines.select_related("ill__citation", "fund", "answered_by").order_by("place", "pk"),
                     A_PAGE).get_page(request.GET.get("page"))
    works = lifecycle.may(row.state, "answer") and request.user.may("work_payables")
    day, mine = timezone.localdate(), queries.entered_by(row)
    disputable = list(row.lines.filter(answer="", amount__gt=0).exclude(result__in=results.FINE).values_list(
        "place", flat=True)[:50]) if works else []
    doubted = list(row.lines.filter(answer="", result__in=results.DOUBTED, amount__gt=0).values_list(
        "place", flat=True)[:50]) if works else []
    parts = list(row.parts.order_by("pk"))
    names = queries.names([row, *parts])
    context = {
        "invoice": row, "name": names[row.pk], "state": queries.standings([row])[row.pk], "sums": found, "page": page,
        "works": works,
        "lines": [_shown(line) for line in page], "twins": _twins(row), "waits": queries.waits(row) if works else [],
        "late": queries.late(row, day), "papers": _papers(row), "pictures": range(1, paper.pages(row.paper) + 1),
        "parts": [{"row": part, "name": names[part.pk]} for part in parts], "history": history.history(row),
        "letters": history.letters(row),
        "may_work": request.user.may("work_payables"), "disputable": disputable, "doubted": doubted,
        "doubted_words": words.joined([str(place) for place in doubted]), "batches": queries.batches_of(row.pk),
        "sees_batches": request.user.may("see_batches"),
        "to_forward": row.state == lifecycle.APPROVED and not BatchLine.objects.filter(
            invoice__kind="payable", invoice__payable=row.pk, state__in=BatchLine.LIVE).exists(),
        "approvers": _names(mine, day),
        "approver_words": words.joined(_names(mine, day), either=True), "may_approve": rule.may_approve(
            request.user, "approve_payables", entered_by=mine, day=day),
        "is_mine": request.user.pk in mine, "sees_requests": request.user.may("see_borrowing"),
        # What is over goes nowhere any more.
        "passes": row.paper if request.user.may("work_payables") and not row.state_row.ended else None,
        "to_tell": row.lines.filter(dispute="to_tell").exists(), "problem": problem, "why": why,
    }
    return render(request, "billing/payables/invoice.html", context, status=status)


def _names(mine: list[int | None], day) -> list[str]:
    return [user.short_name for user in rule.others("approve_payables", mine, day=day)][:4]


def _shown(line: PayableLine) -> dict:
    cited = line.ill.citation if line.ill else None
    return {
        "row": line, "result": result_of(line),
        "title": (cited.part_title or cited.title) if cited else line.title, "needs": line.needs_answer,
        "compare": (line.found.get("before") or {}).get("invoice"),
    }


def _twins(row: PayableInvoice) -> list[dict]:
    if row.state_row.ended:
        return []
    return [{"row": other, "why": [words.TWINS[code] for code in why],
             "split": other.part_of_id is not None or other.parts.exists()} for other, why in queries.twins(row)]


def _papers(row: PayableInvoice) -> list[Attachment]:
    keys = {("payable", row.pk)} | ({("payable", row.part_of_id)} if row.part_of_id else set())
    found = [one for kind, pk in keys for one in Attachment.objects.filter(subject_kind=kind, subject_id=pk)]
    if row.file_id:
        found += list(Attachment.objects.filter(subject_kind="payable_file", subject_id=row.file_id))
    return found


@needs("see_payables")
@require_safe
def picture(request, pk: int, sheet: int):
    """A page of the paper."""
    row = invoice_of(pk)
    found = paper.picture(row.paper, sheet) if row.paper else None
    if found is None:
        raise Http404
    response = HttpResponse(found[0], content_type=found[1])
    response["Cache-Control"] = "private, max-age=3600"
    return response


@needs("see_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request, pk: int, what: str):
    """Everything that is a button of its own. A refusal is said on the page the button stands on, with the reason that
    was typed; whoever opens the address of a step as a link is led to the invoice."""
    if request.method != "POST":
        if what not in _STEPS:
            raise Http404
        return redirect("payable", invoice_of(pk).pk)
    row, actor, now = invoice_of(pk), actors.staff(request.user), timezone.now()
    others = words.joined(_names([*queries.entered_by(row), request.user.pk], timezone.localdate()), either=True)
    seen = int(said) if (said := request.POST.get("seen", "")).isdecimal() and len(said) < 10 else None
    why, said_paper = request.POST.get("why", ""), request.POST.get("paper", "")
    sheet = int(said_paper) if said_paper.isdecimal() and said_paper.isascii() and len(said_paper) < 18 else None
    doings = {
        "ask": (lambda: actions.ask(row, actor=actor, now=now, seen=seen),
                _("%(names)s can approve it now.") % {"names": others} if others else
                _("It waits for somebody who may approve it; nobody can right now.")),
        "withdraw": (lambda: actions.take_back(row, actor=actor, now=now),
                     _("It is withdrawn from approval: its lines can be changed again.")),
        "approve": (lambda: actions.approve(row, actor=actor, now=now, seen=seen),
                    _("Approved. It waits to be forwarded to the budget office.")),
        "return": (lambda: actions.return_(row, why, actor=actor, now=now), _("It is returned.")),
        "reject": (lambda: actions.reject(row, why, actor=actor, now=now), _("The invoice is refused.")),
        "reopen": (lambda: actions.reopen(row, actor=actor, now=now), _("It is open again.")),
        "match": (lambda: actions.rematch(row, actor=actor, now=now), _("All lines were looked at again.")),
        "no-twin": (lambda: actions.say_no_twin(row, why, actor=actor, now=now), _("It is another invoice.")),
        "pass-on": (lambda: actions.pass_on(row, paper=sheet, actor=actor, now=now),
                    _("The budget office finds the paper in its batch.")),
        "keep-back": (lambda: actions.keep_back(row, paper=sheet, actor=actor, now=now),
                      _("The paper stays here; the budget office has the cover sheet.")),
        "told": (lambda: told(row, actor=actor, now=now), _("It is noted that the library was told.")),
    }
    if what not in doings:
        raise Http404
    doing, done = doings[what]
    try:
        doing()
    except DeskError as refusal:
        told_of = {"problem": str(refusal), "why": why, "status": 422}
        if other := _other(request, pk):
            return _compare(request, invoice_of(pk), other, **told_of)
        return _page(request, invoice_of(pk), **told_of)
    messages.success(request, done)
    return redirect("payable", pk)


def _other(request, pk: int) -> PayableInvoice | None:
    """The one it was compared with, where the button stands there."""
    said = request.POST.get("other", "")
    if not (said.isascii() and said.isdigit() and len(said) < 18) or int(said) == pk:
        return None
    return PayableInvoice.objects.select_related("library").filter(pk=int(said)).first()


# --- one line ------------------------------------------------------------------------------------------------


@needs("work_payables")
@require_http_methods(["GET", "HEAD", "POST"])
def line(request, pk: int, line: int):
    row = invoice_of(pk)
    one = get_object_or_404(PayableLine.objects.select_related(
        "ill__citation", "ill__partner", "fund", "answered_by", "invoice"), pk=line, invoice=row)
    forms = {
        name: form(initial={"fund": one.fund_id}, auto_id=f"{name}-%s") for name, form in _ANSWERS.items()
    }
    status = 200
    if request.method == "POST":
        what, status = request.POST.get("do", ""), 422
        if what == "withdraw":
            if tell(request, lambda: actions.withdraw(one, actor=actors.staff(request.user), now=timezone.now()),
                    _("The answer is taken back.")):
                return redirect("payable_line", pk, line)
            return redirect("payable", pk)
        what = what if what in forms else "accept"
        form = forms[what] = _ANSWERS[what](request.POST, auto_id=f"{what}-%s")
        if form.is_valid():
            try:
                _answer(what, one, form.cleaned_data, actor=actors.staff(request.user), now=timezone.now())
            except DeskError as refusal:
                field = getattr(refusal, "field", "") if isinstance(refusal, BadAnswer) else ""
                form.add_error(field if field in form.fields else None, str(refusal))
            else:
                return redirect(_next(row, one))
    set_side(request)
    context = {
        "invoice": row, "line": one, "result": result_of(one), "forms": forms, "candidates": _candidates(one),
        "doubted": one.result in results.DOUBTED and one.amount > 0, "fine": not one.needs_answer and not one.answer,
        "event": Event.objects.filter(pk=one.found.get("event") or 0).first(), "where": words.where(one.found),
        "compare": (one.found.get("before") or {}).get("invoice"), "works": lifecycle.may(row.state, "answer"),
        "given": request.POST.get("do", ""), "form": forms.get(request.POST.get("do", ""), forms["accept"]),
        "sees_requests": request.user.may("see_borrowing"),
    }
    return render(request, "billing/payables/line.html", context, status=status)


def _answer(what: str, line: PayableLine, given: dict, *, actor, now) -> None:
    if what == "accept":
        actions.accept(line, given["why"], actor=actor, now=now)
    elif what == "general":
        actions.general(line, given["why"], actor=actor, now=now)
    elif what == "match":
        actions.match_to(line, given["number"], actor=actor, now=now)
    elif what == "settle":
        actions.settle_dispute(line, given["credited"], given["why"], actor=actor, now=now)
    else:
        actions.change_line(line, fund=given["fund"], actor=actor, now=now)


def _next(row: PayableInvoice, line: PayableLine) -> str:
    """The invoice, at the line that was answered."""
    return f"{reverse('payable', args=[row.pk])}#line-{line.pk}"


def _candidates(line: PayableLine) -> list[dict]:
    said = line.found.get("candidates") or []
    rows = ILLRequest.objects.select_related("citation", "partner").in_bulk([one[0] for one in said])
    agreed = assess.agreed_of(rows, line.invoice) if rows else {}
    return [{"ill": rows[pk], "agreed": agreed.get(pk), "score": score,
             "reasons": [words.REASONS.get(code, code) for code in reasons]}
            for pk, score, reasons in said if pk in rows]


@needs("see_payables")
@require_safe
def compare(request, pk: int, other: int):
    """Two invoices side by side; their lines that agree stand in one row."""
    one, two = invoice_of(pk), invoice_of(other)
    if one.pk == two.pk:
        raise Http404
    return _compare(request, one, two)


def _compare(
    request, one: PayableInvoice, two: PayableInvoice, *, problem: str = "", why: str | None = None, status: int = 200
):
    set_side(request)
    left = list(one.lines.select_related("ill").order_by("place")[:500])
    right = list(two.lines.select_related("ill").order_by("place")[:500])
    rows: list[tuple[PayableLine | None, PayableLine | None]] = []
    free = list(right)
    for mine in left:
        same = next((theirs for theirs in free if _same(mine, theirs)), None)
        if same is not None:
            free.remove(same)
        rows.append((mine, same))
    rows += [(None, theirs) for theirs in free]
    both = sum(mine is not None and theirs is not None for mine, theirs in rows)
    disputable = [mine for mine, theirs in rows if mine and theirs and mine.amount > 0 and mine.needs_answer][:50]
    standings = queries.standings([one, two])
    context = {
        "disputable": disputable, "disputable_words": words.joined([str(mine.place) for mine in disputable]),
        "one_state": standings[one.pk], "two_state": standings[two.pk],
        "one": one, "two": two, "rows": rows, "works": lifecycle.may(one.state, "answer") and request.user.may(
            "work_payables"), "is_twin": any(row.pk == two.pk for row, _why in queries.twins(one)),
        "finding": ngettext("%(n)s line stands on both", "%(n)s lines stand on both", both) % {"n": both},
        "problem": problem, "why": one.twin_answer if why is None else why,
    }
    return render(request, "billing/payables/compare.html", context, status=status)


def _same(mine: PayableLine, theirs: PayableLine) -> bool:
    if mine.ill_id or theirs.ill_id:
        return mine.ill_id == theirs.ill_id
    return mine.amount == theirs.amount and (mine.number or mine.title) == (theirs.number or theirs.title)
