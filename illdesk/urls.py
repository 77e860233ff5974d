from django.contrib.auth.views import redirect_to_login  # noqa: F401
from django.urls import include, path

from illdesk.accounts.views import account, set_language
from illdesk.pages import errors, files, health, help as help_pages, home, letters, mailbox, people, status

handler400, handler403 = errors.bad_request, errors.forbidden
handler404, handler500 = errors.not_found, errors.failed

urlpatterns = [
    path("", home.home, name="home"),
    path("accounts/", include("illdesk.accounts.urls")),
    path("account/", account, name="account"),
    path("i18n/language/", set_language, name="set_language"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("files/<int:pk>/", files.download, name="file"),
    path("settings/letters/", letters.letter_list, name="letters"),
    path("settings/letters/<slug:code>/<slug:language>/", letters.letter_edit, name="letter"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    path("status/", status.status, name="status"),
    path("status/stuck/<str:box>/<int:pk>/<str:what>/", status.act, name="stuck_act"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("help/", help_pages.index, name="help"),
    path("help/<slug:page>/", help_pages.page, name="help_page"),
    path("", include("requests_app.urls")),
]
