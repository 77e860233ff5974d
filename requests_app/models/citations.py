from django.db import models
from django.db.models.functions import Lower, Substr
from django.utils.translation import gettext_lazy as _


class Citation(models.Model):
    """What is wanted. `typed` keeps what was entered or sent, field by field, for good."""

    KINDS = [
        ("book", _("Book")),
        ("thesis", _("Thesis")),
        ("score", _("Score")),
        ("film", _("Film")),
        ("report", _("Report")),
        ("other", _("Something else")),
        ("article", _("Article")),
        ("chapter", _("Chapter")),
        ("conference", _("Conference paper")),
        ("patent", _("Patent")),
        ("standard", _("Standard")),
        ("newspaper", _("Newspaper article")),
    ]

    kind = models.CharField(_("kind"), max_length=12, choices=KINDS, default="book")
    # Titles of any length arrive from other systems; forms of ours set their own limit.
    title = models.TextField(_("title"))
    author = models.TextField(_("author"), blank=True)
    edition = models.CharField(_("edition"), max_length=200, blank=True)
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    year = models.CharField(_("year"), max_length=60, blank=True)
    volume = models.CharField(_("volume"), max_length=200, blank=True)
    issue = models.CharField(_("issue"), max_length=100, blank=True)
    pages = models.CharField(_("pages"), max_length=200, blank=True)
    part_title = models.TextField(_("title of the article or chapter"), blank=True)
    part_author = models.TextField(_("author of the article or chapter"), blank=True)
    series = models.CharField(_("series"), max_length=300, blank=True)
    isbn = models.CharField("ISBN", max_length=60, blank=True)
    issn = models.CharField("ISSN", max_length=60, blank=True)
    oclc = models.CharField(_("OCLC number"), max_length=60, blank=True)
    doi = models.CharField("DOI", max_length=300, blank=True)
    pmid = models.CharField("PMID", max_length=30, blank=True)
    pmcid = models.CharField("PMCID", max_length=30, blank=True)
    arxiv = models.CharField("arXiv", max_length=60, blank=True)
    lccn = models.CharField("LCCN", max_length=30, blank=True)
    # Number of a report, patent or standard, as its publisher writes it.
    document_number = models.CharField(_("document number"), max_length=100, blank=True)
    degree = models.CharField(_("degree"), max_length=100, blank=True)
    format = models.CharField(_("format"), max_length=100, blank=True)
    any_edition = models.BooleanField(_("any edition will do"), default=False)
    # The asker: is an accepted manuscript (not the publisher's version) good enough? Which languages are fine?
    manuscript_ok = models.BooleanField(_("an accepted manuscript will do"), default=False)
    languages = models.CharField(_("languages that are fine"), max_length=200, blank=True)
    typed = models.JSONField(default=dict)
    # Field -> code of the source whose value was taken over; fields that are as typed are not in it.
    origins = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=[name], name=f"citation_{name}", condition=~models.Q(**{name: ""}))
            for name in ("doi", "isbn", "oclc", "pmid")
        ] + [
            # Who else asks for this article (copyright.uses). A title may be longer than an index takes.
            models.Index(Lower(Substr("part_title", 1, 100)), name="citation_part", condition=~models.Q(part_title="")),
        ]

    def __str__(self):
        return self.shown_title[:80]

    @property
    def shown_title(self) -> str:
        return self.part_title or self.title

    @property
    def shown_author(self) -> str:
        return self.part_author or self.author

    @property
    def line(self) -> str:
        """'Meyer, A. · 1987 · Verlag': what stands under the title."""
        return " · ".join(text for text, _is_number in self.parts)

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The same in its parts, and whether each is numbers: beside an Arabic title "27–52" must neither read as
        52–27 nor be broken over two lines."""
        container = self.title if self.part_title else ""
        issue = f"({self.issue})" if self.issue and self.volume else self.issue
        numbers = " ".join(part for part in (self.volume, issue) if part)
        parts = [
            (self.shown_author, False), (container, False), (numbers, True), (self.edition, False),
            (self.publisher, False), (self.document_number, True), (self.year, True), (self.pages, True),
        ]
        return [(text, is_number) for text, is_number in parts if text]
