"""Every address of the URL configuration, with its rule; and an example for every part of an address.

An address that is added later is met by the same tests. Where they cannot know what to ask, they fail with a
sentence that says what to add here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.urls import get_resolver, reverse

from illdesk.accounts.roles import RIGHTS

ALLAUTH = "accounts/"


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    parameters: tuple[str, ...]
    view: Callable = field(compare=False, hash=False, repr=False)

    @property
    def rule(self) -> str:
        """A right, or "signed_in_only", "open_page", "allauth"; "" for none or several."""
        if self.route.startswith(ALLAUTH):
            return "allauth"
        marks = [
            getattr(self.view, "needs", ""),
            "signed_in_only" if getattr(self.view, "signed_in_only", False) else "",
            "open_page" if getattr(self.view, "open_page", False) else "",
        ]
        found = [mark for mark in marks if mark]
        return found[0] if len(found) == 1 and found[0] in {*RIGHTS, "signed_in_only", "open_page"} else ""


def _walk(patterns, prefix: str = "", inherited: tuple[str, ...] = ()) -> Iterator[Address]:
    for entry in patterns:
        pattern = entry.pattern
        here = tuple(getattr(pattern, "converters", {})) or tuple(getattr(pattern.regex, "groupindex", {}))
        if hasattr(entry, "url_patterns"):
            yield from _walk(entry.url_patterns, prefix + str(pattern), inherited + here)
        else:
            yield Address(entry.name or "", prefix + str(pattern), inherited + here, entry.callback)


ADDRESSES: list[Address] = list(_walk(get_resolver("illdesk.urls").url_patterns))
BY_NAME = {address.name: address for address in ADDRESSES}

# What stands for a part of an address: "name of the address.part", else "part" for all of them. The values are
# keys of `world.values` (see world.py), or said as they are with a leading "=".
EXAMPLES: dict[str, str] = {
    "number": "borrowing",
    "pull_slip.number": "lending",
    "download.number": "delivered",
    "symbol": "library",
    "token": "token",
    "kind": "=borrowing",
    "queue.slug": "=submitted",
    "act.action": "=note",
    "page": "=patrons",
    "settings_letter.code": "=arrived",
    "settings_letter.language": "=en",
    "settings_branch.code": "branch",
    "settings_person.pk": "person",
    "settings_person_link.pk": "person",
    "file.pk": "file",
    "status_stuck.box": "=out",
    "status_stuck.pk": "stuck",
    "status_stuck.what": "=drop",
    "status_run.name": "=dates",
    "status_dry.name": "=outbox",
    "settings_calendar.pk": "calendar",
    "settings_calendar_close.pk": "calendar",
    "settings_calendar_reopen.pk": "calendar",
    "settings_calendar_reopen.day": "closed day",
    "settings_calendar_remove.pk": "calendar",
    "claim.what": "=mine",
    "bulk.action": "=review",
    "settings_source.code": "=crossref",
    "settings_source_test.code": "=crossref",
    "queue_verify.slug": "=submitted",
    "queue_export.slug": "=submitted",
    "queue_export.form": "=csv",
    "job.pk": "job",
    "job_stop.pk": "job",
    "job_retry.pk": "job",
    "holdings_package.pk": "package",
    "holdings_edit.pk": "package",
    "holdings_load.pk": "package",
    "holdings_titles.pk": "package",
    "holdings_remove.pk": "package",
    "holdings_problems.pk": "package",
    "holdings_decide.pk": "package",
    "load": "load",
    "holdings_decide.what": "=discard",
    "copyright_titles_export.form": "=csv",
    "copyright_over_export.form": "=csv",
    "copyright_subscriptions_export.form": "=xlsx",
    **{f"copyright_{name}.pk": "title" for name in ("title", "merge", "apart", "move", "link", "unlink")},
    "link": "link",
    "copyright_settle.pk": "over",
    "copyright_subscription.pk": "subscription",
    "copyright_subscription_load.pk": "subscription file",
    "copyright_subscription_decide.pk": "subscription file",
    "copyright_subscription_decide.what": "=discard",
    "library_draft.pk": "import",
    "library_draft_decide.pk": "import",
    "library_draft_decide.what": "=discard",
    "library_group.pk": "group",
    "library_group_remove.pk": "group",
    "library_xml.box": "=out",
    "library_xml.pk": "message",
    "library_message_step.box": "=out",
    "library_message_step.pk": "message",
    "library_message_step.what": "=park",
    "library_part_new.what": "=contacts",
    "library_part.what": "=contacts",
    "library_part.pk": "contact",
    "library_part_remove.what": "=contacts",
    "library_part_remove.pk": "contact",
    "year": "=2026",
    "copyright_report_title.title": "copyright title",
    "copyright_report_export.form": "=csv",
    "copyright_audit_export.form": "=csv",
    "copyright_hold_lift.pk": "hold",
    "copyright_rules_withdraw.pk": "rules",
    "copyright_texts_export.form": "=csv",
    "form": "=csv",
    "code": "fund",
    "list_number": "royalty list",
    "fund_year_change.pk": "fund year",
    "books_close.pk": "period",
    "family": "=patron",
    "subject": "account subject",
    **{f"{name}.pk": "patron" for name in (
        "charges_patron", "charges_statement", "charges_mail", "charges_pay", "charges_pay_back",
        "charges_use_credit")},
    "charges_receipt.code": "receipt",
    "charges_undo_payment.code": "receipt",
    "my_receipt.code": "receipt",
    "charges_waiver.pk": "waiver",
    "charges_waiver.what": "=refuse",
    "charges_hold.code": "charged request",
    "charges_hold.what": "=end",
    "charge.code": "charge",
    "charge_act.code": "charge",
    "charge_act.what": "=cancel",
    "charge_terms.status": "=faculty",
    "my_appeal.code": "charge",
    "appeal.pk": "appeal",
    "appeal_enter.code": "charge",
    "local_billing_file.code": "local file",
    "local_billing_decide.pk": "local part",
    "local_billing_decide.what": "=keep",
    "local_billing_hand_over.code": "charge",
    "local_billing_aside.pk": "sftp arrival",
    "local_billing_sftp_key.what": "=confirm",
    "royalty_list_settle.pk": "statement line",
    "royalty_waive.pk": "royalty",
    "royalty_list_settle.what": "=noted",
    "collection_note.pk": "collection note",
    "collection_note_dismiss.pk": "collection note",
    "price_list.pk": "price list",
    "price_list_decide.pk": "price list",
    "price_list_decide.what": "=discard",
    **{f"{name}.pk": "agreement" for name in ("agreement", "agreement_edit", "agreement_publish")},
    **{f"invoice{name}.pk": "invoice" for name in ("", "_file", "_verify", "_approve", "_send", "_discard", "_credit",
                                                   "_dispute_add", "_write_off")},
    "invoice_file.form": "=pdf",
    "invoice_line.pk": "invoice line",
    "invoice_line.what": "=verify",
    **{f"invoice_dispute{name}.pk": "invoice dispute" for name in ("", "_note", "_reject")},
    **{f"library_payment{name}.pk": "library payment" for name in ("", "_settle", "_undo", "_refund")},
    **{f"library_refund{name}.pk": "library refund" for name in ("_approve", "_refuse", "_undo")},
    "voucher_holder.pk": "voucher holder",
    "voucher_change.pk": "voucher change",
    "voucher_change_undo.pk": "voucher change",
    "voucher_undo.pk": "voucher movement",
    "voucher_change.what": "=received",
    "voucher_do.what": "=count",
    "batch": "batch",
    "batch_came.pk": "batch file",
    "batches_download_again.pk": "download",
    "batches_royalty_decide.pk": "royalty list key",
    "batches_royalty_decide.what": "=approve",
    "talk_kind": "=batch",
    "talk_thread.pk": "batch key",
    "talk_read.pk": "batch key",
    "token_revoke.pk": "api token",
    "approval": "=royalty",
    "api_approval.pk": "royalty list key",
    "api_approve.pk": "royalty list key",
    "api_refuse.pk": "royalty list key",
    "rest": "=no/such/thing/",
    **{f"{name}.pk": "payable" for name in (
        "payable", "payable_edit", "payable_dispute", "payable_line", "payable_compare", "payable_paper",
        "payable_step")},
    "payable_line.line": "payable line",
    "payable_compare.other": "payable other",
    "payable_paper.sheet": "=1",
    "payable_step.what": "=match",
    "payable_file.pk": "payable file",
    "payable_file_decide.pk": "payable file",
    "payable_file_decide.what": "=discard",
    "deputy_end.pk": "delegation",
    "system": "=ifm",
    "month": "=202603",
    "network_no_charge.pk": "delivered key",
    "network_report.pk": "network report",
    "network_discard.pk": "unnamed report",
    "network_settle.pk": "network statement",
    "network_line.pk": "network line",
    "network_line.what": "=accept",
    "report": "=library",
    "report_limit_remove.pk": "balance limit",
    "deposit.pk": "deposit",
    "deposit_pay.pk": "deposit",
    "deposit_balance.pk": "deposit",
    "deposit_edit.pk": "deposit",
    "outgoing_make.pk": "deposit",
    "outgoing.list_number": "outgoing",
    "outgoing_decide.list_number": "outgoing",
    "outgoing_decide.what": "=discard",
    "outgoing_export.list_number": "outgoing",
    "settings_mailbox.pk": "mailbox",
    "settings_mailbox_test.pk": "mailbox",
    "mail.pk": "mail",
    "mail_step.pk": "mail",
    "mail_step.what": "=aside",
    "reference_remove.pk": "reference",
    "reference_remove.number": "delivered",
    "uidb36": "=abc",
    "key": "=never-given",
}


def example(address: Address, parameter: str, values: dict[str, str]) -> str:
    key = f"{address.name}.{parameter}"
    said = EXAMPLES.get(key) or EXAMPLES.get(parameter)
    assert said, (
        f"The address {address.name!r} ({address.route}) has the part {parameter!r}, for which no example is known. "
        f"Add {key!r} to EXAMPLES in tests/guards/addresses.py, and the object itself to tests/guards/world.py."
    )
    if said.startswith("="):
        return said[1:]
    assert said in values, f"tests/guards/world.py has no {said!r}, which EXAMPLES[{key!r}] asks for."
    return values[said]


def url(address: Address, values: dict[str, str], **chosen: str) -> str:
    """The address with examples in its parts; `chosen` instead of them."""
    parts = {name: chosen.get(name) or example(address, name, values) for name in address.parameters}
    return reverse(address.name, kwargs=parts)
