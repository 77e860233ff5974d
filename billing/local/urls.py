from django.urls import path

from billing.local import views
from billing.local.sftp import views as sftp

urlpatterns = [
    path("local/", views.local, name="local_billing"),
    path("local/file/", views.make_file, name="local_billing_make_file"),
    path("local/files/<str:code>/", views.file, name="local_billing_file"),
    path("local/answers/", views.answers, name="local_billing_answers"),
    path("local/parts/<int:pk>/<slug:what>/", views.decide, name="local_billing_decide"),
    path("local/charges/<str:code>/", views.hand_over, name="local_billing_hand_over"),
    path("local/settings/", views.settings, name="local_billing_settings"),
    path("local/settings/test/", views.test, name="local_billing_test"),
    path("local/arrivals/<int:pk>/aside/", sftp.set_aside, name="local_billing_aside"),
    path("local/exchange/", sftp.exchange, name="local_billing_exchange"),
    path("local/settings/sftp/key/<slug:what>/", sftp.key, name="local_billing_sftp_key"),
    path("local/settings/sftp/try/", sftp.test, name="local_billing_sftp_try"),
]
