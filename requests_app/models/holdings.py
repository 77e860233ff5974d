"""What we may read online: packages of journals and books, as their providers' KBART files list them."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class ElectronicPackage(models.Model):
    """A subscription or free collection whose titles stand in one file.

    Titles belong to a generation: a new file is loaded beside the old one, and `generation` says which counts.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    provider = models.CharField(_("provider"), max_length=200, blank=True)
    on = models.BooleanField(
        _("in use"), default=True, help_text=_("When off, its titles are not looked at and not reloaded.")
    )
    # An administrator enters it, so it may lie in our own network.
    url = models.CharField(
        _("address of its file"), max_length=500, blank=True,
        help_text=_("A KBART file; it is asked for each night and loaded when it has changed. Empty: files are "
                    "uploaded by hand."),
    )
    through_proxy = models.BooleanField(
        _("links go through the proxy"), default=True,
        help_text=_("The proxy's address stands in our library's settings."),
    )
    most_lost = models.PositiveSmallIntegerField(
        _("largest loss in percent"), default=50, validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("A file that has lost more of its titles than this waits for somebody's yes."),
    )
    generation = models.PositiveIntegerField(default=0)
    titles = models.PositiveIntegerField(default=0)
    etag = models.CharField(max_length=300, blank=True)
    modified = models.CharField(max_length=60, blank=True)  # Last-Modified, as the server said it
    next_reload = models.DateTimeField(null=True, blank=True)
    # Its titles are being taken away, in slices; then it goes itself.
    leaving = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("package of electronic holdings")

    def __str__(self):
        return self.name


def random_path(load, filename: str) -> str:
    """Nobody's upload names a path."""
    return f"holdings/{uuid.uuid4().hex}"


class ElectronicLoad(models.Model):
    """One file on its way into a package: a new generation beside the one that counts.

    `line`: the last line of the file whose rows are stored, so that whoever takes it up goes on behind it. `moved`:
    when it last did something. `ignored`: columns of the file that are not known.
    """

    WAITING, FETCHING, READING, HELD = "waiting", "fetching", "reading", "held"
    DONE, SAME, FAILED, DISCARDED = "done", "same", "failed", "discarded"
    STATES = [
        (WAITING, _("Waiting")),
        (FETCHING, _("Being fetched")),
        (READING, _("Being read")),
        (HELD, _("Held back")),
        (DONE, _("Loaded")),
        (SAME, _("Not changed")),
        (FAILED, _("Not loaded")),
        (DISCARDED, _("Thrown away")),
    ]
    MOVING = (WAITING, FETCHING, READING)
    OPEN = (*MOVING, HELD)

    package = models.ForeignKey(ElectronicPackage, on_delete=models.CASCADE, related_name="loads")
    generation = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=STATES, default=WAITING)
    source = models.CharField(max_length=500)  # the file's name or address
    file = models.FileField(upload_to=random_path, blank=True)
    started = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    moved = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    bytes_read = models.PositiveBigIntegerField(default=0)
    line = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    remarks = models.PositiveIntegerField(default=0)
    ignored = models.JSONField(default=list)
    tries = models.PositiveSmallIntegerField(default=0)
    cleared = models.BooleanField(default=False)  # none of its titles is left
    why = models.TextField(blank=True)  # why it was not loaded, in the words of whoever started it
    etag = models.CharField(max_length=300, blank=True)
    modified = models.CharField(max_length=60, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["package"], condition=models.Q(state__in=["waiting", "fetching", "reading", "held"]),
                name="one_open_load_a_package",
            ),
            models.UniqueConstraint(fields=["package", "generation"], name="one_load_a_generation"),
        ]
        indexes = [
            models.Index(fields=["package", "-id"], name="load_newest"),
            models.Index(fields=["state"], name="load_uncleared", condition=models.Q(cleared=False)),
        ]

    def __str__(self):
        return f"{self.source} {self.state}"

    @property
    def is_moving(self) -> bool:
        return self.state in self.MOVING


class ElectronicTitle(models.Model):
    """One row of a file: a title for one span of coverage. Fields as in `verification.kbart.Row`; a title with gaps
    has several rows."""

    KINDS = [("serial", _("Journal")), ("monograph", _("Book"))]
    DEPTHS = [("fulltext", _("Full text")), ("selected", _("Selected articles")), ("abstracts", _("Abstracts only"))]

    package = models.ForeignKey(ElectronicPackage, on_delete=models.DO_NOTHING, related_name="+", db_index=False)
    generation = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=KINDS)
    title = models.CharField(max_length=500)
    title_key = models.CharField(max_length=200)
    print_identifier = models.CharField(max_length=13, blank=True)
    online_identifier = models.CharField(max_length=13, blank=True)
    first_date = models.CharField(max_length=10, blank=True)
    first_volume = models.CharField(max_length=40, blank=True)
    first_issue = models.CharField(max_length=40, blank=True)
    last_date = models.CharField(max_length=10, blank=True)
    last_volume = models.CharField(max_length=40, blank=True)
    last_issue = models.CharField(max_length=40, blank=True)
    embargo = models.CharField(max_length=40, blank=True)
    depth = models.CharField(max_length=9, choices=DEPTHS, default="fulltext")
    url = models.CharField(max_length=1000, blank=True)
    title_id = models.CharField(max_length=100, blank=True)
    first_author = models.CharField(max_length=200, blank=True)
    first_editor = models.CharField(max_length=200, blank=True)
    edition = models.CharField(max_length=100, blank=True)
    volume = models.CharField(max_length=40, blank=True)
    publisher = models.CharField(max_length=200, blank=True)
    published_print = models.CharField(max_length=10, blank=True)
    published_online = models.CharField(max_length=10, blank=True)
    parent_id = models.CharField(max_length=100, blank=True)
    preceding_id = models.CharField(max_length=100, blank=True)
    free = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    line = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["print_identifier"], name="etitle_print"),
            models.Index(fields=["online_identifier"], name="etitle_online"),
            models.Index(fields=["title_key"], name="etitle_key"),
            models.Index(fields=["package", "generation", "title_key", "id"], name="etitle_in_package"),
        ]

    def __str__(self):
        return self.title


class ElectronicProblem(models.Model):
    """A row of a file that was left out, or (`kept`) of which a value was. `why`: a key of `holdings.REASONS`."""

    load = models.ForeignKey(ElectronicLoad, on_delete=models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    why = models.CharField(max_length=12)
    about = models.CharField(max_length=200, blank=True)
    kept = models.BooleanField(default=False)
    text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["load", "id"], name="eproblem_of_load")]

    def __str__(self):
        return f"{self.line}: {self.why}"
