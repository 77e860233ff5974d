"""Under /my/charges/: what patrons see of their money."""

from django.urls import path

from billing.appeals import mine as appeals
from billing.charges import mine

urlpatterns = [
    path("", mine.my_charges, name="my_charges"),
    path("statement.pdf", mine.my_statement, name="my_statement"),
    path("receipts/<str:code>/receipt.pdf", mine.my_receipt, name="my_receipt"),
    path("<str:code>/appeal/", appeals.appeal, name="my_appeal"),
]
