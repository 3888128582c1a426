"""A subscription as Stripe has it now, for a dashboard view. Pure: facts in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from console.fulfillments.values import stamp

Facts = Mapping[str, Any]
CHARGED = ("active", "trialing", "past_due")  # in the other statuses no charge is to come


def subscription_json(facts: Facts, category: str | None) -> dict[str, Any]:
    """`category` is one of the four plan categories; None where nobody can tell yet."""
    return {
        "id": facts["id"],
        "status": facts["status"],
        "customer": _id(facts["customer"]),
        "payment_instrument": _instrument(facts),
        "items": [_item(item) for item in facts["items"]["data"]],
        "renewal_anchor": _moment(facts.get("billing_cycle_anchor")),
        "next_charge_at": _moment(_next_charge(facts)),
        "trial": _trial(facts),
        "plan_category": category,
        "scheduled_change": _scheduled(facts),
    }


def _instrument(facts: Facts) -> dict[str, Any] | None:
    """The subscription's own payment method, else the customer's usual one; never a number."""
    customer = facts["customer"] if isinstance(facts["customer"], Mapping) else {}
    usual = (customer.get("invoice_settings") or {}).get("default_payment_method")
    method = facts.get("default_payment_method") or usual
    if not isinstance(method, Mapping):
        return None
    card = method.get("card") or {}
    return {
        "type": method.get("type"),
        "brand": card.get("brand"),
        "last4": card.get("last4") or (method.get(str(method.get("type"))) or {}).get("last4"),
    }


def _item(item: Facts) -> dict[str, Any]:
    price = item["price"]
    product = price.get("product")
    recurring = price.get("recurring") or {}
    return {
        "id": item["id"],
        "price": price["id"],
        "plan": price.get("nickname") or _name(product) or price["id"],
        "product": _id(product),
        "unit_amount": price.get("unit_amount"),
        "currency": price.get("currency"),
        "interval": recurring.get("interval"),
        "interval_count": recurring.get("interval_count"),
        "quantity": item.get("quantity"),
        "period_start": _moment(item.get("current_period_start")),
        "period_end": _moment(item.get("current_period_end")),
    }


def _next_charge(facts: Facts) -> int | None:
    """The first end of an item's period, unless the subscription ends by then or is paused."""
    if facts["status"] not in CHARGED or facts.get("pause_collection"):
        return None
    ends = [item["current_period_end"] for item in facts["items"]["data"]]
    ends = [end for end in ends if end]
    if not ends or facts.get("cancel_at_period_end"):
        return None
    first, cancel_at = int(min(ends)), facts.get("cancel_at")
    return None if cancel_at and cancel_at <= first else first


def _trial(facts: Facts) -> dict[str, Any] | None:
    if not facts.get("trial_end"):
        return None
    state = "running" if facts["status"] == "trialing" else "over"
    return {
        "state": state,
        "start": _moment(facts.get("trial_start")),
        "end": _moment(facts["trial_end"]),
    }


def _scheduled(facts: Facts) -> dict[str, Any] | None:
    """What is to change by itself: an end, the schedule's next phase, an update that waits."""
    change = {
        "cancel_at_period_end": bool(facts.get("cancel_at_period_end")),
        "cancel_at": _moment(facts.get("cancel_at")),
        "next_phase": _next_phase(facts.get("schedule")),
        "pending_update_until": _moment((facts.get("pending_update") or {}).get("expires_at")),
    }
    return change if any(change.values()) else None


def _next_phase(schedule: Any) -> dict[str, Any] | None:
    if not isinstance(schedule, Mapping):
        return None
    now = (schedule.get("current_phase") or {}).get("end_date")
    later = [one for one in schedule.get("phases") or () if now and one["start_date"] >= now]
    if not later:
        return None
    items = [{"price": _id(one["price"]), "quantity": one["quantity"]} for one in later[0]["items"]]
    return {"start": _moment(later[0]["start_date"]), "items": items}


def _id(thing: Any) -> str | None:
    return thing.get("id") if isinstance(thing, Mapping) else thing


def _name(thing: Any) -> str | None:
    return thing.get("name") if isinstance(thing, Mapping) else None


def _moment(seconds: int | None) -> str | None:
    return stamp(datetime.fromtimestamp(seconds, UTC)) if seconds else None
