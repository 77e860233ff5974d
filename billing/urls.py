from django.urls import include, path

from billing.budget import views as budget
from billing.ledger import views as books

urlpatterns = [
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
]
