from django.urls import path

from billing.vouchers import views

urlpatterns = [
    path("vouchers/", views.vouchers, name="vouchers"),
    path("vouchers/export.<slug:form>", views.export, name="vouchers_export"),
    path("vouchers/worth/", views.terms, name="voucher_terms"),
    path("vouchers/holders/add/", views.holder, name="voucher_holder_add"),
    path("vouchers/holders/<int:pk>/", views.holder, name="voucher_holder"),
    path("vouchers/changes/<int:pk>/undo/", views.undo_change, name="voucher_change_undo"),
    path("vouchers/changes/<int:pk>/<slug:what>/", views.change, name="voucher_change"),
    path("vouchers/movements/<int:pk>/undo/", views.undo, name="voucher_undo"),
    path("vouchers/<slug:what>/", views.do, name="voucher_do"),
]
