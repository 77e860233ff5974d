from django.urls import path

from billing.efts import views

urlpatterns = [
    path("efts/", views.deposits, name="efts"),
    path("efts/add/", views.edit, name="deposit_add"),
    path("efts/lists/<str:list_number>/", views.outgoing, name="outgoing"),
    path("efts/lists/<str:list_number>/export.<slug:form>", views.export, name="outgoing_export"),
    path("efts/lists/<str:list_number>/<slug:what>/", views.decide, name="outgoing_decide"),
    path("efts/<int:pk>/", views.deposit, name="deposit"),
    path("efts/<int:pk>/edit/", views.edit, name="deposit_edit"),
    path("efts/<int:pk>/pay/", views.pay, name="deposit_pay"),
    path("efts/<int:pk>/balance/", views.balance, name="deposit_balance"),
    path("efts/<int:pk>/report/", views.make, name="outgoing_make"),
]
