from allauth.account import views as accounts
from django.urls import include, path, re_path

from illdesk.mailboxes import views as mailboxes
from illdesk.pages import (
    account,
    calendars,
    errors,
    files,
    health,
    help,
    home,
    jobs,
    letters,
    library,
    mailbox,
    people,
    status,
)

handler400, handler403 = errors.bad_request, errors.forbidden
handler404, handler500 = errors.not_found, errors.failed

# Of allauth only what this desk uses: accounts are given by the library, addresses are kept by it.
sign_in = [
    path("login/", accounts.login, name="account_login"),
    path("logout/", accounts.logout, name="account_logout"),
    path("inactive/", accounts.account_inactive, name="account_inactive"),
    path("signup/", accounts.signup, name="account_signup"),  # says that it is closed
    path("password/change/", accounts.password_change, name="account_change_password"),
    path("password/reset/", accounts.password_reset, name="account_reset_password"),
    path("password/reset/done/", accounts.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        accounts.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        accounts.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
settings = [
    path("letters/", letters.listing, name="settings_letters"),
    path("letters/<slug:code>/<slug:language>/", letters.letter, name="settings_letter"),
    path("library/", library.institution, name="settings_library"),
    path("branches/", library.branches, name="settings_branches"),
    path("branches/add/", library.branch, name="settings_branch_add"),
    path("branches/<slug:code>/", library.branch, name="settings_branch"),
    path("calendars/", calendars.listing, name="settings_calendars"),
    path("calendars/add/", calendars.calendar, name="settings_calendar_add"),
    path("calendars/<int:pk>/", calendars.calendar, name="settings_calendar"),
    path("calendars/<int:pk>/close/", calendars.close, name="settings_calendar_close"),
    path("calendars/<int:pk>/reopen/<int:day>/", calendars.reopen, name="settings_calendar_reopen"),
    path("calendars/<int:pk>/remove/", calendars.remove, name="settings_calendar_remove"),
    path("mailboxes/", mailboxes.mailboxes, name="settings_mailboxes"),
    path("mailboxes/add/", mailboxes.mailbox, name="settings_mailbox_add"),
    path("mailboxes/<int:pk>/", mailboxes.mailbox, name="settings_mailbox"),
    path("mailboxes/<int:pk>/test/", mailboxes.test, name="settings_mailbox_test"),
    path("people/", people.listing, name="settings_people"),
    path("people/add/", people.add, name="settings_person_add"),
    path("people/<int:pk>/", people.person, name="settings_person"),
    path("people/<int:pk>/link/", people.send_link, name="settings_person_link"),
]
urlpatterns = [
    path("", home.home, name="home"),
    path("account/", account.account, name="account"),
    path("accounts/", include(sign_in)),
    path("i18n/language/", account.set_language, name="set_language"),
    path("settings/", include(settings)),
    path("status/", status.page, name="status"),
    path("status/stuck/<slug:box>/<int:pk>/<slug:what>/", status.stuck_step, name="status_stuck"),
    path("status/again/", status.send_all_again, name="status_again"),
    path("status/clock/<slug:name>/", status.run_now, name="status_run"),
    path("status/clock/<slug:name>/dry/", status.dry_run, name="status_dry"),
    path("jobs/", jobs.listing, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/stop/", jobs.stop, name="job_stop"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job_retry"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mail/", mailboxes.mails, name="mails"),
    path("mail/<int:pk>/", mailboxes.mail, name="mail"),
    path("mail/<int:pk>/<slug:what>/", mailboxes.step, name="mail_step"),
    path("files/<int:pk>/", files.file, name="file"),
    path("help/", help.index, name="help"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("billing/", include("billing.urls")),
    path("api/v1/", include("billing.api.urls")),
    path("my/charges/", include("billing.charges.my_urls")),  # before the numbers of requests
    path("", include("requests_app.urls")),
    path("help/<slug:page>/", help.page, name="help_page"),  # after the pages that apps draw themselves
]
