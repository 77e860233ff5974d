"""Steps of document delivery: what our own patron wants and we have."""

from django.utils.translation import gettext_lazy as _

from requests_app.lifecycle.states import D_ALL
from requests_app.lifecycle.table import COPY, LOAN, Step, d

_BEFORE = d("submitted", "searching", "scanning")

STEPS: tuple[Step, ...] = (
    Step("start_search", d("submitted"), "documents.searching", "staff", _("Search the shelf"),
         _("Goes to Searching and prints the pull slip. Nobody is written to."), "work_documents", undoable=True),
    Step("found", d("searching"), "documents.scanning", "staff", _("Found"),
         _("Goes to Scanning. Nobody is written to."), "work_documents", service=COPY, undoable=True),
    Step("shelve", d("searching"), "documents.on_hold_shelf", "staff", _("Put on hold shelf"),
         _("Goes to On hold shelf. The patron is told by e-mail."), "work_documents", service=LOAN, form="shelve",
         letter="arrived"),
    Step("deliver_copy", d("scanning", "searching"), "documents.delivered", "staff", _("Deliver the scan…"),
         _("Goes to Delivered. The patron is told by e-mail that the PDF is ready."), "work_documents",
         service=COPY, form="scan", letter="delivered"),
    Step("hand_over", d("on_hold_shelf"), "documents.finished", "staff", _("Handed over"),
         _("Goes to Finished; circulation has the loan. Nobody is written to."), "work_documents", undoable=True),
    Step("to_borrowing", _BEFORE, "borrowing.in_review", "staff", _("Not here: borrow it"),
         _("Becomes borrowing with the same number, in review. Nobody is written to."), "work_documents"),
    Step("deliver_copy", d("delivered"), "", "staff", _("Deliver a better scan…"),
         _("The new file takes the place of the first one; the patron is told by e-mail."), "work_documents",
         service=COPY, form="scan", letter="delivered", only="resend_asked"),
    Step("extend_delivery", d("delivered"), "", "staff", _("Extend the download…"),
         _("The patron can download it longer or more often, and is told."), "work_documents",
         form="extend", letter="delivered", quiet=True),
    Step("report_problem", d("delivered"), "", "patron", _("Report a problem with the PDF"),
         _("We scan it again. You need not ask anew."), "ask", service=COPY, form="report_problem",
         unless="resend_asked"),
    Step("resend_given_up", d("delivered"), "", "staff", _("The scan is good as it is"),
         _("The report is settled. Nobody is written to."), "work_documents", service=COPY, only="resend_asked",
         quiet=True),
    Step("expire_delivery", d("delivered"), "documents.finished", "clock", _("Download expired"),
         _("The file is erased."), when="respond_by", unless="resend_asked"),
    Step("cancel", _BEFORE + d("on_hold_shelf"), "documents.cancelled", "staff", _("Cancel…"),
         _("Goes to Cancelled. You see the letter to the patron before it goes."), "work_documents",
         form="cancel", letter="cancelled", quiet=True),
    Step("sign_declaration", _BEFORE, "", "patron", _("Sign the declaration"),
         _("We can go on with your request then."), "ask", service=COPY, form="declaration", only="declaration_due"),
    Step("record_declaration", _BEFORE, "", "staff", _("Signed declaration received…"),
         _("Stays here. The department keeps the paper; nobody is written to."), "work_documents", service=COPY,
         form="declaration", only="declaration_due", quiet=True),
    Step("miss_declaration", _BEFORE, "", "clock", _("Declaration is missing"),
         _("Nothing is copied. The patron can sign it on the page of the request."), service=COPY,
         unless="declaration_due"),
    Step("patron_cancel", _BEFORE, "documents.cancelled", "patron", _("Cancel this request"),
         _("We stop working on it."), "ask", form="patron_cancel"),
    Step("patron_message", D_ALL, "", "patron", _("Patron wrote"), _("Your message goes to the department."), "ask",
         form="note", quiet=True),
    Step("write_patron", D_ALL, "", "staff", _("Write to patron…"), _("Your letter goes to the patron."),
         "work_documents", form="write_patron", quiet=True),
)
