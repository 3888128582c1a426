"""Releases what a mapping mended in the very moment in which a pass found it missing.

Setting a mapping raises the sales that wait for it. A pass that had read the mappings just before
writes its problem just after, and would wait for ever: this looks for such sales now and then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from mappings.store import newest_change
from shared.database import transaction
from shared.inbox import NO_HURRY, raise_hint
from shared.keys import SaleKey, StripeId
from shared.tables import passes, problems, sales
from worker.plan.terms import MENDED_BY_A_MAPPING

LONGEST_LOOK = timedelta(minutes=1)  # from a pass's start to its reading of the mappings, at most


def release_mapped(engine: Engine, *, now: datetime) -> int:
    """Raise the sales that a mapping mends and whose last pass began before the newest mapping, or
    just after it. Returns how many; one that is raised in vain finds nothing to do.
    """
    with transaction(engine) as tx:
        changed = newest_change(tx)
        if changed is None:
            return 0
        waiting = _waiting(tx, since=changed + LONGEST_LOOK)
        for key in waiting:
            raise_hint(tx, key, now=now, urgency=NO_HURRY)
    return len(waiting)


def _waiting(tx: Connection, *, since: datetime) -> list[SaleKey]:
    """Sales that a mapping mends, without a pass since, in the order in which rows are locked."""
    waits = sa.select(problems.c.sale_id).where(problems.c.cause.in_(MENDED_BY_A_MAPPING))
    later = sa.exists().where(passes.c.sale_id == sales.c.id, passes.c.started_at > since)
    columns = (sales.c.account, sales.c.livemode, sales.c.kind, sales.c.object_id)
    found = (
        sa.select(*columns)
        .where(
            sales.c.id.in_(waits),
            sales.c.wanted_generation == sales.c.seen_generation,
            ~later,
        )
        .order_by(*columns)
    )
    return [
        SaleKey(row.account, row.livemode, row.kind, StripeId(row.object_id))
        for row in tx.execute(found)
    ]
