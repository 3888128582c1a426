"""Small readings of Stripe's objects that every reader needs. Plain data in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.keys import StripeId
from shared.moments import from_unix
from worker.errors import PermanentError
from worker.state import Buyer, Target, TargetKind

Facts = Mapping[str, Any]


def id_of(value: object) -> StripeId | None:
    """The id of a field that holds an id, an expanded object, or nothing."""
    if isinstance(value, str) and value:
        return StripeId(value)
    if isinstance(value, Mapping) and isinstance(value.get("id"), str):
        return StripeId(value["id"])
    return None


def need(facts: Facts, name: str) -> Any:
    """A field that must be there. A missing one is an error, never a silent None."""
    if facts.get(name) is None:
        raise PermanentError(
            f"{facts.get('object', 'an object')} {facts.get('id', '')} of Stripe has no {name}, "
            "so nothing was decided from it and the buyer's sale waits. Its shape is not that of "
            "the API version we read with: report it, then reconcile the sale.",
            cause="unexpected_shape",
            subject=str(facts.get("id", "")),
        )
    return facts[name]


def moment(value: object) -> datetime | None:
    """Stripe's seconds since 1970, or nothing."""
    return from_unix(value) if isinstance(value, int) else None


def product_of(price: Facts) -> StripeId:
    return id_of(need(price, "product")) or StripeId("")


def quantity_of(line: Facts) -> int:
    """How many were bought; 1 where Stripe counts none (metered prices), 0 where none is wanted."""
    quantity = line.get("quantity")
    return quantity if isinstance(quantity, int) else 1


def read_buyer(customer: object, guest: Facts | None, fallback: StripeId) -> Buyer:
    """The customer, or a session's guest, who is known by the session alone.

    `guest` is the session's customer_details; `fallback` its id. Never merged by e-mail. A deleted
    customer keeps its id and has no name any more.
    """
    if isinstance(customer, Mapping):
        if customer.get("deleted"):
            return Buyer(StripeId(customer["id"]), customer["id"], None, deleted=True)
        return _named(StripeId(customer["id"]), customer.get("name"), customer.get("email"))
    details = guest or {}
    buyer_id = id_of(customer) or fallback
    return _named(buyer_id, details.get("name"), details.get("email"))


def _named(buyer_id: StripeId, name: object, email: object) -> Buyer:
    address = email if isinstance(email, str) and email else None
    return Buyer(buyer_id, str(name) if name else address or buyer_id, address)


def target_of(kind: TargetKind, value: object, payment_id: StripeId | None = None) -> list[Target]:
    """An expanded object as a place to write our ids to; none where it is absent or deleted."""
    if not isinstance(value, Mapping) or value.get("deleted"):
        return []
    return [Target(kind, StripeId(value["id"]), dict(value.get("metadata") or {}), payment_id)]
