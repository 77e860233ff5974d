"""What copyright counts: rules by version, titles, the uses of each, and who decided what.

Nothing here is deleted before its time (`copyright_records`)."""

from django.conf import settings as conf
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class RuleSet(models.Model):
    """A version of the rules a library counts by. The newest that is in use and valid on the day counts; without a
    row, the built-in one (`requests_app.copyright.rules`). `settings`: what differs from its defaults."""

    code = models.CharField(_("code"), max_length=30)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=200)
    country = models.CharField(_("country"), max_length=2, default="US")
    valid_from = models.DateField(_("valid from"))
    on = models.BooleanField(_("in use"), default=True)
    settings = models.JSONField(default=dict)
    # Key of the newest row there was when this one was made (0: none): two people cannot build upon the same one.
    follows = models.PositiveIntegerField(null=True, unique=True)
    made = models.DateTimeField(null=True)
    by = models.ForeignKey(conf.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("copyright rules")
        verbose_name_plural = _("copyright rules")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_version_of_rules")]

    def __str__(self):
        return f"{self.code}/{self.version}"


class CopyrightTitle(models.Model):
    """A periodical (all its media) or a work (all its editions), by which uses are counted.

    `numbered`: it has a number of its own; without one it is known by its name alone. `merged_into`: its numbers and
    counted uses went there.
    """

    PERIODICAL, WORK = "periodical", "work"
    KINDS = [(PERIODICAL, _("Periodical")), (WORK, _("Work"))]

    kind = models.CharField(max_length=10, choices=KINDS)
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=200)
    # Of a title without a number, "Bulletin" of one publisher is not that of another.
    publisher = models.CharField(max_length=300, blank=True)
    publisher_key = models.CharField(max_length=60, blank=True)
    numbered = models.BooleanField(default=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    made = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "name_key"], name="copyright_title_name", condition=Q(merged_into=None))
        ]

    def __str__(self):
        return self.name


class CopyrightNumber(models.Model):
    """A number that leads to a title. `key`: scheme and normal form ("issn:1234-567X"), one title's alone."""

    KINDS = [(kind, kind) for kind in ("issn", "issn-l", "isbn", "oclc", "doi", "title")]

    title = models.ForeignKey(CopyrightTitle, on_delete=models.PROTECT, related_name="numbers")
    kind = models.CharField(max_length=6, choices=KINDS)
    key = models.CharField(max_length=240, unique=True)

    def __str__(self):
        return self.key


