"""Compile every template of ours: `python -m tests.compile_templates`. A page nobody opened breaks here."""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import get_template


def templates() -> list[str]:
    """Their names, as a view would ask for them."""
    from django.template.utils import get_app_template_dirs

    ours = [folder for folder in get_app_template_dirs("templates") if settings.BASE_DIR in folder.parents]
    folders = [Path(folder) for folder in settings.TEMPLATES[0]["DIRS"]] + [
        folder for folder in ours if ".venv" not in folder.parts
    ]
    return sorted(
        str(file.relative_to(folder)) for folder in folders for file in folder.rglob("*") if file.is_file()
    )


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "illdesk.settings")
    django.setup()
    names, broken = templates(), 0
    for name in names:
        try:
            get_template(name)
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            broken += 1
            sys.stderr.write(f"{name}: {error}\n")
    sys.stdout.write(f"{len(names)} templates, {broken} of them broken.\n")
    return 1 if broken or not names else 0


if __name__ == "__main__":
    sys.exit(main())
