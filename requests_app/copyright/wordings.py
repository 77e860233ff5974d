"""The house's proposals for declarations and legends, by set of rules (C10, C20). Pure.

The law of the United Kingdom and of Australia was not checked for them: a library compares them with its own, and
puts its own words in their place where they differ. Only the legend of the United States is the law's (108(a)(3)).
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.copyright import notices

LEGENDS: dict[str, dict[str, str]] = {
    "us-contu": {"en": notices.LEGEND},
    "uk": {
        "en": "Supplied for non-commercial research or private study only. This copy may be protected by copyright.",
    },
    "au": {
        "en": "Supplied under the Copyright Act 1968 for research or study. This copy may be protected by copyright.",
    },
    "other": {"en": "Supplied for private study or research only. This copy may be protected by copyright."},
}
DECLARATIONS: dict[str, dict[str, str]] = {
    "uk": {
        "en": (
            "I ask for a copy of the work named in this request and declare that:\n"
            "(a) I have not been supplied with a copy of the same material before, by you or by any other library;\n"
            "(b) I need the copy for non-commercial research or private study only, shall use it for nothing else "
            "and shall not pass a copy of it to anybody;\n"
            "(c) to the best of my knowledge no other person with whom I work or study has made or intends to make, "
            "at about the same time, a request for substantially the same material for substantially the same "
            "purpose.\n"
            "I understand that if this declaration is false in a material particular, the copy supplied to me is an "
            "infringing copy, and that I am liable as if I had made it myself."
        ),
    },
    "au": {
        "en": (
            "I ask for a copy of the article or part of a work named in this request and declare, for section 49 of "
            "the Copyright Act 1968, that:\n"
            "(a) I need the copy for research or study and shall not use it for any other purpose;\n"
            "(b) I have not been supplied with a copy of the same article or part by this library before."
        ),
    },
    "us-contu": {
        "en": "I ask for this copy for private study, scholarship or research only, and shall not use it for any "
              "other purpose.",
    },
    "other": {
        "en": "I ask for this copy for private study or research only, and shall not use it for any other purpose.",
    },
}
# For what the patron needs it, as the declaration of each set of rules asks.
PURPOSES: dict[str, dict[str, str | Promise]] = {
    "uk": {"noncommercial_research": _("Non-commercial research"), "private_study": _("Private study")},
    "au": {"research": _("Research"), "study": _("Study")},
    "us-contu": {"private_study": _("Private study"), "scholarship": _("Scholarship"), "research": _("Research")},
    "other": {"private_study": _("Private study"), "research": _("Research")},
}
PURPOSE_WORDS: dict[str, str | Promise] = {code: words for row in PURPOSES.values() for code, words in row.items()}


def purposes(rules: str) -> dict[str, str | Promise]:
    return PURPOSES.get(rules) or PURPOSES["other"]
