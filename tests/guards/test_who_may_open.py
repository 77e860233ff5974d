"""Every address × every role, read from the URL configuration: a view's rule is what happens."""

import pytest
from rest_framework.authentication import SessionAuthentication

from illdesk.accounts.roles import RIGHTS, rights_of
from tests.guards import addresses
from tests.guards.addresses import ADDRESSES
from tests.guards.expectations import CASES, Case
from tests.guards.world import NOBODY, OWNER, PEOPLE, ROLELESS, World, taken_back

by_address = pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name or address.route)
SIGN_IN = "/accounts/login/?next="


def _may(who: str, right: str) -> bool:
    roles = {OWNER: ["patron"], ROLELESS: [], NOBODY: []}.get(who, [who])
    return right in rights_of(roles)


def _url(world: World, address, chosen: dict[str, str]) -> str:
    known = {name: said[1:] if said.startswith("=") else world.values[said] for name, said in chosen.items()}
    return addresses.url(address, world.values, **known)


def _asked(world: World, who: str, method: str, url: str, *, checks: bool = False):
    with taken_back():
        return getattr(world.browser(who, checks=checks), method)(url)


def _kind(answer) -> str | int:
    """What the answer means to who asked: a status, or that he or she must sign in."""
    if answer.status_code == 302 and answer.url.startswith(SIGN_IN):
        return "sign in"
    return answer.status_code


@pytest.mark.nodb
def test_every_address_has_a_name_of_its_own():
    names = [address.name for address in ADDRESSES]
    assert [address.route for address in ADDRESSES if not address.name] == []
    assert sorted(names) == sorted(set(names))


@pytest.mark.nodb
@by_address
def test_an_address_that_decides_by_itself_says_here_whom_it_lets_in(address):
    """What `@needs` says can be read from it; everything else must be told."""
    told = address.name in CASES
    assert told or address.rule in RIGHTS, (
        f"{address.name!r} ({address.route}) is {address.rule or 'without a rule'}: add to CASES in "
        f"tests/guards/expectations.py who may open it, and for which objects."
    )
    assert told or "number" not in address.parameters, (
        f"{address.name!r} shows one request: add to CASES in tests/guards/expectations.py a case for an own one, "
        f"one of another patron, and one of a kind that the role may not see."
    )


@pytest.mark.nodb
def test_no_expectation_is_left_of_an_address_that_is_gone():
    assert sorted(set(CASES) - set(addresses.BY_NAME)) == []


@by_address
def test_the_rule_is_what_happens(address, world):
    wrong = []
    for who in PEOPLE:
        for case in CASES.get(address.name) or (_by_right(address),):
            answer = _asked(world, who, case.method, _url(world, address, case.chosen))
            said, wanted = _kind(answer), _wanted(address, case, who)
            if said not in wanted:
                wrong.append(f"{who}, {case.method} {case.chosen or 'the example'}: {said} instead of {wanted}")
    assert wrong == []


def _by_right(address) -> Case:
    """What `@needs(right)` promises; a view that only takes POST is asked so."""
    allowed = {who for who in PEOPLE if _may(who, address.rule)}
    return Case(allowed, refusal=403, opened=(200, 302, 405, 409, 422))


def _wanted(address, case: Case, who: str) -> tuple:
    if who in case.others:
        return (case.others[who],)
    if who in case.allowed:
        return case.opened
    if who == NOBODY:
        return ("sign in",)
    return (case.refusal,)


@by_address
def test_head_is_answered_as_get(address, world):
    case = (CASES.get(address.name) or (_by_right(address),))[0]
    url = _url(world, address, case.chosen)
    for who in (OWNER, "supervisor", NOBODY):
        assert _kind(_asked(world, who, "head", url)) == _kind(_asked(world, who, "get", url)), who


# Partners' programs have no cookie to steal: their secret stands in the message's own header. A database's link
# may be a POST: it changes nothing and only becomes a GET.
NO_TOKEN = {"iso18626", "openurl"}


@by_address
def test_without_its_token_no_form_is_taken_from_anybody(address, world):
    url = _url(world, address, {})
    # Looked at before who it is: nobody's role matters.
    for who in ("supervisor", "budget", OWNER, NOBODY):
        answer = _asked(world, who, "post", url, checks=True)
        if address.name in NO_TOKEN:
            assert answer.status_code != 403
        else:
            # A program that nobody signed in for has no session that a foreign page could use.
            refusal = 401 if who == NOBODY and address.route.startswith("api/") else 403
            assert answer.status_code == refusal, f"{who} posted to {url} without a token: {answer.status_code}"


@by_address
def test_a_post_is_refused_to_whom_a_get_is_refused(address, world):
    """With the token: the rule holds for every method."""
    if address.name in CASES:
        return
    url = _url(world, address, {})
    wrong = []
    for who in PEOPLE:
        said = _kind(_asked(world, who, "post", url))
        if (said in (403, 404, "sign in")) == _may(who, address.rule):
            wrong.append(f"{who}: {said}")
    assert wrong == []


@by_address
def test_a_post_to_what_decides_by_object_lets_nobody_else_in(address, world):
    if address.name not in CASES or address.rule in ("open_page", "allauth"):
        return
    for case in CASES[address.name]:
        url = _url(world, address, case.chosen)
        for who in set(PEOPLE) - case.allowed:
            said = _kind(_asked(world, who, "post", url))
            assert said in (403, 404, 405, "sign in"), f"{who} posted to {url}: {said}"


@pytest.mark.nodb
def test_only_two_doors_take_posts_without_a_token():
    """The API looks itself: at a session's token, and at nothing of a program that brings its own."""
    exempt = {address for address in ADDRESSES if getattr(address.view, "csrf_exempt", False)}
    assert {address.name for address in exempt if not address.route.startswith("api/v1/")} == NO_TOKEN
    ours = {address.view.cls.authentication_classes[-1] for address in exempt if address.route.startswith("api/v1/")}
    assert ours == {SessionAuthentication}




@by_address
def test_an_address_of_something_that_is_not_there_is_404_to_whoever_may_look(address, world):
    if address.rule not in RIGHTS or not address.parameters or address.name in CASES:
        return
    missing = {
        "pk": "999999", "day": "999999", "load": "999999", "link": "999999", "title": "999999", "year": "1066",
        "subject": "999999", "line": "999999", "other": "999999", "sheet": "999", "month": "999999",
    }
    url = addresses.url(address, world.values, **{name: missing.get(name, "no-such") for name in address.parameters})
    allowed = [who for who in PEOPLE if _may(who, address.rule)]
    refused = [who for who in PEOPLE if who not in allowed]  # how they are refused, other tests look at for each
    for who in (*allowed[-2:], *refused[:1], NOBODY):
        for method in ("get", "post"):
            said = _kind(_asked(world, who, method, url))
            wanted = (404, 405) if _may(who, address.rule) else (("sign in",) if who == NOBODY else (403,))
            assert said in wanted, f"{who} {method} {url}: {said}"
