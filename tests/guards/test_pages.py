"""Every page as everybody, with hostile words in every column: nothing of them acts; opening changes nothing;
every form carries its token."""

import csv
import io
import json
import re
import zipfile
from functools import cache
from urllib.parse import urljoin, urlsplit

import pypdfium2
import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import resolve
from lxml import etree

from tests.guards import crawl
from tests.guards.hostile import CORPUS, LONG, Hostile, columns, letters, short
from tests.guards.world import NOBODY, OWNER, PEOPLE, built, taken_back, writes

pytestmark = pytest.mark.timeout(300)  # some hundred forms each


@pytest.fixture(scope="module")
def _world(django_db_setup, django_db_blocker):
    with built(django_db_blocker, Hostile) as made:
        yield made


# What a GET writes: path, part of the statement, why. Everything else is a fault: mail programs and browsers open
# links by themselves.
WRITES = (
    (r"/my/(new/)?", "requests_app_patron", "the first visit makes the patron's record, once"),
    (r"/scan/[^/]+/", "", "a download is counted, and recorded"),
    (r"/(billing|api/v1)/batches/.*(file\.\w+|downloads/\d+/)", "billing_download", "who took which file is noted"),
    (r"/my/[^/]+/pdf/", "", "a download is counted, and recorded"),
    (r".*", 'SET "told"', "what a colleague told is shown once"),
    (r"/requests/[^/]+/act/[^/]+/", '"claimed_by_id"', "whoever opens a step's form works there, as colleagues see"),
)


def _excused(url: str, statement: str) -> bool:
    return any(re.fullmatch(path, urlsplit(url).path) and part in statement for path, part, _why in WRITES)


# They also send every form that they find: between them, all that there are.
TYPE = {OWNER, "coordinator", "administrator", NOBODY}


@pytest.mark.parametrize("who", PEOPLE)
def test_no_page_shows_more_than_words_changes_anything_or_lets_a_form_go_without_its_token(who, world):
    """And what is typed comes back as words: every form is sent with the corpus in each of its fields."""
    wrong, forms, kinds, sent = [], 0, set(), set()
    with writes() as seen:
        for page in crawl.pages(world, people=[who]):
            wrong += [f"{page} writes: {one}" for one in seen.found if not _excused(page.url, one)]
            kinds.add(page.answer.headers.get("Content-Type", "").partition(";")[0])
            wrong += [f"{page}: {sentence}" for sentence in faults(page)]
            for form in page.tree.iter("form") if page.is_html else ():
                forms += 1
                wrong += [f"{page}: {sentence}" for sentence in _form_faults(form)]
                if who in TYPE:
                    wrong += _sent(world, who, form, page, sent)
            seen.found.clear()
    assert wrong == []
    assert forms and "text/html" in kinds and (who not in TYPE or len(sent) > 1)


def _sent(world, who: str, form, page: crawl.Page, sent: set) -> list[str]:
    url = form.get("action") or page.url
    key = (*_view(url, page.url), tuple(sorted(form.fields.keys())))
    if key in sent or "logout" in url:
        return []
    sent.add(key)
    answer = _typed(world, who, form, url)
    return [f"{answer}, sent from {page}: {sentence}" for sentence in faults(answer)]


def _view(url: str, stands_on: str) -> tuple[str, ...]:
    """The address without the keys and numbers of rows: a table's forms are one form, its steps are not."""
    match = resolve(urlsplit(urljoin(stands_on, url)).path)
    return match.route, *(said for said in map(str, match.kwargs.values()) if not any(map(str.isdigit, said)))


def _typed(world, who: str, form, url: str) -> crawl.Page:
    data = {}
    for turn, field in enumerate(form.xpath(".//input|.//textarea|.//select|.//button")):
        name, kind = field.get("name"), field.get("type") or field.tag
        if not name or kind in ("file", "submit"):
            continue
        free = kind in ("text", "textarea", "search", "email", "url", "number", "date", "tel", "password")
        data[name] = (short(900, turn) if free else field.get("value") or "") if name != "next" else CORPUS[10]
    post = (form.get("method") or "").lower() == "post"
    with taken_back():
        browser = world.browser(who)
        answer = (browser.post if post else browser.get)(url, data)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return crawl.Page(who, url, answer, body)


_TAG, _LINK = '"><xq-tag onxq=1>xq{{7*7}}xq\r\nX-Xq: 1', "javascript:xq(1)//"


