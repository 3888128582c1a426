"""What the seller of a random life offers: some prices, and terms drawn anew for each life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from mappings.terms import Terms
from tests.properties.rulebook import Offer
from tests.worlds.world import World

Wish = Mapping[str, Any]  # terms by name; the others keep their default

TRIAL = "trial"
RECURRING = {"month": "month", "month, other policy": "month", "year": "year", "for ever": "month"}
ONCE = ("copy", "copy for a year")
TYPES = {
    "month": "subscription",
    "month, other policy": "subscription",
    "year": "subscription",
    "for ever": "perpetual",
    "copy": "perpetual",
    "copy for a year": "time_limited",
}
EXTRA, SEATS = "extra", "seats"  # features
WITH_EXTRA = "year"  # the one price that brings it
SHARED_POLICY = {"year": "month"}  # two prices of one policy

recurring = st.sampled_from(sorted(RECURRING))
once = st.sampled_from(ONCE)
some_units = st.sampled_from([1, 1, 2, 3])

terms_of_once = st.fixed_dictionaries(
    {},
    optional={
        "grace_days": st.just(3),
        "quantity": st.just("license_per_unit"),
        "on_refund": st.sampled_from(["suspend", "keep"]),
        "on_partial_refund": st.just("revoke"),
        "on_dispute": st.just("keep"),
    },
)
terms_of_recurring = st.fixed_dictionaries(
    {},
    optional={
        "grace_days": st.just(3),
        "quantity": st.just("license_per_unit"),
        "trial_policy": st.just(TRIAL),
        "seat_feature": st.just(SEATS),
        "on_past_due": st.sampled_from(["suspend", "keep"]),
        "on_pause": st.just("keep"),
        "on_cancel": st.just("revoke"),
        "on_refund": st.sampled_from(["suspend", "keep"]),
        "on_partial_refund": st.just("revoke"),
        "on_dispute": st.just("keep"),
    },
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Prices by name, one LicenseKit product behind them all, and what their mappings say."""

    product: str
    prices: dict[str, str]
    offers: dict[str, Offer]  # by Stripe price


def fill_shelf(world: World, recurring: Wish, once: Wish) -> Shelf:
    """New prices, policies and mappings for one life."""
    product = world.books.product()
    extra, seats = (world.books.feature(product, code) for code in (EXTRA, SEATS))
    trial = world.books.policy("trial", product)
    policies = {
        name: world.books.policy(kind, product)
        for name, kind in TYPES.items()
        if name not in SHARED_POLICY
    }
    shelf = Shelf(product, {}, {})
    for name, kind in TYPES.items():
        policy = policies[SHARED_POLICY.get(name, name)]
        wish = dict(once if name in ONCE else recurring)
        if "trial_policy" in wish:
            wish["trial_policy"] = trial.id
        if "seat_feature" in wish:
            wish["seat_feature"] = seats
        if name == WITH_EXTRA:
            wish["features"] = (extra,)
        if kind == "time_limited":
            wish["term_days"] = 365
        details = {"recurring": {"interval": RECURRING[name]}} if name in RECURRING else {}
        price = world.stripe.shop.price(name, 4900, **details)
        world.map(price, policy, **wish)
        shelf.prices[name] = price
        carried = (EXTRA,) if name == WITH_EXTRA else ()
        shelf.offers[price] = Offer(policy.id, kind, Terms(**wish), carried)
    return shelf
