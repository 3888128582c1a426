"""How subscriptions end, and how an end is taken back."""

from __future__ import annotations

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe
from tests.contract.simulator.test_subscriptions import at

START = at("2026-01-31T12:00:00")


def ends(shop: Shop, subscription: str) -> dict[str, object]:
    """All that a subscription says about its end."""
    found = shop.read(subscription)
    names = ("status", "cancel_at", "cancel_at_period_end", "canceled_at", "ended_at")
    reason = found["cancellation_details"]["reason"]
    return {name: found[name] for name in names} | {"reason": reason}


def test_a_subscription_may_end_at_any_moment_to_come(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """It renews until then."""
    rented = str(shop.subscribe(monthly).subscription)
    end = at("2026-04-10T00:00:00")

    client.v1.subscriptions.update(rented, {"cancel_at": end})
    asked = ends(shop, rented)
    stripe.advance(to=end)

    assert asked == {
        "status": "active",
        "cancel_at": end,
        "cancel_at_period_end": False,
        "canceled_at": START,
        "ended_at": None,
        "reason": "cancellation_requested",
    }
    assert ends(shop, rented) == asked | {"status": "canceled", "ended_at": end}
    assert len([one for one in shop.books.all("invoice") if one["status"] == "paid"]) == 3


def test_an_end_at_a_moment_can_be_taken_back(
    client: StripeClient, shop: Shop, stripe: Stripe, monthly: str
) -> None:
    """Then nothing is left of it."""
    rented = str(shop.subscribe(monthly).subscription)
    shop.cancel_at(rented, "2026-04-10T00:00:00Z")

    client.v1.subscriptions.update(rented, {"cancel_at": ""})
    stripe.advance(days=90)

    assert ends(shop, rented) == {
        "status": "active",
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "ended_at": None,
        "reason": None,
    }


def test_the_end_of_the_longest_period_can_be_named(
    client: StripeClient, shop: Shop, monthly: str, yearly: str
) -> None:
    """And that of the shortest."""
    rented = str(shop.subscribe([monthly, yearly]).subscription)

    client.v1.subscriptions.update(rented, {"cancel_at": "max_period_end"})
    longest = shop.read(rented)["cancel_at"]
    client.v1.subscriptions.update(rented, {"cancel_at": "min_period_end"})

    assert (longest, shop.read(rented)["cancel_at"]) == (
        at("2027-01-31T12:00:00"),
        at("2026-02-28T12:00:00"),
    )


@pytest.mark.parametrize("with_period", [True, False])
def test_a_buyer_who_stays_after_all_is_kept(
    shop: Shop, stripe: Stripe, monthly: str, with_period: bool
) -> None:
    """However the end was asked for; and a second change of mind counts too."""
    rented = str(shop.subscribe(monthly).subscription)
    if with_period:
        shop.cancel(rented, at_period_end=True)
    else:
        shop.cancel_at(rented, "2026-02-10T00:00:00Z")

    shop.uncancel(rented)
    stripe.advance(days=35)
    kept = ends(shop, rented)
    shop.cancel(rented, at_period_end=True)

    assert (kept["status"], kept["cancel_at"]) == ("active", None)
    assert ends(shop, rented)["cancel_at"] == at("2026-03-31T12:00:00")


def test_a_subscription_canceled_now_keeps_what_is_paid(shop: Shop, monthly: str) -> None:
    """No money goes back, and what was asked for earlier is still said."""
    rented = shop.subscribe(monthly)

    shop.cancel(str(rented.subscription))

    assert ends(shop, str(rented.subscription)) == {
        "status": "canceled",
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": START,
        "ended_at": START,
        "reason": "cancellation_requested",
    }
    assert shop.read(str(rented.invoice))["status"] == "paid"


def test_a_buyer_can_say_why_also_after_the_end(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """A canceled subscription still takes words, but no change of what is billed."""
    rented = str(shop.subscribe(monthly).subscription)
    shop.cancel(rented)

    details = {"comment": "Too many features", "feedback": "too_complex"}
    client.v1.subscriptions.update(rented, {"cancellation_details": details})  # type: ignore[arg-type]

    assert shop.read(rented)["cancellation_details"] == {
        **details,
        "reason": "cancellation_requested",
    }
    with pytest.raises(sdk.InvalidRequestError, match="has ended"):
        client.v1.subscriptions.update(rented, {"cancel_at": at("2026-04-10T00:00:00")})


def test_a_moment_that_has_passed_can_not_be_an_end(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """To end it now, it is canceled."""
    rented = str(shop.subscribe(monthly).subscription)

    with pytest.raises(sdk.InvalidRequestError, match="in the future"):
        client.v1.subscriptions.update(rented, {"cancel_at": START})
    with pytest.raises(sdk.InvalidRequestError, match="Invalid timestamp"):
        client.v1.subscriptions.update(rented, {"cancel_at": "someday"})
