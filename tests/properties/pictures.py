"""What a sale left in the world, with its ids told as positions, to compare two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.orders import Purchase
from tests.worlds.licensekit import Policy, Record
from tests.worlds.world import World

ENDS = ("status", "current_period_start", "current_period_end", "cancel_at_period_end")


@dataclass(frozen=True, slots=True)
class Picture:
    """Licenses, orders, subscription records and the pointers in Stripe, each in order."""

    licenses: list[tuple[Any, ...]]
    orders: list[tuple[Any, ...]]
    records: list[tuple[Any, ...]]
    pointers: list[tuple[str, dict[str, str]]]


def take_picture(world: World, sale: Purchase, policies: list[Policy], *, since: int) -> Picture:
    """Also sees to it that each license in it has a key in escrow that works."""
    stripe = _stripe_objects(world, sale, since)
    paid = [name for name in stripe if name.startswith("in_")] or [sale.session]
    names: dict[str, str] = {}
    licenses, orders, records = [], [], []
    for place, policy in enumerate(policies):
        for order in world.books.orders(policy.product_id):
            if order["external_id"] in paid:
                position = paid.index(order["external_id"])
                names[order["id"]] = f"order {place}/{position}"
                periods = (order.get("period_start"), order.get("period_end"))
                orders.append((place, position, order["status"], *periods))
        for record in world.books.subscriptions(policy.product_id):
            if record["external_id"] == sale.subscription:
                names[record["id"]] = f"subscription {place}"
                records.append((place, *(record[name] for name in ENDS)))
        for license_ in _active(world, policy, sale):
            line = sale.items.index(license_["metadata"]["stripe_line_item"])
            unit = license_["metadata"]["unit"]
            names[license_["id"]] = f"license {line}/{unit}"
            names[license_["customer_id"]] = "customer"
            origin = names[license_["order_id"]]
            licenses.append((line, unit, license_["status"], license_.get("expires_at"), origin))
            assert world.books.accepts(world.key_of(license_["id"]))
    pointers = [_pointers(world, name, names) for name in stripe]
    return Picture(sorted(licenses), sorted(orders), sorted(records), pointers)


def _active(world: World, policy: Policy, sale: Purchase) -> list[Record]:
    """A license whose key was lost is revoked: nobody holds it."""
    return [
        one
        for one in world.books.licenses(policy.product_id)
        if one["metadata"].get("stripe_line_item") in sale.items and one["status"] != "revoked"
    ]


def _stripe_objects(world: World, sale: Purchase, since: int) -> list[str]:
    """Customer, session, subscription, and every paid invoice with its payment, oldest first."""
    found = [name for name in (sale.customer, sale.session, sale.subscription) if name]
    for event in world.events(sale.customer, since=since):
        if event["type"] in ("invoice.paid", "payment_intent.succeeded"):
            found.append(event["data"]["object"]["id"])
    return found


def _pointers(world: World, name: str, names: dict[str, str]) -> tuple[str, dict[str, str]]:
    metadata = world.metadata(name)
    told = {
        key: ",".join(names.get(one, one) for one in value.split(","))
        for key, value in metadata.items()
    }
    return name.partition("_")[0], told
