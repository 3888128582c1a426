"""Invoices without a subscription: made, finalized, paid, given up."""

from __future__ import annotations

from typing import Any

import pytest
import stripe as sdk
from stripe import StripeClient

from simulator.shop import Shop

MAY = (1777593600, 1780272000)  # 2026-05-01 and 2026-06-01, UTC


def told(shop: Shop, start: int = 0) -> list[str]:
    """The types of the events from there on, without those of the catalog and the customer."""
    types = [event["type"] for event in shop.events()[start:]]
    return [name for name in types if not name.startswith(("product.", "price.", "customer."))]


def payments_of(client: StripeClient, invoice: str) -> list[tuple[str, Any]]:
    """Status and payment intent of each payment of an invoice."""
    rows = client.v1.invoice_payments.list({"invoice": invoice}).to_dict()["data"]
    return [(row["status"], row["payment"]["payment_intent"]) for row in rows]


def test_an_invoice_goes_the_way_of_the_api(client: StripeClient, shop: Shop, once: str) -> None:
    """Item, draft, final, paid: as a seller's own program bills."""
    customer = shop.customer(email="ada@example.com")
    start = len(shop.events())
    client.v1.invoice_items.create(
        {"customer": customer, "pricing": {"price": once}, "quantity": 2}
    )

    draft = client.v1.invoices.create(
        {"customer": customer, "pending_invoice_items_behavior": "include"}
    )
    opened = client.v1.invoices.finalize_invoice(draft.id)
    paid = client.v1.invoices.pay(draft.id).to_dict()

    assert (draft.status, opened.status, paid["status"]) == ("draft", "open", "paid")
    assert (paid["parent"], paid["billing_reason"], paid["amount_paid"]) == (None, "manual", 9800)
    line = paid["lines"]["data"][0]
    assert line["parent"]["type"] == "invoice_item_details"
    assert line["pricing"]["price_details"]["price"] == once
    assert (line["quantity"], line["amount"], line["description"]) == (2, 9800, "Editor")
    assert told(shop, start) == [
        "invoiceitem.created",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "payment_intent.succeeded",
        "charge.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]


def test_a_story_bills_several_lines_for_a_period(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """All of them carry it; the money went through one payment."""
    viewer = shop.price("Viewer", 1500)

    invoice = shop.invoice(shop.customer(), [{"price": once, "quantity": 2}, viewer], period=MAY)

    lines = client.v1.invoices.line_items.list(invoice).to_dict()["data"]
    assert [(line["amount"], line["period"]) for line in lines] == [
        (9800, {"start": MAY[0], "end": MAY[1]}),
        (1500, {"start": MAY[0], "end": MAY[1]}),
    ]
    assert shop.read(invoice)["amount_paid"] == 11300
    assert [status for status, _ in payments_of(client, invoice)] == ["paid"]


def test_money_that_came_elsewhere_leaves_no_payment(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """`invoice.paid` tells it; `invoice.payment_succeeded` does not come."""
    customer = shop.customer()
    start = len(shop.events())

    invoice = shop.invoice(customer, once, out_of_band=True)

    now = shop.read(invoice)
    assert (now["status"], now["amount_paid_off_stripe"]) == ("paid", 4900)
    assert [status for status, _ in payments_of(client, invoice)] == ["canceled"]
    assert client.v1.charges.list({"customer": customer}).data == []
    assert told(shop, start)[-3:] == [
        "invoice.finalized",
        "payment_intent.canceled",
        "invoice.paid",
    ]


def test_the_api_takes_money_that_came_elsewhere(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """Also of an invoice that is open for a while."""
    invoice = shop.invoice(shop.customer(), once, pay=False)

    paid = client.v1.invoices.pay(invoice, {"paid_out_of_band": True})

    assert (paid.status, shop.read(invoice)["amount_remaining"]) == ("paid", 0)


def test_a_declined_invoice_stays_open(client: StripeClient, shop: Shop, once: str) -> None:
    """Nobody tries again by himself, as it does not advance."""
    customer = shop.customer()
    shop.fail_payments(customer)

    invoice = shop.invoice(customer, once)

    now = shop.read(invoice)
    assert (now["status"], now["attempt_count"], now["next_payment_attempt"]) == ("open", 1, None)
    assert told(shop)[-1] == "invoice.payment_failed"
    with pytest.raises(sdk.CardError):
        client.v1.invoices.pay(invoice)


def test_a_voided_invoice_can_not_be_paid(client: StripeClient, shop: Shop, once: str) -> None:
    """Its payment is canceled with it."""
    invoice = shop.invoice(shop.customer(), once, pay=False)

    client.v1.invoices.void_invoice(invoice)

    assert (shop.read(invoice)["status"], told(shop)[-1]) == ("void", "invoice.voided")
    assert [status for status, _ in payments_of(client, invoice)] == ["canceled"]
    with pytest.raises(sdk.InvalidRequestError, match="is void"):
        client.v1.invoices.pay(invoice)


def test_what_was_given_up_may_still_be_paid(client: StripeClient, shop: Shop, once: str) -> None:
    """Uncollectible is the seller's word, not the end."""
    invoice = shop.invoice(shop.customer(), once, pay=False)
    client.v1.invoices.mark_uncollectible(invoice)
    given_up = (shop.read(invoice)["status"], told(shop)[-1])

    client.v1.invoices.pay(invoice)

    assert given_up == ("uncollectible", "invoice.marked_uncollectible")
    assert shop.read(invoice)["status"] == "paid"


def test_a_paid_invoice_can_not_be_voided(client: StripeClient, shop: Shop, once: str) -> None:
    """It has to be refunded."""
    invoice = shop.invoice(shop.customer(), once)

    with pytest.raises(sdk.InvalidRequestError, match="can't be voided"):
        client.v1.invoices.void_invoice(invoice)


def test_a_paid_invoice_can_be_refunded(client: StripeClient, shop: Shop, once: str) -> None:
    """Through the payment that its invoice payment names; the invoice stays paid."""
    invoice = shop.invoice(shop.customer(), once)
    ((_, intent),) = payments_of(client, invoice)

    shop.refund(payment_intent=intent)

    (charge,) = client.v1.charges.list({"payment_intent": intent}).data
    assert (charge.refunded, shop.read(invoice)["status"]) == (True, "paid")


def test_what_costs_nothing_is_paid_when_it_is_final(shop: Shop) -> None:
    """Without a payment intent."""
    free = shop.price("Gift", 0)

    invoice = shop.invoice(shop.customer(), free, pay=False)

    assert shop.read(invoice)["status"] == "paid"
    assert "payment_intent.created" not in told(shop)


def test_what_is_paid_can_not_be_paid_again(client: StripeClient, shop: Shop, once: str) -> None:
    """Neither by card nor elsewhere."""
    invoice = shop.invoice(shop.customer(), once)

    with pytest.raises(sdk.InvalidRequestError, match="is paid"):
        client.v1.invoices.pay(invoice)
    with pytest.raises(sdk.InvalidRequestError, match="is paid"):
        client.v1.invoices.pay(invoice, {"paid_out_of_band": True})


def test_an_amount_alone_can_be_billed(client: StripeClient, shop: Shop) -> None:
    """A line without a price."""
    customer = shop.customer()
    draft = client.v1.invoices.create({"customer": customer, "currency": "eur"})
    client.v1.invoice_items.create(
        {"customer": customer, "invoice": draft.id, "amount": 700, "currency": "eur"}
    )

    line = client.v1.invoices.line_items.list(draft.id).data[0].to_dict()

    assert (line["amount"], line["pricing"]["price_details"]) == (700, None)


def test_a_subscriptions_price_is_no_invoice_item(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """It can only be subscribed to."""
    given: Any = {"customer": shop.customer(), "pricing": {"price": monthly}}

    with pytest.raises(sdk.InvalidRequestError, match="one_time"):
        client.v1.invoice_items.create(given)


def test_an_invoice_that_advances_is_collected_by_itself(
    client: StripeClient, shop: Shop, once: str, stripe: Any
) -> None:
    """An hour as a draft, then paid."""
    customer = shop.customer()
    draft = client.v1.invoices.create({"customer": customer, "auto_advance": True})
    client.v1.invoice_items.create(
        {"customer": customer, "invoice": draft.id, "pricing": {"price": once}}
    )

    stripe.advance(seconds=3600)

    assert client.v1.invoices.retrieve(draft.id).status == "paid"


def test_a_typo_in_a_story_is_refused(shop: Shop, once: str) -> None:
    """With the word that is wrong."""
    with pytest.raises(ValueError, match="outofband"):
        shop.invoice(shop.customer(), once, outofband=True)
