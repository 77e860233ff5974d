"""What stands beside each way to get a copy on the decision page: what it leads to, and what it costs, in words."""

from datetime import date

from django.utils.translation import gettext

from illdesk import budgets, dates, money
from requests_app.copyright import waits
from requests_app.copyright.choices import Choices
from requests_app.models import ILLRequest


def ground_words(known: Choices) -> str:
    rules = known.look.rules
    if rules.counts:
        return gettext("Fair use, expired term, or another; you give the reason.")
    return gettext("What the law of the country allows; for any other than the usual one you give the reason.")


def within_words(known: Choices) -> str:
    counted, limit = known.look.facts.counted, known.look.rules.limit
    if counted.own_place is not None:
        return gettext("It holds place %(place)s of %(limit)s already.") % {
            "place": counted.own_place, "limit": limit}
    return gettext("Takes place %(place)s of %(limit)s when it is sent, as CCG.") % {
        "place": counted.used + counted.held + 1, "limit": limit}


def pay_words(known: Choices) -> str:
    said = []
    price = known.price
    if price is not None and price.licence:
        said.append(gettext("The licence “%(name)s” covers it: choose it as the ground, nothing is paid.") % {
            "name": price.licence})
    elif price is not None:
        said.append(gettext("%(source)s, %(day)s.") % {
            "source": price.source_words, "day": dates.in_words(price.on)})
    else:
        said.append(gettext("No price is known: look it up and enter it."))
    if len(known.funds) == 1:
        one = known.funds[0]
        said.append(gettext("Fund %(fund)s has %(left)s left.") % {
            "fund": one.code, "left": money.shown(one.left, one.currency)})
    elif not known.funds:
        said.append(gettext("No fund has a budget today; it is kept without one."))
    return " ".join(said)


def price_words(known: Choices) -> str:
    price = known.price
    return money.shown(price.amount, price.currency) if price and price.amount is not None else ""


def included_words(known: Choices) -> str:
    names = ", ".join(one.symbol for one in known.lenders[:4])
    return gettext("%(libraries)s. It is asked first; no royalty is owed.") % {"libraries": names}


def included_price(known: Choices) -> str:
    cheapest = known.cheapest
    return gettext("from %(price)s") % {"price": money.shown(*cheapest)} if cheapest else ""


def version_words(known: Choices) -> str:
    versions = known.versions
    if versions.checked is None:
        return gettext("Nothing was checked yet. Goes back to In review.")
    day = dates.in_words(versions.checked)
    if versions.manuscripts:
        return gettext("A manuscript was found on %(day)s. Goes back to In review.") % {"day": day}
    if versions.editions:
        return gettext("%(count)s other descriptions were found on %(day)s. Goes back to In review.") % {
            "count": versions.editions, "day": day}
    return gettext("Author’s manuscript was not found on %(day)s. Goes back to In review.") % {"day": day}


def wait_words(known: Choices, ill: ILLRequest, today: date) -> str:
    found = known.look
    new_year = dates.in_words(today.replace(year=today.year + 1, month=1, day=1))
    said = [gettext("The next count starts %(day)s.") % {"day": new_year}]
    if waits.year_is_fixed(found):
        said = [gettext("It counts in %(year)s whenever it is sent: only a place that is freed helps.") % {
            "year": found.day.year}]
    if ill.need_by:
        said.append(gettext("Needed by %(day)s.") % {
            "day": dates.in_words(ill.need_by)})
    return " ".join(said)


def fund_words(one: budgets.Fund) -> str:
    return gettext("%(fund)s · %(left)s left of %(budget)s (%(year)s)") % {
        "fund": one.code, "left": money.shown(one.left, one.currency),
        "budget": money.shown(one.budget, one.currency), "year": one.year}