@pytest.mark.parametrize(("who", "words"), [
    ("supervisor", _TAG), ("supervisor", _LINK), ("administrator", _TAG), (OWNER, _LINK), (NOBODY, _TAG),
])
def test_what_stands_in_an_address_comes_back_as_words(who, words, world):
    asked = dict.fromkeys(
        ("q", "next", "tab", "page", "after", "open", "show", "kind", "compare", "title", "note", "language", "sort"),
        words,
    )
    wrong = []
    for address in crawl.ADDRESSES:
        with taken_back():
            url = crawl.addresses.url(address, world.values)
            answer = world.browser(who).get(url, asked)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        page = crawl.Page(who, url, answer, body)
        wrong += [f"{page}: {sentence}" for sentence in faults(page)]
        assert "xq" not in urlsplit(answer.headers.get("Location", "")).netloc
    assert wrong == []


def test_the_words_are_really_on_the_pages(world):
    """A crawl that met none of them would prove nothing."""
    wanted = {"&lt;xq-tag&gt;", "xq{{7*7}}xq", "javascript:xq(1)", "&lt;script&gt;xq(1)", "\u202exq"}
    for page in crawl.pages(world, people=[OWNER, "coordinator"]):
        if page.is_html:
            text = page.body.decode()
            wanted = {word for word in wanted if word not in text}
        if not wanted:
            return
    assert not wanted


def test_every_text_column_holds_them(world):
    """A model without a row here would be left out unseen."""
    names = {f"{model.__name__}.{field.name}" for model, field in columns()}
    assert sorted(names - world.filled) == [], (
        "Make a row of these models in Hostile (tests/guards/hostile.py), or name the columns in LEFT_ALONE, when "
        "only our own program writes them."
    )


# --- what would be wrong --------------------------------------------------------------------------------

_RAW = ("<xq-tag", "<script>xq", "<img src=xq", "<svg/onload", "<iframe", "<base href", '<a href="javascript', "xq49xq")
_NEVER = {"iframe", "object", "embed", "base", "applet", "frame", "frameset", "xq-tag", "style", "math"}
_LINKS = ("href", "src", "action", "formaction", "poster", "data", "{http://www.w3.org/1999/xlink}href", "xlink:href")
# Those that act, and those that lead somewhere; names are in small letters, as a browser reads them.
_ATTRIBUTES = etree.XPath("//@*[starts-with(name(), 'on') or " + " or ".join(
    f"name() = '{name}'" for name in ("style", "srcdoc", "xqattr", "xlink:href", *_LINKS) if "{" not in name) + "]")
_SCHEMES = ("", "http", "https", "mailto", "tel")


def faults(page: crawl.Page) -> list[str]:
    headers, found = page.answer.headers, []
    if "X-Xq" in headers or any("\n" in value or "\r" in value for value in headers.values()):
        found.append("a header was put in")
    policy = headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy and page.url.partition("?")[0] != "/iso18626":  # read by programs only
        found.append(f"its policy is {policy!r}")
    if "unsafe" in policy or "data:" in policy.partition("script-src")[2].partition(";")[0]:
        found.append(f"its policy allows scripts or styles in the page: {policy}")
    if headers.get("X-Content-Type-Options") != "nosniff":
        found.append("a browser may guess what it is")
    kind = headers.get("Content-Type", "").partition(";")[0]
    return found + _FAULTS.get(kind, lambda page: [])(page)


def _html(page: crawl.Page) -> list[str]:
    text = page.body.decode()
    found = [f"{raw} stands in it" for raw in _RAW if raw in text]
    found += [f"it has an element {element.tag}" for element in page.tree.iter(*_NEVER)]
    for script in page.tree.iter("script"):
        if script.text or not script.get("src", "").startswith("/static/"):
            found.append("it has a script of its own")
    found += [f"it has a meta {meta.get('http-equiv')}" for meta in page.tree.iter("meta") if meta.get("http-equiv")]
    for value in _ATTRIBUTES(page.tree):
        element, name = value.getparent(), value.attrname
        if name not in _LINKS:
            found.append(f"{element.tag} has the attribute {name}")
        elif not _leads_well(element.tag, str(value)):
            found.append(f"{element.tag} {name} leads to {value[:60]!r}")
    return found


