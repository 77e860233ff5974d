"""The desk's addresses, with the ones of pages that are still being made."""

from django.http import HttpResponse
from django.urls import path

from illdesk.urls import handler400, handler403, handler404, handler500
from illdesk.urls import urlpatterns as desk

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def _page(request, **kwargs):
    return HttpResponse("")


urlpatterns = [
    *desk,
    path("<str:kind>/", _page, name="kind"),
    path("requests/<str:number>/", _page, name="request"),
]
