from django.urls import path

from billing.ifm import EFTS, IFM
from billing.ifm.views import lines, months, reports, statements

urlpatterns = [
    path("ifm/", months.months, {"system": IFM}, name="ifm"),
    path("efts/months/", months.months, {"system": EFTS}, name="efts_months"),
    path("networks/rules/", statements.policy, name="network_policy"),
    path("networks/invoices/<int:pk>/paid/", statements.settle, name="network_settle"),
    path("networks/reports/<int:pk>/", reports.report, name="network_report"),
    path("networks/reports/<int:pk>/discard/", reports.discard, name="network_discard"),
    path("networks/lines/<int:pk>/<slug:what>/", lines.step, name="network_line"),
    path("networks/<slug:system>/read/", reports.take, name="network_take"),
    path("networks/<slug:system>/export.<slug:form>", months.export, name="network_export"),
    path("networks/<slug:system>/<int:month>/", months.month, name="network_month"),
    path("networks/<slug:system>/<int:month>/compare/", months.compare, name="network_compare"),
    path("networks/<slug:system>/<int:month>/book/", months.book, name="network_book"),
    path("networks/<slug:system>/<int:month>/invoice/", statements.state, name="network_state"),
    path("networks/<slug:system>/<int:month>/requests/<int:pk>/", months.no_charge, name="network_no_charge"),
]
