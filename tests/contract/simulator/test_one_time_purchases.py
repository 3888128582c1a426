"""A buyer pays once: what Stripe then has, and which events tell of it."""

from __future__ import annotations

import pytest

from simulator.errors import StripeFault
from simulator.shop import Shop


def told(shop: Shop, start: int = 0) -> list[str]:
    """The types of the events from there on, without those of the catalog."""
    types = [event["type"] for event in shop.events()[start:]]
    return [name for name in types if not name.startswith(("product.", "price."))]


def test_a_purchase_is_told_in_stripes_order(shop: Shop, once: str) -> None:
    """The session comes last, after the money."""
    shop.buy(once)

    assert told(shop) == [
        "customer.created",
        "payment_intent.created",
        "payment_intent.succeeded",
        "charge.succeeded",
        "checkout.session.completed",
    ]


def test_a_paid_session_names_its_payment_and_its_buyer(shop: Shop, once: str) -> None:
    """All ids hang together."""
    bought = shop.buy(once, metadata={"campaign": "spring"}, client_reference_id="user-7")

    session = shop.read(bought.session)
    assert (session["status"], session["payment_status"]) == ("complete", "paid")
    assert (session["payment_intent"], session["customer"]) == (
        bought.payment_intent,
        bought.customer,
    )
    assert (session["amount_total"], session["currency"]) == (4900, "usd")
    assert (session["metadata"], session["client_reference_id"]) == (
        {"campaign": "spring"},
        "user-7",
    )


def test_several_products_and_quantities_are_several_lines(shop: Shop, once: str) -> None:
    """In the order in which they were chosen."""
    viewer = shop.price("Viewer", 1500)

    bought = shop.buy([{"price": once, "quantity": 2}, viewer])

    lines = [shop.read(item) for item in bought.items]
    assert [(line["price"]["id"], line["quantity"], line["amount_total"]) for line in lines] == [
        (once, 2, 9800),
        (viewer, 1, 1500),
    ]
    assert shop.read(bought.session)["amount_total"] == 11300


def test_someone_who_bought_before_stays_the_same_customer(shop: Shop, once: str) -> None:
    """No second customer is made."""
    first = shop.buy(once)

    second = shop.buy(once, customer=first.customer)

    assert second.customer == first.customer
    assert told(shop).count("customer.created") == 1


def test_a_guest_leaves_an_address_but_no_customer(shop: Shop, once: str) -> None:
    """The session alone tells who it was."""
    bought = shop.buy(once, guest=True, email="guest@example.com", name="Gast")

    session = shop.read(bought.session)
    assert (bought.customer, session["customer"]) == (None, None)
    assert session["customer_details"]["email"] == "guest@example.com"
    assert "customer.created" not in told(shop)


def test_a_free_purchase_needs_no_payment(shop: Shop, once: str) -> None:
    """With a coupon of 100 % there is no payment intent, and it is complete all the same."""
    bought = shop.buy(once, discount_percent=100)

    session = shop.read(bought.session)
    assert bought.payment_intent is None
    assert (session["payment_status"], session["amount_total"]) == ("no_payment_required", 0)
    assert session["total_details"]["amount_discount"] == 4900


def test_a_slow_payment_completes_the_session_before_the_money_is_there(
    shop: Shop, once: str
) -> None:
    """`completed` with `unpaid` is no reason to deliver yet."""
    bought = shop.buy(once, unpaid=True)

    assert shop.read(bought.session)["payment_status"] == "unpaid"
    assert told(shop)[-2:] == ["payment_intent.processing", "checkout.session.completed"]


def test_a_slow_payment_arrives(shop: Shop, once: str) -> None:
    """Days later the session is paid, and an event of its own says so."""
    bought = shop.buy(once, unpaid=True)

    shop.settle(bought.session)

    assert shop.read(bought.session)["payment_status"] == "paid"
    assert told(shop)[-3:] == [
        "payment_intent.succeeded",
        "charge.succeeded",
        "checkout.session.async_payment_succeeded",
    ]


def test_a_slow_payment_fails(shop: Shop, once: str) -> None:
    """The session stays unpaid for ever."""
    bought = shop.buy(once, unpaid=True)

    shop.settle(bought.session, succeed=False)

    assert shop.read(bought.session)["payment_status"] == "unpaid"
    assert told(shop)[-1] == "checkout.session.async_payment_failed"


def test_a_payment_settles_only_once(shop: Shop, once: str) -> None:
    """What is paid does not wait for a payment."""
    bought = shop.buy(once)

    with pytest.raises(StripeFault, match="does not wait"):
        shop.settle(bought.session)


def test_a_declined_card_leaves_the_session_open(shop: Shop, once: str) -> None:
    """The buyer may try again; nothing was sold."""
    customer = shop.customer()
    shop.fail_payments(customer)

    bought = shop.buy(once, customer=customer)

    assert shop.read(bought.session)["status"] == "open"
    assert told(shop)[-2:] == ["payment_intent.payment_failed", "charge.failed"]


def test_metadata_of_a_session_does_not_reach_its_payment(shop: Shop, once: str) -> None:
    """Each has its own, as in Stripe."""
    bought = shop.buy(once, metadata={"a": "1"}, inner_metadata={"b": "2"})

    assert shop.read(str(bought.payment_intent))["metadata"] == {"b": "2"}


@pytest.mark.parametrize(
    ("lines", "details", "reason"),
    [
        ([], {}, "at least one line item"),
        (["price_none"], {}, "No such price"),
        (["PRICE"], {"customer": "cus_none"}, "No such customer"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    shop: Shop, once: str, lines: list[str], details: dict[str, str], reason: str
) -> None:
    """With a reason, and without an event."""
    with pytest.raises(StripeFault, match=reason):
        shop.buy([once if line == "PRICE" else line for line in lines], **details)


def test_a_misspelt_detail_is_refused(shop: Shop, once: str) -> None:
    """A story with a typo must not pass."""
    with pytest.raises(ValueError, match="this order can't be placed"):
        shop.buy(once, costumer="cus_1")


def test_a_one_time_checkout_can_not_sell_a_subscription(shop: Shop, monthly: str) -> None:
    """That is what `subscribe` is for."""
    with pytest.raises(StripeFault, match="recurring price"):
        shop.buy(monthly)
