from django.urls import path

from billing.agreements import views

urlpatterns = [
    path("agreements/", views.agreements, name="agreements"),
    path("agreements/add/", views.edit, name="agreement_add"),
    path("agreements/trial/", views.trial, name="agreement_trial"),
    path("agreements/<int:pk>/", views.agreement, name="agreement"),
    path("agreements/<int:pk>/edit/", views.edit, name="agreement_edit"),
    path("agreements/<int:pk>/publish/", views.publish, name="agreement_publish"),
]
