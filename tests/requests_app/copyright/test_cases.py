"""The table of cases (cases.txt): each stands on a clause of RULES.md."""

import shlex
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import pytest

from requests_app.copyright import facts, published, rules
from requests_app.copyright.decision import decide

pytestmark = pytest.mark.nodb
_TRUTH = {"yes": True, "no": False, "true": True, "false": False}


@dataclass
class Case:
    clause: str
    about: str
    given: dict[str, str]
    wanted: list[str]
    lines: set[str]


def _cases() -> list[Case]:
    text = Path(__file__).with_name("cases.txt").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [
        Case(clause.strip(), about.strip(), dict(word.split("=", 1) for word in shlex.split(given)),
             wanted.split(), set(lines.split()))
        for clause, about, given, wanted, lines in rows
    ]


CASES = _cases()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def facts_of(given: dict[str, str]) -> facts.Facts:
    def number(name: str) -> int:
        return int(given.get(name, 0))

    def truth(name: str) -> bool:
        return _TRUTH[given.get(name, "no")]

    available = given.get("available")
    text = given.get("published", "2024")
    return facts.Facts(
        asked=facts.Asked(
            service=given.get("service", "copy"), obtained=_TRUTH[given.get("obtained", "yes")],
            kind=given.get("kind", "article"), part_title=given.get("part", "Tides"), pages=given.get("pages", "1-9"),
            format=given.get("format", ""), publisher=given.get("publisher", ""), note=given.get("note", ""),
            copies=int(given.get("copies", 1)), first_sent=_day(given.get("sent")),
            own=truth("own"), declared=truth("declared"),
        ),
        published=published.read(text), published_text=text,
        counted=facts.Counted(
            name="Marine Letters", kind=given.get("title", facts.PERIODICAL), used=number("used"), held=number("held"),
            over=number("over"), identity=given.get("identity", facts.SURE),
            own_place=number("place") or None, names=tuple(given.get("names", "").split(";")),
            same_name_uses=number("same_name"), strayed=truth("strayed"),
        ),
        ours=facts.Ours(given.get("ours", ""), None if available is None else _TRUTH[available],
                        given.get("covers", "yes")),
        others=facts.Others(given.get("same_issue", ""), given.get("same_article", ""), int(given.get("patrons", 1))),
        open_licence=given.get("licence", ""), federal=truth("federal"), royalty_included=truth("royalty"),
        licensed=truth("licensed"), accessible=truth("accessible"), retracted=truth("retracted"),
    )


def rules_of(given: dict[str, str]) -> rules.Rules:
    kinds = {one.name: type(getattr(rules.DEFAULT, one.name)) for one in fields(rules.Rules)}
    found = {}
    for name, text in given.items():
        head, _dot, setting = name.partition(".")
        if head == "rules":
            found[setting] = _TRUTH[text] if kinds[setting] is bool else kinds[setting](text)
    return rules.of(found, code=found.pop("code", "us-contu"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause} {case.about}")
def test_case(case: Case):
    decision = decide(facts_of(case.given), rules_of(case.given), today=_day(case.given.get("day", "2026-03-02")))
    verdict, code, *rest = case.wanted
    assert (decision.verdict, decision.code) == (verdict, "" if code == "-" else code), decision.why
    for word in rest:
        if word.isdecimal():
            assert decision.year == int(word)
        else:
            assert decision.ground == word
    if not rest or rest[0].isdecimal():
        assert not decision.ground
    assert case.lines <= set(decision.why), decision.why
    assert all(str(line) and "%(" not in str(line) for line in decision.lines)
    assert decision.certain == (verdict in ("within", "outside"))


def test_there_are_enough_of_them_and_every_fact_is_known():
    known = {
        "service", "obtained", "kind", "part", "pages", "format", "publisher", "note", "copies", "published", "used",
        "held", "over", "place", "identity", "names", "same_name", "title", "ours", "available", "covers", "same_issue",
        "same_article", "patrons", "licence", "federal", "royalty", "licensed", "accessible", "retracted", "day",
        "sent", "own", "declared", "strayed",
    }
    assert len(CASES) >= 80 and len({case.about for case in CASES}) == len(CASES)
    for case in CASES:
        assert {name for name in case.given if not name.startswith("rules.")} <= known, case.about
    assert {f"C{number}" for number in (1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 14, 15, 16, 18, 19, 20)} <= {
        case.clause for case in CASES
    }
