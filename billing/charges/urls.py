from django.urls import path

from billing.charges import acting, entering, settings_views, views

urlpatterns = [
    path("charges/", views.charges, name="charges"),
    path("charges/export.<slug:form>", views.export, name="charges_export"),
    path("charges/new/", entering.new, name="charge_new"),
    path("charges/rules/", settings_views.policy, name="charge_policy"),
    path("charges/rules/<slug:status>/", settings_views.terms, name="charge_terms"),
    path("charges/patrons/<int:pk>/", views.patron, name="charges_patron"),
    path("charges/patrons/<int:pk>/statement.pdf", views.statement, name="charges_statement"),
    path("charges/patrons/<int:pk>/mail/", views.mail_statement, name="charges_mail"),
    path("charges/patrons/<int:pk>/pay/", views.pay, name="charges_pay"),
    path("charges/patrons/<int:pk>/back/", views.pay_back, name="charges_pay_back"),
    path("charges/patrons/<int:pk>/credit/", views.use_credit, name="charges_use_credit"),
    path("charges/receipts/<str:code>/receipt.pdf", views.receipt, name="charges_receipt"),
    path("charges/receipts/<str:code>/undo/", views.undo_payment, name="charges_undo_payment"),
    path("charges/waivers/<int:pk>/<slug:what>/", acting.decide_waiver, name="charges_waiver"),
    path("charges/requests/<str:code>/hold/<slug:what>/", acting.hold, name="charges_hold"),
    path("charges/<str:code>/", acting.page, name="charge"),
    path("charges/<str:code>/<slug:what>/", acting.act, name="charge_act"),
]
