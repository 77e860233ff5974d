"""The warnings that 37 CFR 201.14 prescribes, verbatim and in English; a translation may stand beside.

Locked: no page edits it. Public copies of the regulation differ only in "specific" or "specified" before
"conditions"; an administrator checks it once against the official text.
"""

VERSION = "201.14, 2026-11"
TITLE = "NOTICE: WARNING CONCERNING COPYRIGHT RESTRICTIONS"
PARAGRAPHS = (
    "The copyright law of the United States (title 17, United States Code) governs the making of photocopies "
    "or other reproductions of copyrighted material.",
    "Under certain conditions specified in the law, libraries and archives are authorized to furnish a "
    "photocopy or other reproduction. One of these specific conditions is that the photocopy or reproduction "
    "is not to be “used for any purpose other than private study, scholarship, or research.” If a user makes a "
    "request for, or later uses, a photocopy or reproduction for purposes in excess of “fair use,” that user "
    "may be liable for copyright infringement.",
    "This institution reserves the right to refuse to accept a copying order if, in its judgment, fulfillment "
    "of the order would involve violation of copyright law.",
)
