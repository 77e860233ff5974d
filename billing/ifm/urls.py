from django.urls import path

from billing.ifm import EFTS, IFM, views

urlpatterns = [
    path("ifm/", views.months, {"system": IFM}, name="ifm"),
    path("efts/months/", views.months, {"system": EFTS}, name="efts_months"),
    path("networks/rules/", views.policy, name="network_policy"),
    path("networks/invoices/<int:pk>/paid/", views.settle, name="network_settle"),
    path("networks/reports/<int:pk>/", views.report, name="network_report"),
    path("networks/reports/<int:pk>/discard/", views.discard, name="network_discard"),
    path("networks/lines/<int:pk>/<slug:what>/", views.step, name="network_line"),
    path("networks/<slug:system>/read/", views.take, name="network_take"),
    path("networks/<slug:system>/export.<slug:form>", views.export, name="network_export"),
    path("networks/<slug:system>/<int:month>/", views.month, name="network_month"),
    path("networks/<slug:system>/<int:month>/book/", views.book, name="network_book"),
    path("networks/<slug:system>/<int:month>/invoice/", views.state, name="network_state"),
    path("networks/<slug:system>/<int:month>/requests/<int:pk>/", views.no_charge, name="network_no_charge"),
]
