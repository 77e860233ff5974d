"""Tags and filters that every template uses."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from illdesk.pages.frame import frame
from illdesk.templatetags.ill import SHAPES

pytestmark = pytest.mark.nodb


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize("family", SHAPES)
def test_a_state_shows_shape_and_words(family):
    html = render("{% state_badge state %}", state={"label": "Sent", "family": family})
    assert f"#{SHAPES[family]}" in html
    assert "Sent" in html


def test_words_of_a_state_are_escaped():
    assert "&lt;b&gt;" in render("{% state_badge state %}", state={"label": "<b>", "family": "ours"})


def test_an_icon_beside_words_is_silent_and_one_alone_speaks():
    assert 'aria-hidden="true"' in render('{% icon "flag" %}')
    assert 'aria-label="Close"' in render('{% icon "x-lg" label="Close" %}')


def test_the_year_shows_only_when_it_is_another():
    this_year = timezone.localdate().replace(month=12, day=5)
    assert str(this_year.year) not in render("{{ d|day }}", d=this_year)
    assert render("{{ d|day }}", d=dt.date(1987, 1, 9)) == "9 Jan 1987"


def test_days_speak_spanish():
    with translation.override("es"):
        assert "ene" in render("{{ d|day }}", d=dt.date(1987, 1, 9)).lower()


def test_no_date_is_no_text():
    assert render("{{ d|day }}{{ d|when }}{{ d|clock }}", d=None) == ""


def test_a_frame_without_a_person_does_not_fail():
    shown = frame(RequestFactory().get("/"))["frame"]
    assert shown.places == [] and shown.patron_nav == []
    assert (shown.theme, shown.desk_url, shown.my_requests_url) == ("device", "", "")
