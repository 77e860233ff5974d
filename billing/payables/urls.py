from django.urls import path

from billing.payables.views import detail, dispute, entry, files, listing

urlpatterns = [
    path("payables/", listing.listing, name="payables"),
    path("payables/export.<slug:form>", listing.export, name="payables_export"),
    path("payables/add/", entry.add, name="payable_add"),
    path("payables/files/", files.start, name="payable_files"),
    path("payables/files/<int:pk>/", files.file, name="payable_file"),
    path("payables/files/<int:pk>/<slug:what>/", files.decide, name="payable_file_decide"),
    path("payables/<int:pk>/", detail.invoice, name="payable"),
    path("payables/<int:pk>/edit/", entry.edit, name="payable_edit"),
    path("payables/<int:pk>/dispute/", dispute.dispute, name="payable_dispute"),
    path("payables/<int:pk>/lines/<int:line>/", detail.line, name="payable_line"),
    path("payables/<int:pk>/compare/<int:other>/", detail.compare, name="payable_compare"),
    path("payables/<int:pk>/paper/<int:sheet>.png", detail.picture, name="payable_paper"),
    path("payables/<int:pk>/<slug:what>/", detail.step, name="payable_step"),
]
