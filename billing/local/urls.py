from django.urls import path

from billing.local import views

urlpatterns = [
    path("local/", views.local, name="local_billing"),
    path("local/file/", views.make_file, name="local_billing_make_file"),
    path("local/files/<str:code>/", views.file, name="local_billing_file"),
    path("local/answers/", views.answers, name="local_billing_answers"),
    path("local/parts/<int:pk>/<slug:what>/", views.decide, name="local_billing_decide"),
    path("local/charges/<str:code>/", views.hand_over, name="local_billing_hand_over"),
    path("local/settings/", views.settings, name="local_billing_settings"),
    path("local/settings/test/", views.test, name="local_billing_test"),
]