class CopyrightUse(models.Model):
    """One copy request that left for a supplier, in the year of its first sending.

    `state`: held (sent, not yet filled), used (filled), outside (needs no place), freed (it ended without a copy, or
    another row took its part: `instead_of` of that one). A counted use has a place from 1 to `limit`, or is `over`.
    `asked_on`: the day of the first sending to any supplier, in the library's time zone; with `year` it never moves.
    `published_first`, `published_last`: between which days it appeared; `certainty`: a code of
    `copyright.published`. `limit`: places a year under the rules (`rules`: code/version) it was counted by.
    """

    HELD, USED, OUTSIDE, FREED = "held", "used", "outside", "freed"
    STATES = [(HELD, _("Pending")), (USED, _("Used")), (OUTSIDE, _("Not counted")), (FREED, _("Freed"))]
    COUNTED = (HELD, USED)

    title = models.ForeignKey(CopyrightTitle, on_delete=models.PROTECT, related_name="uses", db_index=False)
    year = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField(null=True, blank=True)
    limit = models.PositiveSmallIntegerField()
    rules = models.CharField(max_length=40)
    # The request, for as long as it is kept; its number stays.
    ill = models.ForeignKey(
        "requests_app.ILLRequest", null=True, blank=True, on_delete=models.SET_NULL, related_name="copyright_uses"
    )
    number = models.CharField(max_length=20, blank=True)
    asked_on = models.DateField()
    article = models.CharField(max_length=300, blank=True)
    article_key = models.CharField(max_length=200, blank=True)
    issue = models.CharField(max_length=200, blank=True)
    issue_key = models.CharField(max_length=200, blank=True)
    published = models.CharField(max_length=60, blank=True)
    published_first = models.DateField(null=True, blank=True)
    published_last = models.DateField(null=True, blank=True)
    certainty = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=7, choices=STATES)
    over = models.BooleanField(default=False)
    ground = models.CharField(max_length=20, blank=True)
    royalty = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    why = models.JSONField(default=list)  # codes of `copyright.words`: why counted or not, why moved
    reason = models.CharField(max_length=500, blank=True)  # in the words of who settled it
    by = models.ForeignKey(conf.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made = models.DateTimeField()
    filled = models.DateTimeField(null=True, blank=True)
    freed = models.DateTimeField(null=True, blank=True)
    freed_why = models.CharField(max_length=20, blank=True)
    instead_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")

    class Meta:
        constraints = [
            # Whatever runs at once: a place of a title and year is one use's.
            models.UniqueConstraint(fields=["title", "year", "place"], condition=~Q(state="freed"),
                                    name="one_use_a_place"),
            models.UniqueConstraint(fields=["ill"], condition=~Q(state="freed"), name="one_live_use_a_request"),
            models.CheckConstraint(condition=Q(place=None) | Q(place__gte=1, place__lte=F("limit")),
                                   name="place_within_the_limit"),
            models.CheckConstraint(
                condition=Q(state="freed") | Q(state="outside", place=None, over=False)
                | Q(state__in=["held", "used"], place__isnull=False, over=False)
                | Q(state__in=["held", "used"], place=None, over=True),
                name="counted_has_a_place_or_is_over",
            ),
        ]
        indexes = [
            models.Index(fields=["title", "year"], name="copyright_use_year"),
            models.Index(fields=["title", "issue_key"], name="copyright_use_issue", condition=~Q(issue_key="")),
            models.Index(fields=["year", "title"], name="copyright_use_over", condition=Q(over=True)),
            models.Index(fields=["year", "title", "state"], name="copyright_use_of_year"),
            models.Index(fields=["year", "id"], name="copyright_use_by_year"),
            models.Index(fields=["number", "id"], name="copyright_use_number", condition=~Q(number="")),
        ]

    def __str__(self):
        return f"{self.number} {self.year}: {self.place or self.state}"


class CopyrightDecision(models.Model):
    """Who decided on which ground, and what was known then. `by`: nobody where the rules decided by themselves.

    `lines`: the sentences, as rows [code, values] of `copyright.words`, so that each reads them in the own language.
    `paid_by`: whose price pays the royalty, ours or the lender's; '' where none is paid.
    """

    US, LENDER = "us", "lender"

    # As with a use: the request for as long as it is kept; its number stays (C17).
    ill = models.ForeignKey(
        "requests_app.ILLRequest", null=True, on_delete=models.SET_NULL, related_name="copyright_decisions"
    )
    number = models.CharField(max_length=20, blank=True)
    made = models.DateTimeField()
    by = models.ForeignKey(conf.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40, blank=True)
    ground = models.CharField(max_length=20, blank=True)
    paid_by = models.CharField(max_length=6, blank=True)
    verdict = models.CharField(max_length=10)
    rules = models.CharField(max_length=40)
    lines = models.JSONField(default=list)
    note = models.ForeignKey("requests_app.Note", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["ill", "-id"], name="copyright_newest"),
            models.Index(fields=["number", "-id"], name="copyright_decision_number"),
            models.Index(fields=["made"], name="copyright_decision_made"),
        ]

    def __str__(self):
        return f"{self.number}: {self.verdict} {self.code}"

    def save(self, *args, **kwargs):
        if not self.number and self.ill is not None:
            self.number = self.ill.number
        super().save(*args, **kwargs)
