"""Is every sentence of the program there in every language? `test.sh` asks before the tests."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

GETTEXT = ("xgettext", "msguniq", "msgmerge", "msgattrib")
REPAIR = (
    "To repair it: manage.py makemessages -l {language} --no-obsolete --add-location=file -i tests, "
    "translate what is empty, manage.py compilemessages -i .venv."
)
# Tests mark nothing, and what others wrote is theirs.
LEFT_OUT = (".*", "__pycache__", "var", "tests", "locale", "staticfiles", "node_modules", "vendor", "*.sqlite3*")
_NAMED = re.compile(r"%\(\w+\)[a-z]|\{\w*\}")
_BARE = re.compile(r"(?<!%)%[sd]")
Key = tuple[str | None, str]  # context, English


class Command(BaseCommand):
    help = "Finds sentences without a translation, wrong placeholders and a stale .mo. Changes nothing."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options):
        found = {}
        for language, name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            if missing := [program for program in GETTEXT if shutil.which(program) is None]:
                self.stdout.write(
                    f"{missing[0]} is not installed, so sentences that were never extracted cannot be seen; "
                    "the rest is checked."
                )
            else:
                found = in_code(settings.BASE_DIR, language)
            folder = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"
            wrong = hidden(settings.BASE_DIR) + faults(folder / "django.po", folder / "django.mo", found)
            if wrong:
                raise CommandError("\n".join([f"{name} is not complete:", *wrong, REPAIR.format(language=language)]))
            self.stdout.write(f"{name} is complete.")


def in_code(root: Path, language: str) -> dict[Key, str]:
    """(context, English) → the file it stands in, of all that code and templates below `root` mark."""
    import polib

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "desk"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (copy / "locale").mkdir()
        # A process of its own: settings and makemessages then know the copy and nothing else.
        ran = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", "makemessages", "-l", language, "--add-location=file"],
            cwd=copy, env={**os.environ, "ILLDESK_VAR": str(Path(folder) / "var")}, capture_output=True, text=True,
        )
        if ran.returncode:
            raise CommandError(f"The sentences could not be extracted: {ran.stderr.strip()[-2000:]}")
        entries = polib.pofile(str(copy / "locale" / language / "LC_MESSAGES" / "django.po"))
        return {(one.msgctxt, one.msgid): one.occurrences[0][0] if one.occurrences else "" for one in entries}


def hidden(root: Path) -> list[str]:
    """Sentences that xgettext cannot see: marked inside an f-string, or by a name it does not know."""
    wrong = []
    for file in sorted(root.rglob("*.py")):
        inside = file.relative_to(root)
        if any(fnmatch(part, pattern) for part in inside.parts for pattern in LEFT_OUT):
            continue
        source = file.read_text(encoding="utf-8")
        if "gettext" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                wrong += [
                    f"{inside}, line {node.lineno}: xgettext does not know {name.asname}; write {name.name}."
                    for name in node.names
                    if "gettext" in name.name and name.asname not in (None, "_")
                ]
            elif isinstance(node, ast.JoinedStr) and any(map(_marks, ast.walk(node))):
                wrong.append(f"{inside}, line {node.lineno}: xgettext does not look into an f-string.")
    return wrong


def _marks(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    return node.func.id == "_" or "gettext" in node.func.id


def faults(po_file: Path, mo_file: Path, found: dict[Key, str]) -> list[str]:
    """What is wrong, in sentences. `found` is what the code marks; empty: not known, so not compared."""
    try:
        import polib
    except ImportError as failure:
        raise CommandError("polib is not installed; it comes with requirements-dev.txt.") from failure

    if not po_file.exists():
        return [f"{po_file} does not exist."]
    entries = polib.pofile(str(po_file))
    plurals = int((re.search(r"nplurals=(\d+)", entries.metadata.get("Plural-Forms", "")) or ["", "2"])[1])
    live = {(one.msgctxt, one.msgid): one for one in entries if not one.obsolete}
    wrong = [f"“{_short(one.msgid)}” is obsolete and still stands in the .po." for one in entries.obsolete_entries()]
    for key, one in live.items():
        wrong += _faults_of(one, plurals)
        if found and key not in found:
            wrong.append(f"“{_short(one.msgid)}” stands in the .po, but nowhere in code or templates.")
    wrong += [
        f"“{_short(english)}” ({where}) is missing from the .po."
        for (context, english), where in found.items()
        if (context, english) not in live
    ]
    return wrong + _stale(live, mo_file)


def _faults_of(one, plurals: int) -> list[str]:
    """Of one entry: untranslated, fuzzy, or with other placeholders than the English."""
    words = f"“{_short(one.msgid)}”"
    if one.fuzzy:
        return [f"{words} is fuzzy: look at its translation and take the mark away."]
    if not one.msgid_plural:
        if not one.msgstr:
            return [f"{words} has no translation."]
        return _other_placeholders(words, one.msgstr, [one.msgid])
    texts = list(one.msgstr_plural.values())
    if len(texts) != plurals or not all(texts):
        return [f"{words} needs {plurals} plural forms."]
    # "One thing" may leave the number out, as the English may; the other forms may not.
    wrong = _other_placeholders(words, texts[0], [one.msgid, one.msgid_plural])
    for text in texts[1:]:
        wrong += _other_placeholders(words, text, [one.msgid_plural])
    return wrong[:1]


def _other_placeholders(words: str, text: str, allowed: list[str]) -> list[str]:
    there = _placeholders(text)
    if any(there == _placeholders(english) for english in allowed):
        return []
    return [f"{words} has other placeholders in its translation: “{_short(text)}”."]


def _placeholders(text: str) -> Counter:
    """Named ones may stand twice in one language and once in the other; bare ones must be as many."""
    return Counter(dict.fromkeys(_NAMED.findall(text), 1)) + Counter(_BARE.findall(text)) + Counter(
        ["{}"] * (text.count("{}") - 1)
    )


def _stale(live: dict, mo_file: Path) -> list[str]:
    import polib

    if not mo_file.exists():
        return [f"{mo_file} does not exist: run compilemessages."]
    compiled = {(one.msgctxt, one.msgid): _texts(one) for one in polib.mofile(str(mo_file))}
    written = {key: _texts(one) for key, one in live.items() if one.translated() and not one.fuzzy}
    differing = [key for key in {**written, **compiled} if written.get(key) != compiled.get(key)]
    if not differing:
        return []
    return [f"The .mo differs from the .po in {len(differing)} sentences, first “{_short(differing[0][1])}”."]


def _texts(one) -> list[str]:
    if one.msgid_plural:
        return [text for _number, text in sorted((int(n), text) for n, text in one.msgstr_plural.items())]
    return [one.msgstr]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"
