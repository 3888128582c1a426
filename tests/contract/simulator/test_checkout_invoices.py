"""A checkout that writes an invoice for what was paid once."""

from __future__ import annotations

from typing import Any

from stripe import StripeClient

from simulator.shop import Shop


def test_a_paid_checkout_leaves_a_paid_invoice(client: StripeClient, shop: Shop, once: str) -> None:
    """Without a subscription, and with the checkout's own payment."""
    bought = shop.buy([{"price": once, "quantity": 2}], invoice_creation=True)

    session = client.v1.checkout.sessions.retrieve(bought.session, {"expand": ["invoice"]})
    invoice = session.to_dict()["invoice"]
    assert (session.subscription, invoice["parent"]) == (None, None)
    assert (invoice["status"], invoice["amount_paid"]) == ("paid", 9800)
    payments = client.v1.invoice_payments.list({"invoice": invoice["id"]}).to_dict()["data"]
    assert [row["payment"]["payment_intent"] for row in payments] == [bought.payment_intent]
    assert [line["pricing"]["price_details"]["price"] for line in invoice["lines"]["data"]] == [
        once
    ]


def test_the_invoice_is_there_before_the_checkout_is_told(shop: Shop, once: str) -> None:
    """So that whoever hears of the session finds it."""
    shop.buy(once, invoice_creation=True)

    types = [event["type"] for event in shop.events()]
    assert types[-5:] == [
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "checkout.session.completed",
    ]
    assert types.count("payment_intent.created") == 1


def test_a_slow_payment_leaves_its_invoice_when_it_arrives(shop: Shop, once: str) -> None:
    """And none while it is under way."""
    bought = shop.buy(once, invoice_creation=True, unpaid=True)
    before = shop.read(bought.session)["invoice"]

    shop.settle(bought.session)

    assert before is None
    assert shop.read(shop.read(bought.session)["invoice"])["status"] == "paid"


def test_a_checkout_over_nothing_leaves_an_invoice_without_a_payment(shop: Shop, once: str) -> None:
    """Its session names it; by a payment it can't be found."""
    bought = shop.buy(once, invoice_creation=True, discount_percent=100)

    invoice = shop.read(str(bought.invoice))
    assert (invoice["status"], invoice["amount_due"], bought.payment_intent) == ("paid", 0, None)
    assert [*shop.books.all("invoice_payment")] == []


def test_a_guest_who_gets_an_invoice_becomes_a_customer(shop: Shop, once: str) -> None:
    """An invoice is always somebody's."""
    bought = shop.buy(once, invoice_creation=True, guest=True)

    assert shop.read(str(bought.invoice))["customer"] == bought.customer


def test_a_coupon_at_the_checkout_is_on_the_invoice_too(shop: Shop, once: str) -> None:
    """The same sum on both."""
    bought = shop.buy(once, invoice_creation=True, coupon=shop.coupon(25))

    session, invoice = shop.read(bought.session), shop.read(str(bought.invoice))
    assert (session["amount_total"], invoice["total"], invoice["subtotal"]) == (3675, 3675, 4900)
    assert [row["amount"] for row in invoice["total_discount_amounts"]] == [1225]


def test_a_session_can_ask_for_an_invoice_through_the_api(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """As a seller's page does."""
    given: dict[str, Any] = {
        "mode": "payment",
        "line_items": [{"price": once, "quantity": 1}],
        "invoice_creation": {"enabled": True},
    }
    session = client.v1.checkout.sessions.create(given)  # type: ignore[arg-type]

    paid = shop.pay(session.id)

    assert shop.read(str(paid.invoice))["status"] == "paid"
