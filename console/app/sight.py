"""Which sales does the object in sight belong to? Only sales of the account that looks count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from console.story import find
from shared.accounts import ServedAccount
from shared.database import reading
from shared.keys import ObjectKind, SaleKey, StripeId, kind_of
from shared.tables import sales
from worker.deps import Deps
from worker.snapshot.root import find_root

View = Literal["customer", "subscription", "invoice", "payment"]
KINDS: dict[View, tuple[ObjectKind, ...]] = {
    "customer": ("customer",),
    "subscription": ("subscription",),
    "invoice": ("invoice",),
    "payment": ("payment_intent", "charge"),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """An object in one account and mode, and what we know of it; newest sale first."""

    place: ServedAccount
    object_id: str
    sale_ids: tuple[int, ...] = ()


def kind_in(view: View, object_id: str) -> ObjectKind | None:
    """None for an id that this view does not show."""
    kind = kind_of(object_id)
    return kind if kind in KINDS[view] else None


def look_up(
    connection: Connection, places: Sequence[ServedAccount], object_id: str
) -> Sight | None:
    """The first place that has sales of it; None when our database knows none."""
    known = find(connection, object_id).sale_ids
    for place in places:
        here = _those_of(connection, place, known)
        if here:
            return Sight(place, object_id, here)
    return None


def ask_stripe(deps: Deps, place: ServedAccount, object_id: str) -> Sight:
    """The same by Stripe: the sale may be known by another id. Raises NotFound, TemporaryError."""
    kind = kind_of(object_id)
    assert kind is not None
    stripe = deps.of(place.account, place.livemode).stripe
    if kind == "customer":
        stripe.customer(place.account, object_id)
    elif kind == "subscription":
        stripe.dashboard_subscription(place.account, object_id)
    elif kind == "payment_intent":
        stripe.payment_intent(place.account, object_id)
    key = SaleKey(place.account, place.livemode, kind, StripeId(object_id))
    root = find_root(key, stripe)
    with reading(deps.engine) as connection:
        found = find(connection, root.id).sale_ids
        return Sight(place, object_id, _those_of(connection, place, found))


def _those_of(
    connection: Connection, place: ServedAccount, sale_ids: Sequence[int]
) -> tuple[int, ...]:
    mine = (sales.c.account == place.account, sales.c.livemode == place.livemode)
    query = sa.select(sales.c.id).where(sales.c.id.in_(sale_ids), *mine)
    return tuple(connection.scalars(query.order_by(sales.c.id.desc())))
