"""Error pages: for people a page, for htmx a note; the last one stands without any context."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

pytestmark = pytest.mark.django_db
CONTEXT = {"heading": "That was not possible", "what": "Scan is not possible while Shipped."}


def request(*, htmx: bool):
    made = RequestFactory().get("/")
    made.htmx = htmx
    return made


def test_a_person_gets_a_page_with_a_way_back():
    html = render_to_string("errors/error.html", CONTEXT, request(htmx=False))
    assert "<!doctype html>" in html and CONTEXT["what"] in html and 'href="/"' in html


def test_htmx_gets_the_note_alone():
    html = render_to_string("errors/error.html", CONTEXT, request(htmx=True))
    assert "<html" not in html and CONTEXT["what"] in html and 'role="alert"' in html


def test_the_last_page_needs_no_context():
    assert "failed on our side" in render_to_string("500.html")
    assert "a1b2" in render_to_string("500.html", {"number": "a1b2"})
