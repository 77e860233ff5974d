from django.urls import path

from billing.batches.views import files, listing, payment, waiting

urlpatterns = [
    path("", listing.listing, name="batches"),
    path("export.<slug:form>", listing.export, name="batches_export"),
    path("waiting/", waiting.waiting, name="batches_waiting"),
    path("waiting/royalties/<int:pk>/<slug:what>/", waiting.royalty_decide, name="batches_royalty_decide"),
    path("download/", files.download_many, name="batches_download"),
    path("downloads/", files.downloads, name="batches_downloads"),
    path("downloads/<int:pk>/", files.download_again, name="batches_download_again"),
    path("pay/", payment.pay, name="batches_pay"),
    path("office/", waiting.office, name="batches_office"),
    path("<slug:batch>/", listing.batch, name="batch"),
    path("<slug:batch>/file.<slug:form>", files.file, name="batch_file"),
    path("<slug:batch>/came/<int:pk>/", files.came, name="batch_came"),
    path("<slug:batch>/back/", payment.back, name="batch_back"),
    path("<slug:batch>/unpaid/", payment.unpaid, name="batch_unpaid"),
]
