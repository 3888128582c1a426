"""All that happens to money happens on connected accounts too, and their events name them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe

THEIRS: sdk.RequestOptions = {"stripe_account": "acct_2"}


@pytest.fixture
def theirs(stripe: Stripe) -> Shop:
    """The shop of a seller who is connected to us."""
    return stripe.shop_of("acct_2")


def dispute_and_win(shop: Shop) -> None:
    bought = shop.buy(shop.price("Editor", 4900))
    shop.close_dispute(shop.dispute(bought.payment_intent), "won")


def refund_and_fail(shop: Shop) -> None:
    bought = shop.buy(shop.price("Editor", 4900))
    shop.fail_refund(shop.refund(payment_intent=bought.payment_intent))


def bill_and_give_up(shop: Shop) -> None:
    customer, price = shop.customer(), shop.price("Editor", 4900)
    shop.invoice(customer, price)
    shop.void_invoice(shop.invoice(customer, price, pay=False))
    shop.give_up_invoice(shop.invoice(customer, price, pay=False))


def pay_without_checkout(shop: Shop) -> None:
    shop.payment_intent(4900, outcome="canceled")


def subscribe_with_features_and_leave(shop: Shop) -> None:
    price = shop.price("Plan", 900, recurring={"interval": "month"})
    shop.attach_feature(shop.read(price)["product"], shop.feature("export", "Export"))
    rented = shop.subscribe(price, coupon=shop.coupon(100))
    shop.credit(str(rented.customer), 500)
    shop.rename(shop.read(price)["product"], "Plan Pro")
    shop.archive(price)
    shop.delete_customer(str(rented.customer))


@pytest.mark.parametrize(
    "story",
    [
        dispute_and_win,
        refund_and_fail,
        bill_and_give_up,
        pay_without_checkout,
        subscribe_with_features_and_leave,
    ],
)
def test_a_story_of_a_connected_account_stays_in_its_books(
    stripe: Stripe, theirs: Shop, story: Callable[[Shop], None]
) -> None:
    """Each of its events names it, and our own books stay empty."""
    story(theirs)

    assert {event["account"] for event in theirs.events()} == {"acct_2"}
    assert stripe.shop.events() == []
    assert stripe.shop.books.dump()["objects"].keys() == set()


def test_what_a_connected_account_sold_is_read_in_its_name(
    client: StripeClient, theirs: Shop
) -> None:
    """And nobody else's name."""
    bought = theirs.buy(theirs.price("Editor", 4900))
    dispute = theirs.dispute(bought.payment_intent)
    intent = str(bought.payment_intent)

    found = client.v1.disputes.list({"payment_intent": intent}, THEIRS).data

    assert [one.id for one in found] == [dispute]
    assert client.v1.disputes.list({"payment_intent": intent}).data == []
    with pytest.raises(sdk.InvalidRequestError, match="No such dispute"):
        client.v1.disputes.retrieve(dispute)


def test_a_connected_account_can_be_billed_through_the_api(
    client: StripeClient, theirs: Shop
) -> None:
    """The draft, the item and the payment are all theirs."""
    customer, price = theirs.customer(), theirs.price("Editor", 4900)
    draft = client.v1.invoices.create({"customer": customer}, THEIRS)
    client.v1.invoice_items.create(
        {"customer": customer, "invoice": draft.id, "pricing": {"price": price}}, THEIRS
    )

    paid = client.v1.invoices.pay(draft.id, {}, THEIRS)

    assert (paid.status, paid.amount_paid) == ("paid", 4900)
    assert theirs.read(draft.id)["status"] == "paid"
