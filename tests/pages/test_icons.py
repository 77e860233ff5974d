"""Each symbol that a page asks for is in the sprite: a missing one is an empty place that nobody notices."""

import re
from pathlib import Path

import pytest

from billing import side
from illdesk.pages import help as help_pages

pytestmark = pytest.mark.nodb
ROOT = Path(__file__).resolve().parents[2]
HAVE = set(re.findall(r'id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))


def asked() -> set[tuple[str, str]]:
    """(symbol, where) of templates, columns beside pages, and help."""
    found = {
        (name, str(file.relative_to(ROOT)))
        for file in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', file.read_text())
    }
    found |= {(entry.icon, "billing/side.py") for entry in side.ENTRIES}
    return found | {(page.icon, "help") for page in help_pages.PAGES.values()}


def test_each_is_there():
    assert sorted((name, where) for name, where in asked() if name not in HAVE) == []
