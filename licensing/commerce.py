"""Orders and subscriptions: facts of another system, kept as they were written.

Nothing is billed, prorated or derived here; only links and periods are checked.
Source: licensekit.dev/docs/integration/orders-and-subscriptions.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from licensing import records
from licensing.bodies import (
    OrderCreate,
    OrderUpdate,
    SubscriptionCreate,
    SubscriptionUpdate,
    given,
    linked,
)
from licensing.call import Call, Data
from licensing.errors import invalid
from licensing.records import Row
from licensing.tables import customers, orders, products, subscriptions


def list_subscriptions(call: Call) -> list[Data]:
    return records.newest_of_parent(call, subscriptions)


def create_subscription(call: Call, body: SubscriptionCreate) -> Data:
    product = records.find(call, products, call.id)
    values = linked(given(body), "customer_id") | {"product_id": product["id"]}
    _check_subscription(call, values)
    row = records.create(call, subscriptions, "sub", values)
    return records.present(subscriptions, row)


def get_subscription(call: Call) -> Data:
    return records.present(subscriptions, records.find(call, subscriptions, call.id))


def update_subscription(call: Call, body: SubscriptionUpdate) -> Data:
    """An empty customer_id clears the link; leaving `canceled` clears canceled_at."""
    stored = records.find(call, subscriptions, call.id, lock=True)
    values = linked(given(body), "customer_id")
    if values.get("status", "canceled") != "canceled":
        values.setdefault("canceled_at", None)
    _check_subscription(call, stored | values)
    row = records.change(call, subscriptions, call.id, values)
    return records.present(subscriptions, row)


def list_orders(call: Call) -> list[Data]:
    return records.newest_of_parent(call, orders)


def create_order(call: Call, body: OrderCreate) -> Data:
    product = records.find(call, products, call.id)
    values = linked(given(body), "customer_id", "subscription_id")
    values["product_id"] = product["id"]
    _check_order(call, values)
    return records.present(orders, records.create(call, orders, "ord", values))


def get_order(call: Call) -> Data:
    return records.present(orders, records.find(call, orders, call.id))


def update_order(call: Call, body: OrderUpdate) -> Data:
    """An empty customer_id or subscription_id clears the link."""
    stored = records.find(call, orders, call.id, lock=True)
    values = linked(given(body), "customer_id", "subscription_id")
    _check_order(call, stored | values)
    return records.present(orders, records.change(call, orders, call.id, values))


def require_origin(call: Call, product_id: str, values: Row) -> Row:
    """The order and subscription of a license, checked; the subscription inferred from the order.

    Raises a 404 for an unknown one and a 422 when they belong to another product or don't match.
    """
    order = _in_product(call, orders, values.get("order_id"), product_id)
    subscription = _in_product(call, subscriptions, values.get("subscription_id"), product_id)
    inferred = order["subscription_id"] if order else None
    if subscription and inferred and subscription["id"] != inferred:
        raise invalid("the order belongs to another subscription than subscription_id")
    return {
        "order_id": order["id"] if order else None,
        "subscription_id": subscription["id"] if subscription else inferred,
    }


def _check_subscription(call: Call, values: Row) -> None:
    _in_product(call, customers, values.get("customer_id"))
    if values["current_period_end"] < values["current_period_start"]:
        raise invalid("current_period_end must not be before current_period_start")
    if values.get("canceled_at") and values["status"] != "canceled":
        raise invalid("canceled_at is allowed only with status canceled")


def _check_order(call: Call, values: Row) -> None:
    _in_product(call, customers, values.get("customer_id"))
    _in_product(call, subscriptions, values.get("subscription_id"), values["product_id"])
    start, end = values.get("period_start"), values.get("period_end")
    if (start is None) != (end is None):
        raise invalid("period_start and period_end must be given together")
    if start and end and end < start:
        raise invalid("period_end must not be before period_start")


def _in_product(
    call: Call, table: sa.Table, key: str | None, product_id: str | None = None
) -> dict[str, Any] | None:
    if not key:
        return None
    row = records.find(call, table, key)
    if product_id is not None and row["product_id"] != product_id:
        raise invalid(f"the {records.name_of(table)} belongs to another product")
    return row
