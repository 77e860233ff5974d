from django.urls import path

from billing.invoices.views import account, correction, detail, dispute, listing, payment, run

urlpatterns = [
    path("invoices/", listing.invoices, name="invoices"),
    path("invoices/export.<slug:form>", listing.export, name="invoices_export"),
    path("invoices/run/", run.run, name="invoice_run"),
    path("invoices/extra/", run.extra, name="invoice_extra"),
    path("invoices/rules/", run.policy, name="invoice_policy"),
    path("invoices/lines/<int:pk>/<slug:what>/", detail.line, name="invoice_line"),
    path("invoices/disputes/", dispute.dispute_list, name="invoice_disputes"),
    path("invoices/disputes/<int:pk>/", dispute.dispute, name="invoice_dispute"),
    path("invoices/disputes/<int:pk>/note/", dispute.dispute_note, name="invoice_dispute_note"),
    path("invoices/disputes/<int:pk>/reject/", dispute.dispute_reject, name="invoice_dispute_reject"),
    path("invoices/<int:pk>/", detail.invoice, name="invoice"),
    path("invoices/<int:pk>/file.<slug:form>", detail.file, name="invoice_file"),
    path("invoices/<int:pk>/verify/", detail.verify_all, name="invoice_verify"),
    path("invoices/<int:pk>/approve/", detail.approve, name="invoice_approve"),
    path("invoices/<int:pk>/send/", detail.send, name="invoice_send"),
    path("invoices/<int:pk>/discard/", detail.discard, name="invoice_discard"),
    path("invoices/<int:pk>/credit/", correction.credit_note, name="invoice_credit"),
    path("invoices/<int:pk>/dispute/", correction.dispute, name="invoice_dispute_add"),
    path("invoices/<int:pk>/write-off/", detail.write_off, name="invoice_write_off"),
    path("accounts/", account.ageing, name="library_accounts"),
    path("accounts/export.<slug:form>", account.ageing_export, name="library_accounts_export"),
    path("accounts/<str:symbol>/", account.account, name="library_account"),
    path("accounts/<str:symbol>/statement.pdf", account.statement, name="library_statement"),
    path("accounts/<str:symbol>/statement/mail/", account.statement_mail, name="library_statement_mail"),
    path("accounts/<str:symbol>/pay/", payment.pay, name="library_pay"),
    path("payments/<int:pk>/", payment.payment, name="library_payment"),
    path("payments/<int:pk>/settle/", payment.allocate, name="library_payment_settle"),
    path("payments/<int:pk>/undo/", payment.undo, name="library_payment_undo"),
]
