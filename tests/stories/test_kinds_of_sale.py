"""One-time checkouts: paid, free, slow, abandoned, by guests, and told by several at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from shared.clock import SystemClock
from shared.keys import SaleKey, StripeId
from shared.tables import events
from simulator.orders import Purchase
from tests.worlds.ending import Ending, deeds, ending, notes
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town, wait_until
from tests.worlds.world import make_deps
from worker.errors import LeaseBusy
from worker.reconcile import reconcile_now

LICENSED = Ending(["active for ever"], ["paid"], [], [1], [])
NOTHING = Ending([], [], [], [], [])
AT_ONCE = 4  # people at the same sale


def abandoned(town: Town, price: str) -> Purchase:
    """A buyer whose card is declined leaves an open checkout behind."""
    customer = town.stripe.shop.customer(email="ada@example.com")
    town.stripe.shop.fail_payments(customer)
    return town.stripe.shop.buy(price, customer=customer)


@pytest.mark.parametrize("way", ["paid", "free", "full coupon"])
def test_pain_12_what_is_paid_and_what_costs_nothing_is_licensed_alike(
    town: Town, way: str
) -> None:
    """`paid` and `no_payment_required` are one; no amount is looked at."""
    price, policy = town.world.price()
    free = town.stripe.shop.price("Gift", 0)
    town.world.map(free, policy)
    sold = {"paid": (price, 0), "free": (free, 0), "full coupon": (price, 100)}

    bought, percent = sold[way]
    sale = town.stripe.shop.buy(bought, discount_percent=percent)
    town.settle()

    assert ending(town, policy, sale.session) == LICENSED
    assert notes(town) == [
        f"{sale.session} is complete and {'paid' if way == 'paid' else 'no payment required'}"
    ]


def test_pain_13_a_slow_payment_is_awaited_and_licensed_when_it_arrives(town: Town) -> None:
    """The finished checkout parks; nobody has to look at it meanwhile."""
    price, policy = town.world.price()
    sale = town.stripe.shop.buy(price, unpaid=True)
    town.settle()
    assert ending(town, policy, sale.session) == NOTHING
    assert notes(town) == [f"{sale.session} awaits its payment; Stripe tells when it came"]

    town.stripe.shop.settle(sale.session)
    town.settle()

    assert ending(town, policy, sale.session) == LICENSED
    assert notes(town)[1:] == [f"{sale.session} is complete and paid"]


def test_pain_13_a_slow_payment_that_fails_closes_the_sale(town: Town) -> None:
    """Nothing was issued before the money, so nothing has to be taken back."""
    price, policy = town.world.price()
    sale = town.stripe.shop.buy(price, unpaid=True)
    town.settle()

    town.stripe.shop.settle(sale.session, succeed=False)
    town.settle()

    assert ending(town, policy, sale.session) == NOTHING
    assert town.world.books.customers() == []
    assert notes(town)[1:] == [f"the payment of {sale.session} failed"]


def test_pain_13_a_checkout_that_expires_closes_the_sale(town: Town) -> None:
    """An open checkout sells nothing, and an expired one never will."""
    price, policy = town.world.price()
    sale = abandoned(town, price)
    town.settle()

    town.stripe.shop.expire(sale.session)
    town.settle()

    assert ending(town, policy, sale.session) == NOTHING
    assert notes(town) == [f"{sale.session} expired before it was paid"]


def test_a_buyer_whose_second_card_works_is_licensed(town: Town) -> None:
    """What was declined before leaves no trace in the license."""
    price, policy = town.world.price()
    sale = abandoned(town, price)
    town.settle()

    town.stripe.shop.unfail(str(sale.customer))
    town.stripe.shop.pay(sale.session)
    town.settle()

    assert ending(town, policy, sale.session) == LICENSED


def look_at(town: Town, key: SaleKey) -> None:
    """As `fulfill reconcile` does; while another is at the sale, it is left to them."""
    deps = make_deps(town.world.engine, town.world.stripe_url, town.world.books.url, SystemClock())
    with suppress(LeaseBusy):
        reconcile_now(key, deps)
    deps.close()


def test_pain_02_webhook_retry_and_reconcile_at_the_same_moment_license_once(
    quiet_town: Town,
) -> None:
    """Two workers, a person with `fulfill retry` and four with `fulfill reconcile`: one license."""
    town = quiet_town
    price, policy = town.world.price()
    town.start_worker()
    town.start_worker()
    town.stripe.switch(duplicate=3, shuffle=True, latency_seconds=0.03)

    sale = town.stripe.shop.buy(price)
    key = SaleKey("", False, "checkout_session", StripeId(sale.session))
    (completed,) = [
        one["id"]
        for one in town.world.events(sale.session)
        if one["type"] == "checkout.session.completed"
    ]
    with ThreadPoolExecutor(AT_ONCE) as people:
        looks = [people.submit(look_at, town, key) for _ in range(2 * AT_ONCE)]
        wait_until(
            lambda: completed in {row.event_id for row in town.world.rows(events)},
            "the checkout is told",
        )
        retried = town.fulfill("retry", completed)
        for look in looks:
            look.result()
    town.settle_after_failures()  # a look that found the sale busy leaves it to the next sweep

    assert retried.exit_code == 0, retried.output
    assert ending(town, policy, sale.session) == LICENSED
    assert deeds(town) == ["issue for ever"]
    assert set(town.world.passes()) <= {"applied", "settled"}
    assert town.world.passes().count("applied") == 1


def buyers(town: Town, policy: Policy) -> list[str]:
    """The Stripe id by which LicenseKit knows the holder of each license."""
    codes = {one["id"]: str(one["code"]) for one in town.world.books.customers()}
    return sorted(codes[one["customer_id"]] for one in town.world.books.licenses(policy.product_id))


def test_pain_14_guests_are_known_by_their_checkout_and_never_by_their_address(town: Town) -> None:
    """Two guests and a customer with one e-mail are three, whoever came first."""
    price, policy = town.world.price()
    guest, customer, other = (
        town.stripe.shop.buy(price, guest=guest, email="office@example.com")
        for guest in (True, False, True)
    )
    town.settle()

    ends = [ending(town, policy, sale.session) for sale in (guest, customer, other)]

    three = ["active for ever"] * 3
    assert [(one.licenses, one.orders) for one in ends] == [(three, ["paid"] * 3)] * 3
    assert sorted(name for one in ends for name in one.named) == [1, 2, 3]
    assert (guest.customer, other.customer) == (None, None)
    assert buyers(town, policy) == sorted([guest.session, str(customer.customer), other.session])
    assert {one["email"] for one in town.world.books.customers()} == {"office@example.com"}
    assert town.world.problems() == []
