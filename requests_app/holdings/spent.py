"""What counts no more: files that were read, titles of old generations, packages that leave. All in slices."""

from datetime import datetime
from time import sleep

from django.db import transaction
from django.db.models import F

from illdesk import actors, events
from requests_app.holdings import titles
from requests_app.models import ElectronicLoad, ElectronicPackage

# Between two slices others may write: SQLite's wait is not fair.
PAUSE = 0.002


def drop_file(load: ElectronicLoad) -> None:
    """Its rows are stored, or will never be."""
    if load.file:
        load.file.storage.delete(load.file.name or "")
        ElectronicLoad.objects.filter(pk=load.pk).update(file="")


def clear(package: int | None = None) -> int:
    """Delete titles of generations that count no more, in slices; how many went."""
    spent = ElectronicLoad.objects.filter(cleared=False).exclude(state__in=ElectronicLoad.OPEN).exclude(
        generation=F("package__generation"))
    if package is not None:
        spent = spent.filter(package=package)
    total = 0
    for load in spent.order_by("pk")[:200]:
        while gone := titles.delete_some(load.package_id, load.generation):
            total += gone
            sleep(PAUSE)
        ElectronicLoad.objects.filter(pk=load.pk).update(cleared=True)
    return total


def leave(package: ElectronicPackage, *, by, now: datetime) -> None:
    """The package counts no more from now on; its titles go in slices, then it goes itself."""
    with transaction.atomic():
        package.loads.filter(state__in=ElectronicLoad.OPEN).update(
            state=ElectronicLoad.DISCARDED, ended=now, decided_by=by)
        ElectronicPackage.objects.filter(pk=package.pk).update(
            leaving=True, on=False, generation=0, titles=0, name=f"{package.name[:180]} ({package.pk})"
        )
        events.record("holdings.removed", subject=("holdings", package.pk), actor=actors.staff(by), now=now)


def finish_leaving() -> int:
    done = 0
    for package in ElectronicPackage.objects.filter(leaving=True):
        clear(package.pk)
        for load in package.loads.exclude(file=""):
            drop_file(load)
        # A worker that is just storing its last slice is seen by the open state it held.
        if not package.loads.filter(cleared=False).exists():
            package.delete()
            done += 1
    return done
