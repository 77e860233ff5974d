from django.urls import path

from billing.approval import views as approval
from billing.costs import views

urlpatterns = [
    path("deputies/", approval.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", approval.end, name="deputy_end"),
    path("rates/", views.rates, name="rates"),
    path("rates/add/", views.rate_add, name="rate_add"),
    path("costs/", views.funds, name="cost_funds"),
]
