"""The table of what can be listed, read, created and changed, and how. Read this for the routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator import (
    bills,
    catalog,
    checkout,
    discounts,
    disputes,
    entitlements,
    intents,
    invoice_items,
    refunds,
    schedules,
    subscription_requests,
    subscription_updates,
    webhook_endpoints,
)
from simulator.books import Books
from simulator.params import Params
from simulator.updates import update
from simulator.values import Obj

Create = Callable[[Books, Params], Obj]
Update = Callable[[Books, Obj, Params], Obj]
SUBSCRIPTION = "parent.subscription_details.subscription"


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object. `filters`: parameter of the list -> dotted path in the object."""

    kind: str
    path: str
    filters: Mapping[str, str] = field(default_factory=dict)
    create: Create | None = None
    update: Update | None = update
    newest_first: bool = True


RESOURCES = (
    Resource("product", "/v1/products", {"active": "active"}, catalog.create_product),
    Resource(
        "price",
        "/v1/prices",
        {
            "active": "active",
            "currency": "currency",
            "product": "product",
            "type": "type",
            "lookup_keys": "lookup_key",
        },
        catalog.create_price,
    ),
    Resource("customer", "/v1/customers", {"email": "email"}, catalog.create_customer),
    Resource("coupon", "/v1/coupons", create=discounts.create_coupon),
    Resource(
        "checkout.session",
        "/v1/checkout/sessions",
        {
            "customer": "customer",
            "payment_intent": "payment_intent",
            "status": "status",
            "subscription": "subscription",
        },
        checkout.create_session,
    ),
    Resource(
        "payment_intent",
        "/v1/payment_intents",
        {"customer": "customer"},
        intents.create_intent,
    ),
    Resource(
        "charge",
        "/v1/charges",
        {"customer": "customer", "payment_intent": "payment_intent"},
    ),
    Resource(
        "refund",
        "/v1/refunds",
        {"charge": "charge", "payment_intent": "payment_intent"},
        refunds.create_refund,
    ),
    Resource(
        "dispute",
        "/v1/disputes",
        {"charge": "charge", "payment_intent": "payment_intent"},
        update=disputes.update_dispute,
    ),
    Resource(
        "subscription",
        "/v1/subscriptions",
        {"customer": "customer", "status": "status"},
        subscription_requests.create_subscription,
        update=subscription_updates.update_subscription,
    ),
    Resource(
        "subscription_item",
        "/v1/subscription_items",
        {"subscription": "subscription"},
        subscription_requests.create_item,
        update=subscription_requests.update_item,
        newest_first=False,
    ),
    Resource(
        "invoice",
        "/v1/invoices",
        {"customer": "customer", "status": "status", "subscription": SUBSCRIPTION},
        bills.create_invoice,
    ),
    Resource(
        "invoiceitem",
        "/v1/invoiceitems",
        {"customer": "customer", "invoice": "invoice"},
        invoice_items.create_item,
        update=None,
    ),
    Resource(
        "invoice_payment",
        "/v1/invoice_payments",
        {"invoice": "invoice", "status": "status", "payment": "payment"},
        update=None,
    ),
    Resource(
        "subscription_schedule",
        "/v1/subscription_schedules",
        {"customer": "customer"},
        schedules.create_schedule,
        update=schedules.update_schedule,
    ),
    Resource("test_helpers.test_clock", "/v1/test_helpers/test_clocks", update=None),
    Resource(
        "entitlements.feature",
        "/v1/entitlements/features",
        {"lookup_key": "lookup_key"},
        entitlements.create_feature,
    ),
    Resource("event", "/v1/events", {"type": "type"}, update=None),
    Resource(
        "webhook_endpoint",
        "/v1/webhook_endpoints",
        create=webhook_endpoints.create_endpoint,
        update=webhook_endpoints.update_endpoint,
    ),
)
# Lists below an object: the kind of the parent, the list's path, the name of its children.
BELOW = (
    ("checkout.session", "/v1/checkout/sessions/{id}/line_items", "line_items"),
    ("invoice", "/v1/invoices/{id}/lines", "lines"),
    ("customer", "/v1/customers/{id}/balance_transactions", "balance_transactions"),
    ("product", "/v1/products/{id}/features", "features"),
    ("charge", "/v1/charges/{id}/refunds", "refunds"),
)
