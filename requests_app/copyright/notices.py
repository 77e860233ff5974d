"""The warnings that 37 CFR 201.14 prescribes, verbatim and in English; a translation may stand beside.

Locked: no page edits it. Public copies of the regulation differ only in "specific" or "specified" before
"conditions"; an administrator checks it once against the official text, and the wording found there is shown.
Pure; what an administrator found is read in `texts.py`.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERSION = "201.14, 2026-11"
TITLE = "NOTICE: WARNING CONCERNING COPYRIGHT RESTRICTIONS"
PARAGRAPHS: tuple[str, ...] = (
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
# 17 USC 108(a)(3): where no notice of copyright can be found, a legend must stand on the copy.
LEGEND = "Notice: This material may be protected by copyright law (Title 17 U.S. Code)"

# What the official text says before "conditions"; the first is shown until somebody has looked.
SPECIFIC, SPECIFIED = "specific", "specified"
WORDINGS: dict[str, str | Promise] = {
    SPECIFIC: _("“One of these specific conditions”"), SPECIFIED: _("“One of these specified conditions”"),
}
# Beside the English text, for readers of the language; it does not bind.
TRANSLATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "es": (
        "AVISO SOBRE LAS RESTRICCIONES DEL DERECHO DE AUTOR",
        (
            "La ley de derecho de autor de los Estados Unidos (título 17 del Código de los Estados Unidos) rige la "
            "realización de fotocopias u otras reproducciones de material protegido.",
            "En determinadas condiciones que establece la ley, las bibliotecas y los archivos están autorizados a "
            "proporcionar una fotocopia u otra reproducción. Una de esas condiciones es que la fotocopia o "
            "reproducción no se «use para ningún fin que no sea el estudio privado, la labor académica o la "
            "investigación». Si un usuario solicita una fotocopia o reproducción, o la usa después, para fines que "
            "excedan el «uso legítimo» (fair use), puede ser responsable de una infracción del derecho de autor.",
            "Esta institución se reserva el derecho de no aceptar un pedido de copia si, a su juicio, cumplirlo "
            "supondría una violación de la ley de derecho de autor.",
        ),
    ),
}

# How the patron saw the warning, as staff record it (C9).
SHOWN: dict[str, str | Promise] = {
    "web": _("on the web form"),
    "phone_read_out": _("read out on the telephone"),
    "counter_sign": _("on the sign at the counter"),
    "paper_form": _("on the paper form"),
    "mail": _("in our letter or e-mail"),
    "proxy": _("by the person who asked for the patron"),
}


@dataclass(frozen=True)
class Notice:
    """The warning as it is shown. `version` is stored with each request."""

    version: str
    title: str
    paragraphs: tuple[str, ...]
    translation_title: str = ""
    translation: tuple[str, ...] = ()
    language: str = ""


def warning(wording: str = SPECIFIC, *, language: str = "en") -> Notice:
    """The locked text in the wording found in the official one, with its translation where there is one."""
    paragraphs, version = PARAGRAPHS, VERSION
    if wording == SPECIFIED:
        said, official = "these specific conditions", "these specified conditions"
        paragraphs = tuple(text.replace(said, official) for text in PARAGRAPHS)
        version = f"{VERSION}, {SPECIFIED}"
    title, translated = TRANSLATIONS.get(language[:2], ("", ()))
    return Notice(version, TITLE, paragraphs, title, translated, language[:2] if translated else "")
