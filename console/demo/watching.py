"""Looks into the installation's database: is everything at rest, and who is at work on a sale?"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading
from shared.tables import passes, sales, steps


def at_rest(engine: Engine) -> bool:
    """No sale is due and no pass runs."""
    due = sales.c.wanted_generation > sales.c.seen_generation
    with reading(engine) as connection:
        waiting = connection.scalar(sa.select(sa.func.count()).select_from(sales).where(due))
        running = connection.scalar(
            sa.select(sa.func.count()).select_from(passes).where(passes.c.status == "running")
        )
    return not waiting and not running


def worker_at(engine: Engine, sale_id: str) -> int | None:
    """The pid of the worker that is in the middle of a pass over this sale: a step is done."""
    query = (
        sa.select(passes.c.worker)
        .join(sales, sales.c.id == passes.c.sale_id)
        .join(steps, steps.c.pass_id == passes.c.id)
        .where(sales.c.object_id == sale_id, passes.c.status == "running", steps.c.status == "done")
        .limit(1)
    )
    with reading(engine) as connection:
        worker = connection.scalar(query)  # "host:pid" and maybe more behind it
    return None if worker is None else int(worker.split(":")[1])
