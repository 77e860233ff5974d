"""Copy requests for the tests of counting: an article of a journal, brought to where it can leave."""

from datetime import datetime
from itertools import count

from requests_app.actions import perform
from requests_app.models import CopyrightUse, ILLRequest
from tests import factories as f

ISSN, ONLINE, OTHER = "1234-5679", "2049-3630", "0028-0836"
_articles = count(1)


def article(*, now: datetime = f.NOW, **fields) -> ILLRequest:
    """A patron's request for an article of 2024 that no other request asks for. `fields`: of the citation."""
    number = next(_articles)
    more = {name: fields.pop(name) for name in ("patron", "note") if name in fields}
    citation = {
        "kind": "article", "title": "Marine Letters", "part_title": f"On tides, part {number}", "author": "",
        "part_author": "Okafor, N.", "isbn": "", "issn": ISSN, "year": "2024", "volume": str(number), "issue": "3",
        "pages": "41-58",
    }
    ill = f.asked(service="copy", title="Marine Letters", citation=citation | fields, **more)
    if now != f.NOW:
        ILLRequest.objects.filter(pk=ill.pk).update(created=now)
        ill.refresh_from_db()
    return ill


def ready(*, now: datetime = f.NOW, rota=("HIL", "OAK"), **fields) -> ILLRequest:
    """The same with its lenders chosen; cleared by itself where there is no doubt."""
    ill = article(now=now, **fields)
    perform(ill, "choose_lenders", actor=f.staff(), now=now, libraries=[f.library(symbol) for symbol in rota])
    return ill


def sent(*, now: datetime = f.NOW, **fields) -> ILLRequest:
    ill = ready(now=now, **fields)
    perform(ill, "send", actor=f.staff(), now=now)
    return ill


def by_hand(ill: ILLRequest, code: str = "US-CCG", *, now: datetime = f.NOW, ground: str = "fair_use") -> ILLRequest:
    perform(ill, "decide_copyright", actor=f.staff(), now=now, compliance=code, text="Looked at it.",
            ground=ground if code == "US-CCL" else "")
    return ill


def use_of(ill: ILLRequest) -> CopyrightUse | None:
    return CopyrightUse.objects.filter(ill=ill).exclude(state="freed").first()


def place_of(ill: ILLRequest) -> int | None:
    use = use_of(ill)
    return use.place if use else None
