"""Pages by key: nothing twice, nothing left out, in every order and direction, on both databases."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.lists import columns, paging, queues
from requests_app.models import ILLRequest
from tests import factories as f

pytestmark = pytest.mark.django_db


def _queue(kind: str, slug: str):
    found = queues.named(kind, slug)
    assert found is not None
    return found


def _turned(rows, order, down, size=4) -> list[int]:
    """All pages, one after the other, as somebody turns them."""
    seen, after = [], ""
    while True:
        page = paging.page_of(rows, order, down=down, after=after, size=size)
        assert page.first == (not after)
        seen += [row.pk for row in page.rows]
        after = page.after
        if not after:
            return seen
        assert len(page.rows) == size


def _mixed() -> None:
    """Same titles and names, no dates and same dates: what a key by one column alone would trip over."""
    titles = ["Zebra", "zebra", "Über", "abc", "abc", "", "none", "a_1", "晚清", "'; --", "% _", "abc"]
    today = timezone.localdate()
    for place, title in enumerate(titles):
        ill = f.asked(title=title or "x", citation={"title": title or "x"})
        ILLRequest.objects.filter(pk=ill.pk).update(
            need_by=None if place % 3 == 0 else today + timedelta(days=place % 2),
            created=f.NOW + timedelta(days=place % 4), changed=f.NOW + timedelta(days=-place % 5),
        )


@pytest.mark.parametrize("down", [False, True])
def test_every_column_of_borrowing_turns_its_pages_without_loss(down):
    _mixed()
    queue = _queue("borrowing", "submitted")
    rows = queue.rows(f.user(), timezone.now())
    for name, column in columns.of(queue).items():
        if column.order is not None:
            seen = _turned(rows, column.order, down)
            assert len(seen) == len(set(seen)) == 12, name


@pytest.mark.parametrize("down", [False, True])
def test_every_column_of_lending_turns_its_pages_without_loss(down):
    for place in range(11):
        ill = f.ill("lending.received")
        due = None if place % 2 else timezone.now() + timedelta(hours=place // 4)
        ILLRequest.objects.filter(pk=ill.pk).update(respond_by=due, location="A" if place % 3 else "", call_number="QK")
    queue = _queue("lending", "received")
    for name, column in columns.of(queue).items():
        if column.order is not None:
            seen = _turned(queue.rows(f.user(), timezone.now()), column.order, down)
            assert len(seen) == len(set(seen)) == 11, name


def test_turning_the_order_turns_the_rows_and_leaves_those_without_a_date_last():
    _mixed()
    queue = _queue("borrowing", "submitted")
    rows = queue.rows(f.user(), timezone.now())
    order = columns.of(queue)["date"].order
    dates = {row.pk: row.need_by for row in ILLRequest.objects.all()}
    for down in (False, True):
        shown = [dates[pk] for pk in _turned(rows, order, down)]
        dated = [day for day in shown if day]
        assert shown == dated + [None] * 4 and dated == sorted(dated, reverse=down)


def test_young_stands_first_when_age_goes_up():
    old, young = f.asked(), f.asked()
    ILLRequest.objects.filter(pk=young.pk).update(created=f.later(days=9))
    queue = _queue("borrowing", "submitted")
    order = columns.of(queue)["age"].order
    assert _turned(queue.rows(f.user(), timezone.now()), order, False) == [young.pk, old.pk]


def test_a_row_that_goes_meanwhile_takes_no_other_with_it():
    ills = [f.asked() for _row in range(9)]
    queue = _queue("borrowing", "submitted")
    rows = queue.rows(f.user(), timezone.now())
    first = paging.page_of(rows, queue.order, size=4)
    ILLRequest.objects.filter(pk=first.rows[0].pk).update(state="borrowing.in_review")
    second = paging.page_of(rows, queue.order, after=first.after, size=4)
    assert [row.pk for row in second.rows] == [ill.pk for ill in ills[4:8]]


@pytest.mark.parametrize("after", ["", "x", "_", "none_", "none_x", "_5", "9999-99-99_5", "2026-01-01_1", "a" * 5000,
                                   "2026-01-01T00:00:00+00:00_" + "9" * 30, "none_" + "9" * 30, "\ud800_1"])
def test_a_broken_key_shows_a_page(after):
    f.asked()
    queue = _queue("borrowing", "submitted")
    rows = queue.rows(f.user(), timezone.now())
    for name in ("title", "date", "age", "number"):
        paging.page_of(rows, columns.of(queue)[name].order, after=after.encode("utf-8", "replace").decode())


def test_everything_for_an_export_comes_in_the_same_order():
    _mixed()
    queue = _queue("borrowing", "submitted")
    rows = queue.rows(f.user(), timezone.now())
    order = columns.of(queue)["title"].order
    assert [ill.pk for ill in paging.all_of(rows, order, size=5)] == _turned(rows, order, False)
