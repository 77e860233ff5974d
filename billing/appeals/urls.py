from django.urls import path

from billing.appeals import views

urlpatterns = [
    path("appeals/", views.appeals, name="appeals"),
    path("appeals/<int:pk>/", views.appeal, name="appeal"),
    path("appeals/for/<str:code>/", views.enter, name="appeal_enter"),
]
