from django.urls import include, path

from billing import overview
from billing.agreements.urls import urlpatterns as agreements
from billing.api import pages as tokens
from billing.appeals.urls import urlpatterns as appeals
from billing.budget import views as budget
from billing.charges.urls import urlpatterns as charges
from billing.costs.urls import urlpatterns as costs
from billing.efts.urls import urlpatterns as efts
from billing.ifm.urls import urlpatterns as ifm
from billing.invoices.urls import urlpatterns as invoices
from billing.ledger import views as books
from billing.local.urls import urlpatterns as local
from billing.payables.urls import urlpatterns as payables
from billing.reports.urls import urlpatterns as reports
from billing.vouchers.urls import urlpatterns as vouchers

urlpatterns = [
    path("", overview.overview, name="money"),
    *payables, *invoices, *vouchers, *charges, *appeals, *local, *ifm, *efts,
    path("batches/", include("billing.batches.urls")),
    path("talk/", include("billing.talk.urls")),
    path("year/", include("billing.forecast.urls")),
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
    *reports, *agreements, *costs,
    path("tokens/", tokens.listing, name="tokens"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
]
