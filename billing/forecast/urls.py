from django.urls import path

from billing.forecast import views

urlpatterns = [
    path("", views.forecast, name="forecast"),
    path("export.<slug:form>", views.export, name="forecast_export"),
]
