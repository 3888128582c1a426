"""Has everybody who paid a license, and nobody else? From our own tables, sale by sale.

Only sales at rest that nothing explains: one with an open problem or a person's decision is told
elsewhere. In doubt a sale is left out, for a false alarm at night costs trust in the true ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mappings.store import read_catalog
from mappings.values import Catalog
from shared.database import reading
from shared.keys import SaleKind
from shared.moments import stamp
from shared.tables import decisions, links, sale_terms, sales
from worker.invariants.values import Scene, Tallies, Tally

BATCH = 500  # sales that are read at once
SETTLE_SECONDS = 600  # who came to rest just now is left to the next look
RUNNING = ("trialing", "active")  # a subscription in any other status may lack a license
NEVER_PAID = ("incomplete", "incomplete_expired", "unpaid")  # held or taken away at once, always
UNPAID_STAGES = ("awaiting_payment", "closed")
AT_REST = ("applied", "settled")  # other statuses have an open problem or are tried again

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """One license of a sale, by our link."""

    line_id: str
    written: Facts

    def stands(self, now: datetime) -> bool:
        """We issued it, and neither took it away nor handed it on, and it has not ended."""
        ends = self.written.get("expires_at")
        over = ends is not None and ends != stamp(None) and datetime.fromisoformat(ends) <= now
        return not over and not self.written.get("revoked") and not self.written.get("moved_to")

    @property
    def counts(self) -> bool:
        """Its buyer has the use of it, by our doing: neither held by us nor let go by a person."""
        return not self.written.get("hold") and not self.written.get("lifted")


@dataclass(frozen=True, slots=True)
class Rested:
    """A sale at rest, as its last pass read it, and what was issued for it."""

    id: int
    object_id: str
    bought: Facts
    licenses: tuple[Given, ...]
    keeps: frozenset[str]  # prices whose terms let a license stand after a refund


def look_at_sales(scene: Scene) -> Tallies:
    """Every sale, in batches; no transaction is held from one to the next."""
    unlicensed, unpaid = Tally(), Tally()
    after = 0
    while batch := _read_batch(scene, after):
        after = batch[-1].id
        for sale in batch:
            if lacks_license(sale, scene.now):
                unlicensed.add(sale.object_id)
            if has_unpaid_license(sale, scene.now):
                unpaid.add(sale.object_id)
        if scene.stopping():
            return {}
    return {"paid_unlicensed": unlicensed, "licensed_unpaid": unpaid}


def lacks_license(sale: Rested, now: datetime) -> bool:
    """Whether a line is paid for now, and no license of it stands."""
    if sale.bought["stage"] != "paid" or _money_went_back(sale.bought):
        return False
    subscription = sale.bought.get("subscription")
    if subscription is not None and not _runs(subscription):
        return False
    # one that has ended by itself was given all the same: whether its end is right is not asked
    given = {one.line_id for one in sale.licenses if not _taken(one)}
    wanted = (line for line in sale.bought["lines"] if _is_paid(line, subscription, now))
    return any(line["id"] not in given for line in wanted)


def _runs(subscription: Facts) -> bool:
    return subscription["status"] in RUNNING and not subscription.get("collection_paused")


def _is_paid(line: Facts, subscription: Facts | None, now: datetime) -> bool:
    if line.get("removed") or line["quantity"] < 1:
        return False
    until = line["paid_until"]
    return subscription is None or (until is not None and datetime.fromisoformat(until) > now)


def _taken(one: Given) -> bool:
    return bool(one.written.get("revoked") or one.written.get("moved_to"))


def _money_went_back(bought: Facts) -> bool:
    return any(
        paid.get("refunded_minor_units") or paid.get("disputes") for paid in _payments(bought)
    )


def has_unpaid_license(sale: Rested, now: datetime) -> bool:
    """Whether a license stands for a sale that was never paid, or whose money all went back."""
    standing = [one for one in sale.licenses if one.stands(now) and one.counts]
    if not standing:
        return False
    subscription = sale.bought.get("subscription") or {}
    if sale.bought["stage"] in UNPAID_STAGES or subscription.get("status") in NEVER_PAID:
        return True
    return _all_went_back(sale.bought) and any(not _kept(sale, one) for one in standing)


def _payments(bought: Facts) -> Sequence[Facts]:
    """A sale that an earlier release read may lack what is told of money since."""
    return bought.get("payments") or ()


def _all_went_back(bought: Facts) -> bool:
    payments = _payments(bought)
    return bool(payments) and all(
        0 < paid["amount_minor_units"] <= paid.get("refunded_minor_units", 0) for paid in payments
    )


def _kept(sale: Rested, one: Given) -> bool:
    prices = {line["price"] for line in sale.bought["lines"] if line["id"] == one.line_id}
    return not prices.isdisjoint(sale.keeps)


def _read_batch(scene: Scene, after: int) -> list[Rested]:
    with reading(scene.engine) as tx:
        rows = tx.execute(_at_rest(scene.now, after)).all()
        ids = [row.id for row in rows]
        licenses = _licenses(tx, ids)
        keeps = _keeping(tx, ids) if rows else {}
    return [
        Rested(
            row.id,
            row.object_id,
            row.bought,
            tuple(licenses.get(row.id, ())),
            frozenset(keeps.get(row.id, ())),
        )
        for row in rows
    ]


def _at_rest(now: datetime, after: int) -> sa.Select[Any]:
    decided = sa.exists().where(
        decisions.c.sale_id == sales.c.id, decisions.c.released_at.is_(None)
    )
    return (
        sa.select(sales.c.id, sales.c.object_id, sales.c.bought)
        .where(
            sales.c.id > after,
            sales.c.kind.in_(get_args(SaleKind)),
            sales.c.status.in_(AT_REST),
            sales.c.moved_to.is_(None),
            sales.c.wanted_generation == sales.c.seen_generation,
            sales.c.due_at < now - timedelta(seconds=SETTLE_SECONDS),
            sa.cast(sales.c.bought, sa.Text) != "null",
            ~decided,
        )
        .order_by(sales.c.id)
        .limit(BATCH)
    )


def _licenses(tx: Connection, ids: Sequence[int]) -> dict[int, list[Given]]:
    query = sa.select(links.c.sale_id, links.c.stripe_key, links.c.written).where(
        links.c.sale_id.in_(ids), links.c.kind == "license", links.c.licensekit_id.is_not(None)
    )
    found: dict[int, list[Given]] = {}
    for row in tx.execute(query):
        line_id = row.stripe_key.partition("/")[0]
        found.setdefault(row.sale_id, []).append(Given(line_id, row.written or {}))
    return found


def _keeping(tx: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    catalog = read_catalog(tx)
    query = sa.select(sale_terms).where(sale_terms.c.sale_id.in_(ids))
    found: dict[int, list[str]] = {}
    for sale_id, price_id in _kept_after_refund(tx.execute(query).all(), catalog):
        found.setdefault(sale_id, []).append(price_id)
    return found


def _kept_after_refund(rows: Sequence[Any], catalog: Catalog) -> Iterator[tuple[int, str]]:
    for row in rows:
        mapping = catalog.version(row.mapping_version)
        if mapping is None or mapping.terms.on_refund == "keep":
            yield row.sale_id, row.price_id
