"""Its kinds of payables, its letters, its conversation, its place on the home page."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.batches import actions, payable, queries, returned, royalties
from billing.batches.models import Batch, BatchSettings, BatchStep
from billing.talk import actions as talk
from billing.talk import subjects
from illdesk import money, notices, registry
from illdesk.actors import staff
from illdesk.models import User
from illdesk.notices import LetterKind, Wording

FORWARDED, BACK = "batch_forwarded", "batch_back"

payable.register(royalties.KIND)

notices.PLACEHOLDERS |= {
    "batch": notices.Placeholder(gettext_lazy("number of a batch"), "PB-2026-00012"),
    "payee": notices.Placeholder(gettext_lazy("who is paid"), "Hill College"),
    "what": notices.Placeholder(gettext_lazy("what happened, in a few words"), "1 line was sent back"),
    "total": notices.Placeholder(gettext_lazy("an amount with its currency"), "USD 61.50"),
}
notices.register(LetterKind(
    FORWARDED, gettext_lazy("Budget office: a batch was forwarded"),
    ("batch", "payee", "total", "link", "library", "phone"),
    {
        "en": Wording(
            "Batch {batch} is approved for payment",
            "Batch {batch} for {payee} is approved: {total}.\n\nIts cover sheet, workbook and list, and a button to "
            "mark it paid or send it back, are here:\n\n{link}\n\n{library}\n{phone}\n"),
        "es": Wording(
            "El lote {batch} está aprobado para su pago",
            "El lote {batch} para {payee} está aprobado: {total}.\n\nSu portada, libro de cálculo y lista, y los "
            "botones para marcarlo como pagado o devolverlo, están aquí:\n\n{link}\n\n{library}\n{phone}\n"),
    },
))
notices.register(LetterKind(
    BACK, gettext_lazy("From the budget office: lines were sent back"), ("what", "batch", "link", "library"),
    {
        "en": Wording("{what}: batch {batch}",
                      "{what} by the budget office: batch {batch}. The reason, and where it is answered, is here:\n\n"
                      "{link}\n\n{library}\n"),
        "es": Wording("{what}: lote {batch}",
                      "{what} por la oficina de presupuesto: lote {batch}. El motivo, y dónde se responde, está "
                      "aquí:\n\n{link}\n\n{library}\n"),
    },
))


def _tell(batch: Batch, step: BatchStep) -> None:
    """The office hears of a new batch; the department of one that came back, in its conversation."""
    by = staff(step.by) if step.by else None
    if step.what in ("forwarded", "paid"):
        # It is not the department's turn any more: neither here nor where its invoices came back from.
        talk.settle("batch", [batch.pk, *queries.made_good(batch)], talk.ILL)
    if step.what == "forwarded":
        notices.letter(
            FORWARDED, to=BatchSettings.current().email, language="en", key=f"batch:{batch.pk}:forwarded", now=step.at,
            subject=("batch", batch.pk),
            values={"batch": batch.number, "payee": batch.payee, "total": money.shown(step.amount, batch.currency),
                    "link": f"{notices.everywhere()['base_url']}{_url(batch)}"})
    elif step.what in ("back", "unpaid") and by is not None:
        waiting = talk.ILL if step.what == "back" else None
        said = ngettext("Sent back, %(lines)s line, %(amount)s: %(why)s",
                        "Sent back, %(lines)s lines, %(amount)s: %(why)s", step.lines) if step.what == "back" else _(
            "Not paid after all, %(amount)s: %(why)s")
        talk.say(("batch", batch.pk), said % {"lines": step.lines, "amount": money.shown(step.amount, batch.currency),
                                              "why": step.why},
                 key=f"batch-step:{step.pk}", actor=by, now=step.at, waiting_for=waiting, notice=step.what != "back")
    if step.what == "back":
        what = ngettext("%(n)s line was sent back", "%(n)s lines were sent back", step.lines) % {"n": step.lines}
        notices.letter(
            BACK, to=talk.address_of(talk.ILL), language="en", key=f"batch-step:{step.pk}", now=step.at,
            subject=("batch", batch.pk),
            values={"what": what, "batch": batch.number, "link": f"{notices.everywhere()['base_url']}{_url(batch)}"})


def _url(batch: Batch) -> str:
    return reverse("batch", args=[batch.number])


def _visible(user: User, keys: Iterable[int]) -> set[int]:
    return set(keys) if user.may("see_batches") else set()


def _links(keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    return {row.pk: (_("Batch %(batch)s") % {"batch": row.number}, _url(row))
            for row in Batch.objects.filter(pk__in=list(keys))}


def _card(request) -> registry.Card | None:
    user = request.user
    rows: list[dict] = []
    if user.may("pay_batches"):
        rows = [{"label": _("Approved batches to pay"), "url": f"{reverse('batches')}?state=forwarded",
                 "count": queries.waiting_count(), "family": "decision"}]
    elif user.may("work_payables") and user.may("see_batches"):
        if waiting := queries.to_forward():
            rows.append({"label": _("Approved, to be forwarded"), "url": reverse("batches_waiting"), "count": waiting,
                         "family": "ours"})
        if lists := len(royalties.unapproved()):
            rows.append({"label": _("Royalty lists to approve"), "url": reverse("batches_waiting"), "count": lists,
                         "family": "decision"})
    return registry.Card(_("Batches"), rows=rows) if rows else None


actions.TOLD.append(_tell)
# Batches hold neither names nor titles: whoever mends what came back from one reads what was asked in it.
subjects.register(subjects.Subject("batch", gettext_lazy("Batch"), _visible, _links, right="see_batches",
                                   returned=returned.of_batch, heard=True))
registry.SUBJECT_LINKS["batch"] = _links
registry.HOME_CARDS.append(_card)
