from django.urls import path

from billing.reports import views

urlpatterns = [
    path("reports/", views.report, {"report": "month"}, name="reports"),
    path("reports/limits/", views.limits, name="report_limits"),
    path("reports/limits/<int:pk>/remove/", views.remove_limit, name="report_limit_remove"),
    path("reports/<slug:report>/", views.report, name="report"),
    path("reports/<slug:report>/export.<slug:form>", views.export, name="report_export"),
]
