from django.urls import include, path

from billing import overview
from billing.agreements.urls import urlpatterns as agreements
from billing.api import pages as tokens
from billing.budget import views as budget
from billing.invoices.urls import urlpatterns as invoices
from billing.ledger import views as books
from billing.vouchers.urls import urlpatterns as vouchers
from billing.appeals import urls as appeals
from billing.budget import views as budget
from billing.charges import urls as charges
from billing.ledger import views as books
from billing.local import urls as local

urlpatterns = [
    path("", overview.overview, name="money"),
    path("", include("billing.ifm.urls")),
    path("", include("billing.efts.urls")),
    path("", include("billing.reports.urls")),
    path("budget/", budget.budget, name="budget"),
    path("budget/export.<slug:form>", budget.export, name="budget_export"),
    path("budget/funds/add/", budget.edit, name="fund_add"),
    path("budget/funds/<str:code>/", budget.fund, name="fund"),
    path("budget/funds/<str:code>/export.<slug:form>", budget.fund_export, name="fund_export"),
    path("budget/funds/<str:code>/edit/", budget.edit, name="fund_edit"),
    path("budget/funds/<str:code>/years/add/", budget.add_year, name="fund_year_add"),
    path("budget/funds/<str:code>/years/<int:pk>/change/", budget.change, name="fund_year_change"),
    path("books/", books.books, name="books"),
    path("books/export.<slug:form>", books.export, name="books_export"),
    path("books/months/<int:pk>/close/", books.close, name="books_close"),
    path("books/<slug:family>/", books.family, name="books_family"),
    path("books/<slug:family>/<int:subject>/", books.account, name="books_account"),
    *agreements,
    *invoices,
    *vouchers,
    path("tokens/", tokens.listing, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("batches/", include("billing.batches.urls")),
    path("talk/", include("billing.talk.urls")),
    path("year/", include("billing.forecast.urls")),
    *charges.urlpatterns, *appeals.urlpatterns, *local.urlpatterns,
    path("", include("billing.costs.urls")),
    path("", include("billing.payables.urls")),
]
