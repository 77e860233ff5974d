from django.urls import path

from requests_app.exchange.iso18626.views import endpoint
from requests_app.views import lifecycle_page

urlpatterns = [
    path("help/lifecycle/", lifecycle_page.page, name="help_lifecycle"),
    path("iso18626", endpoint, name="iso18626"),
]
