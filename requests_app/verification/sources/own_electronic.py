"""Our own licensed journals and books, from the KBART files that stand under Settings, Electronic holdings.

`local`: it needs our database and no network, so whoever asks does so in its own thread, not beside the others.
"""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from requests_app.verification.records import Answer, Record
from requests_app.verification.sources import Option, Settings, source
from requests_app.verification.web import Web


@source
class OwnElectronic:
    code = "own_electronic"
    label = gettext_lazy("Our electronic holdings")
    about = gettext_lazy(
        "Journals and books that we may read online, from the files of their providers: Settings, Electronic holdings."
    )
    options: tuple[Option, ...] = ()
    local = True
    inside = False
    gap = 0.0
    # Our own table answers in milliseconds, and a new file must count at once: nothing is kept.
    days = days_nothing = 0

    def can_ask(self, wanted: Record, settings: Settings) -> bool:
        from requests_app.holdings import lookup

        return lookup.can_look(wanted)

    def ask(self, wanted: Record, settings: Settings, web: Web) -> Answer:
        from requests_app.holdings import lookup

        return lookup.find(wanted, today=timezone.localdate())

    def test(self, settings: Settings, web: Web) -> str:
        from requests_app.models import ElectronicPackage

        packages = list(ElectronicPackage.objects.filter(on=True, leaving=False).values_list("titles", flat=True))
        if not sum(packages):
            return _("No titles are loaded yet: add a package under Settings, Electronic holdings.")
        return ngettext(
            "%(titles)s titles are there, in %(n)s package.", "%(titles)s titles are there, in %(n)s packages.",
            len(packages),
        ) % {"titles": sum(packages), "n": len(packages)}
