"""The reads by which a fulfillment finds a sale from a charge, a refund or a dispute."""

from __future__ import annotations

from stripe import StripeClient

from simulator.shop import Shop
from simulator.stripe import Stripe


def test_charges_of_a_buyer_are_found_since_a_moment(
    client: StripeClient, stripe: Stripe, shop: Shop, once: str
) -> None:
    """With the payment intents that they paid."""
    buyer = str(shop.buy(once).customer)
    since = stripe.advance(days=1)
    later = shop.buy(once, customer=buyer)
    shop.buy(once)

    found = client.v1.charges.list(
        {"customer": buyer, "created": {"gte": since}, "expand": ["data.payment_intent"]}
    ).to_dict()

    assert [one["payment_intent"]["id"] for one in found["data"]] == [later.payment_intent]


def test_a_payment_intent_comes_with_buyer_and_charge(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """In one call."""
    bought = shop.buy(once)

    intent = client.v1.payment_intents.retrieve(
        str(bought.payment_intent), {"expand": ["customer", "latest_charge"]}
    ).to_dict()

    assert intent["customer"]["id"] == bought.customer
    assert intent["latest_charge"]["payment_intent"] == bought.payment_intent


def test_the_session_of_a_payment_is_found(client: StripeClient, shop: Shop, once: str) -> None:
    """And no other."""
    bought = shop.buy(once)
    shop.buy(once)

    found = client.v1.checkout.sessions.list({"payment_intent": str(bought.payment_intent)}).data

    assert [one.id for one in found] == [bought.session]


def test_the_invoice_of_a_payment_is_found(client: StripeClient, shop: Shop, monthly: str) -> None:
    """Through its invoice payment, which names both."""
    rented = shop.subscribe(monthly)
    shop.subscribe(monthly)
    (charge,) = client.v1.charges.list({"customer": str(rented.customer)}).data

    found = client.v1.invoice_payments.list(
        {
            "payment": {"type": "payment_intent", "payment_intent": str(charge.payment_intent)},
            "expand": ["data.invoice"],
        }
    ).to_dict()

    assert [one["invoice"]["id"] for one in found["data"]] == [rented.invoice]


def test_an_invoice_comes_with_buyer_and_payments(
    client: StripeClient, shop: Shop, monthly: str
) -> None:
    """And all its lines are a list of their own."""
    rented = shop.subscribe(monthly)
    invoice = str(rented.invoice)

    found = client.v1.invoices.retrieve(invoice, {"expand": ["customer", "payments"]}).to_dict()
    lines = client.v1.invoices.line_items.list(invoice).data

    assert found["customer"]["email"] == "buyer@example.com"
    assert [one["status"] for one in found["payments"]["data"]] == ["paid"]
    assert [line.pricing.price_details.price for line in lines] == [monthly]  # type: ignore[union-attr]


def test_a_price_comes_with_its_product_and_tiers(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """A price by the unit has no tiers."""
    price = client.v1.prices.retrieve(once, {"expand": ["product", "tiers"]}).to_dict()

    assert (price["product"]["name"], price["tiers"]) == ("Editor", None)


def test_the_prices_on_sale_are_listed_page_by_page(client: StripeClient, shop: Shop) -> None:
    """Each with its product; what is archived is not among them."""
    for number in range(5):
        shop.price(f"Editor {number}", 100)
    shop.archive(shop.price("Old", 100))
    wanted: dict[str, object] = {"active": True, "limit": 2, "expand": ["data.product"]}

    names = [
        price.to_dict()["product"]["name"]
        for price in client.v1.prices.list(wanted).auto_paging_iter()  # type: ignore[arg-type]
    ]

    assert names == [f"Editor {number}" for number in (4, 3, 2, 1, 0)]


def test_refunds_of_a_sale_are_listed_page_by_page(
    client: StripeClient, shop: Shop, once: str
) -> None:
    """By charge and by payment intent."""
    intent = str(shop.buy(once).payment_intent)
    made = [shop.refund(payment_intent=intent, amount=100) for _ in range(3)]
    charge = shop.read(intent)["latest_charge"]

    first = client.v1.refunds.list({"charge": charge, "limit": 2})
    rest = client.v1.refunds.list({"payment_intent": intent, "starting_after": first.data[1].id})

    assert ([one.id for one in first.data], first.has_more) == (made[:0:-1], True)
    assert ([one.id for one in rest.data], rest.has_more) == (made[:1], False)
