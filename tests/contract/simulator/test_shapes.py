"""Every object has at least the keys of Stripe's newest published example of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.shop import Shop

EXAMPLES = "fixtures/stripe-openapi/fixtures3.json"
# Keys of the examples that the API itself leaves out, with the reason.
LEFT_OUT = {
    "charge": {"refunds"},  # sent only on demand
    "invoice": {"subscription"},  # gone since basil: `parent.subscription_details` has it
}


@pytest.fixture(scope="module")
def examples(handbook: Path) -> dict[str, Any]:
    text = (handbook / EXAMPLES).read_text()
    resources: dict[str, Any] = json.loads(text)["resources"]
    return resources


@pytest.fixture
def objects(shop: Shop, once: str, monthly: str) -> dict[str, dict[str, Any]]:
    """One object of each kind, after a purchase, a subscription and a refund."""
    bought, rented = shop.buy(once), shop.subscribe(monthly)
    refund = shop.refund(payment_intent=bought.payment_intent)
    price = shop.read(once)
    intent = shop.read(str(bought.payment_intent))
    subscription = shop.read(str(rented.subscription))
    invoice = shop.read(str(rented.invoice))
    payments = shop.books.children(invoice["id"], "payments")
    shop.invoice(str(rented.customer), once)
    coupon = shop.coupon(50, "forever")
    discount = shop.discount(str(rented.subscription), coupon)
    feature = shop.feature("export", "Export")
    shop.attach_feature(shop.read(monthly)["product"], feature)
    shop.credit(str(bought.customer), 100)
    found = [
        price,
        intent,
        subscription,
        invoice,
        payments[0],
        invoice["lines"]["data"][0],
        subscription["items"]["data"][0],
        shop.read(refund),
        shop.read(price["product"]),
        shop.read(intent["latest_charge"]),
        shop.read(bought.session),
        shop.read(bought.items[0]),
        shop.read(str(bought.customer)),
        shop.events()[0],
        shop.read(shop.dispute(shop.payment_intent(100), warning=True)),
        shop.read(coupon),
        shop.read(discount),
        shop.read(feature),
        shop.books.all("invoiceitem")[0],
        shop.books.all("product_feature")[0],
        shop.books.all("entitlements.active_entitlement")[0],
        shop.books.all("customer_balance_transaction")[0],
    ]
    return {one["object"]: one for one in found}


KINDS = (
    "charge",
    "checkout.session",
    "coupon",
    "customer",
    "customer_balance_transaction",
    "discount",
    "dispute",
    "entitlements.active_entitlement",
    "entitlements.feature",
    "event",
    "invoice",
    "invoice_payment",
    "invoiceitem",
    "item",
    "line_item",
    "payment_intent",
    "price",
    "product",
    "product_feature",
    "refund",
    "subscription",
    "subscription_item",
)


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_has_every_key_of_the_published_example(
    kind: str, objects: dict[str, dict[str, Any]], examples: dict[str, Any]
) -> None:
    """Code that reads a field of the real API finds it here too."""
    wanted = set(examples[kind]) - LEFT_OUT.get(kind, set())

    assert wanted - set(objects[kind]) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_is_of_the_published_kind_unless_it_is_empty(
    kind: str, objects: dict[str, dict[str, Any]], examples: dict[str, Any]
) -> None:
    """A list stays a list and a number a number."""
    ours, theirs = objects[kind], examples[kind]

    wrong = {
        name
        for name, example in theirs.items()
        if example is not None
        and ours.get(name) is not None
        and not isinstance(ours[name], type(example))
    }

    assert wrong == set()


def test_an_account_has_every_key_of_the_published_example(
    http: Any, examples: dict[str, Any]
) -> None:
    """`GET /v1/account` is what checks of a key read."""
    account = http.get("/v1/account").json()

    assert set(examples["account"]) - set(account) == set()


def test_a_webhook_endpoint_has_every_key_of_the_published_example(
    http: Any, examples: dict[str, Any]
) -> None:
    """So that a tool that sets up endpoints can be tried here."""
    form = {"url": "http://127.0.0.1:9/hook", "enabled_events[]": "invoice.paid"}

    endpoint = http.post("/v1/webhook_endpoints", data=form).json()

    assert set(examples["webhook_endpoint"]) - set(endpoint) == set()
