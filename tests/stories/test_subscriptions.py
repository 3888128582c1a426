"""A subscription through its renewals, with deliveries as bad as they can be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds.licensekit import Policy
from tests.worlds.town import Town
from tests.worlds.world import MONTH

BAD_DAYS: dict[str, dict[str, Any]] = {
    "calm": {},
    "three times each": {"duplicate": 3},
    "in any order": {"shuffle": True, "duplicate": 2},
    "without invoices": {"drop_types": ["invoice.*", "invoice_payment.*"]},
    "without subscriptions": {"drop_types": ["customer.subscription.*"]},
    "thin events alone": {"thin_only": True},
    "both kinds of event": {"thin": True, "shuffle": True},
}


def renew(town: Town) -> None:
    """A month passes: the next invoice is made, finalized and paid."""
    town.stripe.advance(days=31, seconds=7200)
    town.settle()


def told(town: Town, policy: Policy) -> tuple[Any, ...]:
    """The license, how many orders there are, and the record's end."""
    (license_,) = town.world.books.licenses(policy.product_id)
    (record,) = town.world.books.subscriptions(policy.product_id)
    orders = town.world.books.orders(policy.product_id)
    assert license_["expires_at"] == record["current_period_end"]
    return license_["id"], license_["status"], len(orders), record["status"]


@pytest.mark.parametrize("day", BAD_DAYS)
def test_pain_01_two_renewals_end_alike_whatever_happened_to_the_deliveries(
    town: Town, day: str
) -> None:
    """One license, three orders, one record; the end is that of the last paid period."""
    town.stripe.switch(**BAD_DAYS[day])
    price, policy = town.world.price("subscription", recurring=MONTH)

    sale = town.stripe.shop.subscribe(price)
    town.settle()
    first = told(town, policy)
    renew(town)
    renew(town)

    assert told(town, policy) == (first[0], "active", 3, "active")
    ids = town.world.metadata(sale.subscription)
    assert (ids["licensekit_license_ids"], ids["licensekit_license_count"]) == (first[0], "1")
    assert town.world.books.accepts(town.world.key_of(first[0]))


def test_pain_06_old_events_that_come_again_change_nothing(town: Town) -> None:
    """A stale event is a hint like any other: the facts are read anew."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()
    renew(town)
    before = told(town, policy), town.world.metadata(sale.subscription)

    for event in town.world.events(sale.subscription):
        town.stripe.shop.resend(event["id"])
    town.settle()

    assert (told(town, policy), town.world.metadata(sale.subscription)) == before


def test_a_canceled_subscription_keeps_what_was_paid(town: Town) -> None:
    """The record says canceled; the license runs to its paid end."""
    price, policy = town.world.price("subscription", recurring=MONTH)
    sale = town.stripe.shop.subscribe(price)
    town.settle()

    town.stripe.shop.cancel(str(sale.subscription))
    town.settle()

    (license_,) = town.world.books.licenses(policy.product_id)
    (record,) = town.world.books.subscriptions(policy.product_id)
    assert (license_["status"], record["status"]) == ("active", "canceled")
    assert record["canceled_at"] is not None
