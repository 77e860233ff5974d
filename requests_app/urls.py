from django.urls import path, re_path

from requests_app.exchange.iso18626.views import endpoint
from requests_app.views import act, deliveries, detail, libraries, lifecycle_page, paper, patron, policy, queues

urlpatterns = [
    path("help/lifecycle/", lifecycle_page.page, name="help_lifecycle"),
    path("iso18626", endpoint, name="iso18626"),
    path("my/", patron.my_requests, name="my_requests"),
    path("my/new/", patron.new_request, name="new_request"),
    path("my/<str:number>/", patron.own_page, name="my_request"),
    path("my/<str:number>/pdf/", deliveries.download, name="download"),
    path("scan/<str:token>/", deliveries.scan_link, name="scan_link"),
    path("search/", queues.find, name="search"),
    path("requests/<str:number>/", detail.detail, name="request"),
    path("requests/<str:number>/files/", detail.add_file, name="add_file"),
    path("requests/<str:number>/pull-slip.pdf", paper.pull_slip, name="pull_slip"),
    path("requests/<str:number>/band.pdf", paper.band, name="band"),
    path("requests/<str:number>/label.pdf", paper.label, name="label"),
    path("requests/<str:number>/act/<slug:action>/", act.act, name="act"),
    path("print/slips/", paper.print_slips, name="print_slips"),
    path("print/bands/", paper.print_bands, name="print_bands"),
    path("settings/libraries/", libraries.libraries, name="libraries"),
    path("settings/libraries/new/", libraries.edit, name="library_new"),
    path("settings/libraries/<str:symbol>/", libraries.library, name="library"),
    path("settings/libraries/<str:symbol>/edit/", libraries.edit, name="library_edit"),
    path("settings/libraries/<str:symbol>/test/", libraries.test_connection, name="library_test"),
    path("settings/policy/", policy.policy, name="policy"),
    re_path(r"^(?P<kind>borrowing|lending|documents)/$", queues.kind_home, name="kind"),
    re_path(r"^(?P<kind>borrowing|lending|documents)/(?P<slug>[a-z-]+)/$", queues.queue, name="queue"),
]
