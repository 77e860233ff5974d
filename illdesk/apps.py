from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IlldeskConfig(AppConfig):
    name = "illdesk"
    label = "illdesk"
    verbose_name = "ILL Desk"

    def ready(self):
        from illdesk import append_only, checks, demo, mail, registry, sweeps  # noqa: F401 - they register themselves
        from illdesk.accounts import roles
        from illdesk.mailboxes import registered  # noqa: F401 - likewise
        from illdesk.pages import places  # noqa: F401 - likewise

        post_migrate.connect(append_only.install, sender=self)
        post_migrate.connect(roles.sync_groups, sender=self)
        registry.DEMO_DATA.append(demo.load)
