"""Where the ground floor's own pages stand: in the top bar, behind More, and beside the settings."""

from django.utils.translation import gettext_lazy as _

from illdesk import registry
from illdesk.pages import help, settings_side, status

registry.PLACES += [settings_side.place, status.place, help.place]
settings_side.entry("manage_settings", _("Our library"), "settings_library", "building")
settings_side.entry("manage_settings", _("Branches"), "settings_branches", "house")
settings_side.entry("manage_settings", _("Calendars"), "settings_calendars", "clock")
settings_side.entry("manage_settings", _("Mailboxes"), "settings_mailboxes", "envelope")
settings_side.entry("edit_letters", _("Letters"), "settings_letters", "envelope")
settings_side.entry("manage_people", _("People"), "settings_people", "people")
