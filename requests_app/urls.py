from django.urls import path

from requests_app.exchange.iso18626.views import endpoint

urlpatterns = [
    path("iso18626", endpoint, name="iso18626"),
]