@cache
def _leads_well(tag: str, value: str) -> bool:
    """To us, or by a plain link to the web; whatever spaces and letters a browser reads over."""
    value = re.sub(r"[\x00-\x20\u200b-\u200f\u202a-\u202e]", "", value)
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", value)
    if scheme and scheme[1].lower() not in _SCHEMES:
        return False
    outside = bool(scheme) or value.startswith(("//", "\\", "/\\"))
    return tag == "a" or not outside


def _form_faults(form) -> list[str]:
    method, action = (form.get("method") or "get").lower(), form.get("action") or ""
    tokens = form.xpath(".//input[@name='csrfmiddlewaretoken']/@value")
    found = []
    if method == "post" and not any(len(token) >= 32 for token in tokens):
        found.append(f"the form to {action or 'itself'} has no token")
    if method == "get" and tokens:
        found.append(f"the form to {action or 'itself'} sends its token in the address, where others read it")
    for button in form.xpath(".//*[@formaction or @formmethod]"):
        if (button.get("formmethod") or method).lower() == "post" and not tokens:
            found.append(f"a button of the form to {action} posts without a token")
    return found


def _json(page: crawl.Page) -> list[str]:
    json.loads(page.body)
    return []


def _pdf(page: crawl.Page) -> list[str]:
    document = pypdfium2.PdfDocument(page.body)
    text = "".join(one.get_textpage().get_text_range() for one in document)
    return [] if len(document) and "xq49xq" not in text else ["it cannot be read"]


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _csv(page: crawl.Page) -> list[str]:
    rows = csv.reader(io.StringIO(page.body.decode("utf-8-sig")))
    return [
        f"the cell {cell[:30]!r} is a formula" for row in rows for cell in row
        if cell.startswith(_FORMULA) and not re.fullmatch(r"[+-]?[\d.,]+", cell)
    ]


def _xlsx(page: crawl.Page) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(page.body)) as book:
        sheets = [etree.fromstring(book.read(name)) for name in book.namelist() if "worksheets/sheet" in name]
    return ["it has a formula" for sheet in sheets for _cell in sheet.iter("{*}f")]


def _plain(page: crawl.Page) -> list[str]:
    return []


_FAULTS = {
    "text/html": _html, "application/json": _json, "application/pdf": _pdf, "text/csv": _csv,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _xlsx, "text/plain": _plain,
}


# --- beside the pages ----------------------------------------------------------------------------------


def test_letters_are_plain_words_with_one_line_of_subject(world):
    rows = letters(world)
    assert len(rows) >= 3
    for row in rows:
        subject, body = row.payload["subject"], row.payload["body"]
        assert "\n" not in subject and "\r" not in subject and "xq49xq" not in subject + body
        made = EmailMessage(subject=subject, body=body, to=["patron@riverside.example"]).message()
        assert made.get_content_type() == "text/plain" and "X-Xq" not in made
        assert "xq" in body


@pytest.mark.nodb
def test_the_corpus_finds_what_it_is_for():
    """The checks themselves: each kind of fault is seen."""
    from django.http import HttpResponse

    good = {"Content-Security-Policy": "default-src 'none'; script-src 'self'", "X-Content-Type-Options": "nosniff"}
    bad = ('<p onclick="x">', '<a href=" java\tscript:1">', "<p style=x>", '<form action="//xq.example">',
           "<script>1</script>", "xq49xq")
    for body in (*(word for word in CORPUS if "<" in word and not word.startswith("<b>")), *bad):
        answer = HttpResponse(f"<!doctype html><body>{body}", headers=good)
        assert faults(crawl.Page("x", "/", answer, answer.content)), body
    answer = HttpResponse("=1+1,ok,-5", content_type="text/csv", headers=good)
    assert len(faults(crawl.Page("x", "/", answer, answer.content))) == 1
    assert LONG


@pytest.mark.nodb
def test_what_a_script_posts_is_a_form_with_its_token():
    """htmx sends the token in a header (base.html); our own scripts send what stands in a form."""
    scripts = sorted((settings.BASE_DIR / "static/js").glob("*.js"))
    posting = [
        script.name for script in scripts
        if re.search(r"method:\s*[\"'](?!GET)|sendBeacon|XMLHttpRequest", text := script.read_text())
        and "new FormData(" not in text
    ]
    assert scripts and posting == [], f"{posting} post something else: prove here that they send the token."
