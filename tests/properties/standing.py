"""What stands in LicenseKit for the sales of one life, told as the rulebook tells what is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from shared.database import reading
from shared.tables import links, sales
from simulator.books import Books
from tests.properties.ledger import payments_of
from tests.properties.rulebook import Due, Dues
from tests.worlds.world import World

Unit = tuple[str, int]
Ends = dict[Unit, set[int]]
License = dict[str, Any]


def alive(world: World, sale: str) -> dict[Unit, License]:
    """Each unit's license: one, with its key in escrow. Those that are gone went for a reason."""
    found: dict[Unit, License] = {}
    for link in _links(world, sale):
        license_ = world.books.license(link.licensekit_id)
        line, unit = link.stripe_key.split("/")[:2]
        if license_["status"] == "revoked":
            # a pass that died before it could say so had told ahead what it was about to do
            reasons = {**link.written.get("intended", {}), **link.written}
            assert reasons.get("revoked"), f"{license_['id']} was revoked without a reason"
            continue
        assert (line, int(unit)) not in found, f"two licenses for unit {unit} of {line}"
        assert world.key_of(license_["id"])
        found[line, int(unit)] = license_
    return found


def standing(world: World, sale: str, due: Dues, ends: Ends) -> dict[Unit, str]:
    """What stands for each unit, in words."""
    return {
        place: _told(world, license_, due.get(place), ends[place])
        for place, license_ in alive(world, sale).items()
    }


def _told(world: World, license_: License, wanted: Due | None, late: set[int]) -> str:
    until = _seconds(license_.get("expires_at"))
    due = wanted.until if wanted is not None and not wanted.firm else None
    if until is not None and due is not None and until in late:
        until = min(until, due)  # later once, and nothing was taken back: so it stays
    features = world.books.features(license_["id"])
    return told(license_["policy_id"], until, features, held=license_["status"] == "suspended")


def wanted(due: Dues) -> dict[Unit, str]:
    return {p: told(one.policy, one.until, one.features, held=one.held) for p, one in due.items()}


def told(policy: str, until: int | None, features: Mapping[str, int | None], *, held: bool) -> str:
    end = "for ever" if until is None else f"until {datetime.fromtimestamp(until, UTC)}"
    carried = "".join(f", {name} {limit or ''}" for name, limit in sorted(features.items()))
    return f"{policy} {end}{', suspended' if held else ''}{carried}"


def strays(world: World, product: str, known: list[str]) -> list[str]:
    """Licenses that stand and that no sale knows of."""
    mine = {link.licensekit_id for sale in known for link in _links(world, sale)}
    alive = (one for one in world.books.licenses(product) if one["status"] != "revoked")
    return [one["id"] for one in alive if one["id"] not in mine]


def orders(world: World, product: str) -> dict[str, list[str]]:
    """The status of each payment's order; one order each."""
    found: dict[str, list[str]] = defaultdict(list)
    for order in world.books.orders(product):
        found[order["external_id"]].append(order["status"])
    return dict(found)


def wanted_orders(books: Books, known: list[str]) -> dict[str, list[str]]:
    payments = [payment for sale in known for payment in payments_of(books, sale)]
    return {one.id: ["refunded" if one.returned else "paid"] for one in payments if one.bills}


def _links(world: World, sale: str) -> list[sa.Row[tuple[object, ...]]]:
    query = (
        sa.select(links)
        .join(sales, sales.c.id == links.c.sale_id)
        .where(sales.c.object_id == sale, links.c.kind == "license")
        .where(links.c.licensekit_id.is_not(None))
        .order_by(links.c.id)
    )
    with reading(world.engine) as tx:
        return list(tx.execute(query))


def _seconds(moment: str | None) -> int | None:
    return None if moment is None else int(datetime.fromisoformat(moment).timestamp())
