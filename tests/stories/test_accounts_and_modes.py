"""Connected accounts and the two modes: what is served, and what is kept, shown and no more."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from shared.keys import SaleKey, StripeId
from shared.tables import events, links, sales
from simulator.orders import Purchase
from simulator.shop import Shop
from tests.worlds.ending import deeds
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town
from tests.worlds.world import MONTH

PARTNER = "acct_1Partner"


def partner_sells(town: Town) -> tuple[Shop, str, Policy]:
    """A connected account with a mapped price of its own."""
    shop = town.stripe.shop_of(PARTNER)
    policy = town.world.books.policy("subscription")
    price = shop.price("Editor", 4900, recurring=MONTH)
    town.world.map(price, policy, account=PARTNER)
    return shop, price, policy


def accounts_in(town: Town, table: sa.Table) -> set[tuple[str, bool]]:
    """Account and mode of all rows."""
    return {(row.account, row.livemode) for row in town.world.rows(table)}


def standing(town: Town, policy: Policy) -> list[tuple[str, str, str]]:
    """Each license: its status, and the account and mode of its sale."""
    found = town.world.books.licenses(policy.product_id)
    return [
        (one["status"], one["metadata"]["stripe_account"], one["metadata"]["stripe_mode"])
        for one in found
    ]


def refusals(town: Town) -> dict[str, str]:
    """Each refused event, and why."""
    rows = [row for row in town.world.rows(events) if row.state == "refused"]
    return {row.event_id: row.reason for row in rows}


def of_type(shop: Shop, event_type: str) -> str:
    (found,) = [event["id"] for event in shop.events() if event["type"] == event_type]
    return str(found)


@pytest.mark.parametrize("told", ["snapshot events", "thin events"])
def test_pain_17_a_connected_accounts_sale_is_fulfilled_in_that_account(
    town: Town, told: str
) -> None:
    """The account stands in the sale's key, in each call and in each link, renewals too.

    Snapshot events name it as `account`, thin ones as `context`.
    """
    town.open_door(STRIPE_ACCOUNTS=PARTNER)
    town.stripe.switch(thin_only=told == "thin events")
    shop, price, policy = partner_sells(town)

    sale = shop.subscribe(price)
    town.settle()
    town.stripe.advance(days=31, seconds=7200)
    town.settle()

    assert standing(town, policy) == [("active", PARTNER, "test")]
    assert len(town.world.books.orders(policy.product_id)) == 2
    (record,) = town.world.books.subscriptions(policy.product_id)
    (license_,) = town.world.books.licenses(policy.product_id)
    assert license_["expires_at"] == record["current_period_end"]
    assert town.world.books.accepts(town.world.key_of(license_["id"]))
    ids = shop.read(str(sale.subscription))["metadata"]
    assert ids["licensekit_license_ids"] == license_["id"]
    assert accounts_in(town, sales) == accounts_in(town, links) == {(PARTNER, False)}
    assert (town.world.problems(), refusals(town)) == ([], {})


def test_pain_17_a_partners_sale_of_which_no_event_came_is_fetched_by_naming_the_account(
    town: Town,
) -> None:
    """In our own account there is no such sale, and nothing is done about it there."""
    town.open_door(STRIPE_ACCOUNTS=PARTNER)
    shop, price, policy = partner_sells(town)
    town.stripe.switch(drop_types=["*"])
    sale = str(shop.subscribe(price).subscription)
    town.settle()

    ours = town.fulfill("plan", sale, "--json")
    theirs = town.fulfill("reconcile", sale, "--account", PARTNER)

    assert "missing_in_stripe" in ours.output
    assert theirs.exit_code == 0, theirs.output
    assert standing(town, policy) == [("active", PARTNER, "test")]
    assert shop.read(sale)["metadata"]["licensekit_license_count"] == "1"


def test_pain_17_a_price_is_mapped_for_its_own_account_only(town: Town) -> None:
    """What we sell ourselves says nothing about what a partner sells."""
    town.open_door(STRIPE_ACCOUNTS=PARTNER)
    ours, policy = town.world.price()
    shop = town.stripe.shop_of(PARTNER)
    theirs = shop.price("Editor", 4900)
    town.world.map(theirs, policy)  # for our own account, where no such price is sold

    town.stripe.shop.buy(ours, email="office@example.com")
    sale = shop.buy(theirs, email="office@example.com")
    town.settle()

    assert standing(town, policy) == [("active", "own", "test")]
    assert town.world.problems() == [("unmapped_price", theirs)]

    mapped = town.fulfill("mappings", "set", theirs, "--policy", policy.id, "--account", PARTNER)
    town.sweep()
    town.settle()
    assert mapped.exit_code == 0, mapped.output

    assert standing(town, policy) == [("active", "own", "test"), ("active", PARTNER, "test")]
    assert len({one["customer_id"] for one in town.world.books.licenses(policy.product_id)}) == 2
    assert shop.read(sale.session)["metadata"]["licensekit_license_count"] == "1"
    assert town.world.problems() == []


def refused_sale(town: Town) -> tuple[Purchase, Shop, Policy, str]:
    """A partner nobody told us of sells; gives the event that tells of it, too."""
    shop, price, policy = partner_sells(town)
    sale = shop.subscribe(price)
    town.settle()
    return sale, shop, policy, of_type(shop, "checkout.session.completed")


def test_pain_17_an_unknown_account_is_refused_kept_and_shown(town: Town) -> None:
    """2xx to Stripe, no sale, no call in its name; a person sees who it was and what to do."""
    _, _, policy, completed = refused_sale(town)

    assert refusals(town)[completed].startswith(f"{PARTNER} is not in STRIPE_ACCOUNTS")
    assert {row.state for row in town.world.rows(events)} == {"refused"}
    assert town.stripe.state()["deliveries"]["given_up"] == 0
    assert (standing(town, policy), town.world.rows(sales), deeds(town)) == ([], [], [])
    (shown,) = json.loads(town.fulfill("show", completed, "--json").output)["events"]
    assert (shown["state"], shown["reason"]) == ("refused", refusals(town)[completed])
    assert f"{PARTNER} is not in STRIPE_ACCOUNTS" in town.fulfill("log").stderr
    retried = town.fulfill("retry", completed)
    assert (retried.exit_code, town.world.rows(sales)) == (1, [])
    assert "was refused" in retried.stderr


def test_pain_17_a_new_account_is_added_and_what_was_refused_is_retried(town: Town) -> None:
    """One setting and one command: the events that waited become their sale."""
    sale, shop, policy, completed = refused_sale(town)

    town.open_door(STRIPE_ACCOUNTS=PARTNER)
    retried = town.fulfill("retry", completed)
    town.settle()

    assert retried.exit_code == 0, retried.output
    assert completed not in refusals(town)
    assert standing(town, policy) == [("active", PARTNER, "test")]
    assert len(town.world.books.orders(policy.product_id)) == 1
    told = shop.read(str(sale.subscription))["metadata"]
    assert told["licensekit_license_count"] == "1"
    assert town.world.keys() == [
        SaleKey(PARTNER, False, "subscription", StripeId(str(sale.subscription)))
    ]

    again = town.fulfill("retry", "--since", "24h")  # all the others: nothing comes of them
    town.settle()

    assert again.exit_code == 0, again.output
    assert (refusals(town), deeds(town)) == ({}, deeds(town)[:1])


def test_pain_16_a_live_sale_at_a_test_key_is_kept_and_shown_and_nothing_else(town: Town) -> None:
    """The test sale beside it goes its way; the live one waits for the live key."""
    price, policy = town.world.price()
    live = town.stripe.shop_of(livemode=True)
    real = live.price("Editor", 4900)

    town.stripe.shop.buy(price, email="ada@example.com")
    live.buy(real, email="ada@example.com")
    town.settle()

    completed = of_type(live, "checkout.session.completed")
    assert standing(town, policy) == [("active", "own", "test")]
    assert refusals(town)[completed] == "a live event, but STRIPE_SECRET_KEY is a test key"
    assert accounts_in(town, sales) == accounts_in(town, links) == {("", False)}
    assert accounts_in(town, events) == {("", False), ("", True)}
    retried = town.fulfill("retry", completed)
    assert (retried.exit_code, accounts_in(town, sales)) == (1, {("", False)})
    assert town.world.problems() == []


def test_pain_16_a_live_sale_that_waited_is_fulfilled_with_the_live_key(quiet_town: Town) -> None:
    """Under the live price's own mapping, and as another buyer than the one in test mode."""
    town = quiet_town
    policy = town.world.books.policy("perpetual")
    live = town.stripe.shop_of(livemode=True)
    real = live.price("Editor", 4900)
    town.world.map(real, policy, livemode=True)
    sale = live.buy(real, email="ada@example.com")
    assert town.stripe.wait_until_idle()

    town.open_door(STRIPE_SECRET_KEY="sk_live_simulator")
    town.start_worker()
    retried = town.fulfill("retry", of_type(live, "checkout.session.completed"))
    town.settle()

    assert retried.exit_code == 0, retried.output
    assert standing(town, policy) == [("active", "own", "live")]
    assert accounts_in(town, links) == {("", True)}
    assert live.read(sale.session)["metadata"]["licensekit_license_count"] == "1"
