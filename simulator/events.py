"""Events, and their thin twins. Where they go is the business of deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from simulator.deliveries import Letter
from simulator.values import API_VERSION, Obj, frozen

if TYPE_CHECKING:
    from simulator.books import Books

PATHS = {
    "checkout.session": "/v1/checkout/sessions",
    "charge": "/v1/charges",
    "coupon": "/v1/coupons",
    "customer": "/v1/customers",
    "discount": "/v1/discounts",
    "dispute": "/v1/disputes",
    "invoice": "/v1/invoices",
    "invoice_payment": "/v1/invoice_payments",
    "invoiceitem": "/v1/invoiceitems",
    "payment_intent": "/v1/payment_intents",
    "price": "/v1/prices",
    "product": "/v1/products",
    "refund": "/v1/refunds",
    "subscription": "/v1/subscriptions",
    "subscription_schedule": "/v1/subscription_schedules",
}


def new_event(books: Books, event_type: str, obj: Obj, previous: Obj | None) -> Obj:
    """A snapshot event in Stripe's form; `account` only for connected accounts."""
    data: Obj = {"object": frozen(obj)}
    if previous is not None:
        data["previous_attributes"] = frozen(previous)
    cause = books.world.cause
    event: Obj = {
        "id": books.new_id("event"),
        "object": "event",
        "api_version": API_VERSION,
        "created": books.now,
        "data": data,
        "livemode": books.livemode,
        "pending_webhooks": sum(one.enabled for one in books.world.outbox.endpoints),
        "request": {"id": cause.request_id, "idempotency_key": cause.idempotency_key},
        "type": event_type,
    }
    return event | {"account": books.account} if books.connected else event


def thin_twin(books: Books, event: Obj) -> Obj:
    """The thin copy of a snapshot event; `snapshot_event` tells that they are one.

    Source: docs.stripe.com/webhooks/migrate-snapshot-to-thin-events
    """
    obj = event["data"]["object"]
    created = datetime.fromtimestamp(event["created"], UTC)
    return {
        "id": books.new_id("v2.core.event"),
        "object": "v2.core.event",
        "type": f"v1.{event['type']}",
        "livemode": event["livemode"],
        "created": created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "context": books.account if books.connected else None,
        "reason": None,
        "related_object": _related(obj),
        "snapshot_event": event["id"],
    }


def _related(obj: Obj) -> Obj | None:
    """None for what can't be read: a summary, which has no id, and an application."""
    if "id" not in obj or obj["object"] not in PATHS:
        return None
    url = f"{PATHS[obj['object']]}/{obj['id']}"
    return {"id": obj["id"], "type": obj["object"], "url": url}


def letters(books: Books, event: Obj) -> list[Letter]:
    """What is posted for an event: the snapshot, its thin twin, or both."""
    switches = books.world.outbox.switches
    bodies = [] if switches.thin_only else [event]
    if switches.thin or switches.thin_only:
        bodies.append(thin_twin(books, event))
    whose = {"livemode": books.livemode, "connected": books.connected}
    return [
        Letter(event["id"], event["type"], msgspec.json.encode(body), **whose) for body in bodies
    ]
