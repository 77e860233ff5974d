from django.urls import path

from billing.batches import views

urlpatterns = [
    path("", views.listing, name="batches"),
    path("export.<slug:form>", views.export, name="batches_export"),
    path("waiting/", views.waiting, name="batches_waiting"),
    path("waiting/royalties/<int:pk>/<slug:what>/", views.royalty_decide, name="batches_royalty_decide"),
    path("download/", views.download_many, name="batches_download"),
    path("downloads/", views.downloads, name="batches_downloads"),
    path("downloads/<int:pk>/", views.download_again, name="batches_download_again"),
    path("pay/", views.pay, name="batches_pay"),
    path("office/", views.office, name="batches_office"),
    path("<slug:batch>/", views.batch, name="batch"),
    path("<slug:batch>/file.<slug:form>", views.file, name="batch_file"),
    path("<slug:batch>/came/<int:pk>/", views.came, name="batch_came"),
    path("<slug:batch>/back/", views.back, name="batch_back"),
    path("<slug:batch>/unpaid/", views.unpaid, name="batch_unpaid"),
]
