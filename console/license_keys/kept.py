"""Which license keys are kept and whose they are. The keys themselves are never read here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.fulfillments.rows import sale_of
from console.fulfillments.values import sale_json, stamp
from console.moments import say_moment
from console.story import find
from shared.keys import SaleKey
from shared.tables import escrow, links, sales

WHOSE = (
    escrow.c.licensekit_id,
    escrow.c.created_at,
    escrow.c.delivered_at,
    escrow.c.delivered_by,
    links.c.stripe_key,
    links.c.written,
    sales.c.account,
    sales.c.livemode,
    sales.c.kind,
    sales.c.object_id,
    sales.c.customer_id,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A key in escrow, without the key."""

    license_id: str
    sale: SaleKey
    customer_id: str | None
    line: str  # "si_1/1": the line and the unit that it was issued for
    kept_at: datetime
    delivered_at: datetime | None
    delivered_by: str | None
    revoked: str  # why the license was revoked; "" = it was not

    def __str__(self) -> str:
        """`lic_1  cs_1  customer cus_1  kept 2026-11-20 12:00:00  not given out`."""
        buyer = f"customer {self.customer_id}" if self.customer_id else "no customer is known"
        kept = f"kept {say_moment(self.kept_at)}"
        return "  ".join((self.license_id, self.sale.id, buyer, kept, self.state))

    @property
    def state(self) -> str:
        given = "not given out"
        if self.delivered_at is not None:
            given = f"given out {say_moment(self.delivered_at)} by {self.delivered_by}"
        return f"{given}, revoked: {self.revoked}" if self.revoked else given

    def as_json(self) -> dict[str, Any]:
        return {
            "license_id": self.license_id,
            "sale": sale_json(self.sale),
            "customer_id": self.customer_id,
            "line": self.line,
            "kept_at": stamp(self.kept_at),
            "delivered_at": stamp(self.delivered_at),
            "delivered_by": self.delivered_by,
            "revoked": self.revoked or None,
        }


def list_kept(connection: Connection, *, undelivered: bool, limit: int) -> list[Kept]:
    """Those that wait, the longest first; or all, the newest first."""
    if undelivered:
        waiting = _query().where(escrow.c.delivered_at.is_(sa.null()))
        return _read(connection, waiting.order_by(escrow.c.created_at).limit(limit))
    return _read(connection, _query().order_by(escrow.c.link_id.desc()).limit(limit))


def find_kept(connection: Connection, names: Sequence[str]) -> tuple[list[Kept], list[str]]:
    """The keys of these licenses, or of the sales that these ids lead to; and the names that lead
    to none.
    """
    found: dict[str, Kept] = {}
    lost: list[str] = []
    for name in names:
        kept = _read(connection, _query().where(escrow.c.licensekit_id == name))
        if not kept and (sale_ids := find(connection, name).sale_ids):
            of_sales = _query().where(links.c.sale_id.in_(sale_ids))
            kept = _read(connection, of_sales.order_by(escrow.c.link_id))
        found |= {one.license_id: one for one in kept}
        if not kept:
            lost.append(name)
    return list(found.values()), lost


def _query() -> sa.Select[Any]:
    joined = sa.select(*WHOSE).select_from(escrow).join(links, links.c.id == escrow.c.link_id)
    return joined.join(sales, sales.c.id == links.c.sale_id)


def _read(connection: Connection, query: sa.Select[Any]) -> list[Kept]:
    return [_kept(row) for row in connection.execute(query)]


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        license_id=row.licensekit_id,
        sale=sale_of(row),
        customer_id=row.customer_id,
        line=row.stripe_key,
        kept_at=row.created_at,
        delivered_at=row.delivered_at,
        delivered_by=row.delivered_by,
        revoked=str((row.written or {}).get("revoked") or ""),
    )
