from django.urls import path

from billing.talk import views

urlpatterns = [
    path("", views.listing, name="talk"),
    path("<slug:talk_kind>/<int:pk>/", views.thread, name="talk_thread"),
    path("<slug:talk_kind>/<int:pk>/read/", views.read, name="talk_read"),
]
