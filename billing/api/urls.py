from django.urls import path

from billing.api import views
from billing.api.views import opened

urlpatterns = [
    path("approvals/", opened(views.Approvals), name="api_approvals"),
    path("approvals/<slug:approval>/<int:pk>/", opened(views.Approval), name="api_approval"),
    path("approvals/<slug:approval>/<int:pk>/approve/", opened(views.Approve), name="api_approve"),
    path("approvals/<slug:approval>/<int:pk>/refuse/", opened(views.Refuse), name="api_refuse"),
    path("batches/", opened(views.Batches), name="api_batches"),
    path("batches/<slug:batch>/", opened(views.OneBatch), name="api_batch"),
    path("batches/<slug:batch>/file.<slug:form>", opened(views.BatchFile), name="api_batch_file"),
    path("batches/<slug:batch>/paid/", opened(views.Paid), name="api_batch_paid"),
    path("batches/<slug:batch>/back/", opened(views.Back), name="api_batch_back"),
    path("schema/", opened(views.Schema), name="api_schema"),
    path("<path:rest>", opened(views.Nothing), name="api_nothing"),
]
