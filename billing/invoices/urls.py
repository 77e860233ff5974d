from django.urls import path

from billing.invoices import account_views as accounts
from billing.invoices import views

urlpatterns = [
    path("invoices/", views.invoices, name="invoices"),
    path("invoices/export.<slug:form>", views.export, name="invoices_export"),
    path("invoices/run/", views.run, name="invoice_run"),
    path("invoices/extra/", views.extra, name="invoice_extra"),
    path("invoices/rules/", views.policy, name="invoice_policy"),
    path("invoices/lines/<int:pk>/<slug:what>/", views.line, name="invoice_line"),
    path("invoices/disputes/", accounts.dispute_list, name="invoice_disputes"),
    path("invoices/disputes/<int:pk>/", accounts.dispute, name="invoice_dispute"),
    path("invoices/disputes/<int:pk>/note/", accounts.dispute_note, name="invoice_dispute_note"),
    path("invoices/disputes/<int:pk>/reject/", accounts.dispute_reject, name="invoice_dispute_reject"),
    path("invoices/<int:pk>/", views.invoice, name="invoice"),
    path("invoices/<int:pk>/file.<slug:form>", views.file, name="invoice_file"),
    path("invoices/<int:pk>/verify/", views.verify_all, name="invoice_verify"),
    path("invoices/<int:pk>/approve/", views.approve, name="invoice_approve"),
    path("invoices/<int:pk>/send/", views.send, name="invoice_send"),
    path("invoices/<int:pk>/discard/", views.discard, name="invoice_discard"),
    path("invoices/<int:pk>/credit/", views.credit_note, name="invoice_credit"),
    path("invoices/<int:pk>/dispute/", views.dispute, name="invoice_dispute_add"),
    path("invoices/<int:pk>/write-off/", views.write_off, name="invoice_write_off"),
    path("accounts/", accounts.ageing, name="library_accounts"),
    path("accounts/export.<slug:form>", accounts.ageing_export, name="library_accounts_export"),
    path("accounts/<str:symbol>/", accounts.account, name="library_account"),
    path("accounts/<str:symbol>/statement.pdf", accounts.statement, name="library_statement"),
    path("accounts/<str:symbol>/statement/mail/", accounts.statement_mail, name="library_statement_mail"),
    path("accounts/<str:symbol>/pay/", accounts.pay, name="library_pay"),
    path("payments/<int:pk>/", accounts.payment, name="library_payment"),
    path("payments/<int:pk>/settle/", accounts.allocate, name="library_payment_settle"),
    path("payments/<int:pk>/undo/", accounts.undo, name="library_payment_undo"),
]
