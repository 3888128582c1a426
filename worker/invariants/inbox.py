"""Does the inbox move, and does Stripe reach us? By two indexes."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from shared.database import reading
from shared.tables import FETCHED, events, sales
from worker.invariants.values import MOST_EXAMPLES, Scene, Tallies, Tally

DAY = timedelta(days=1)


def look_at_inbox(scene: Scene) -> Tallies:
    return {"inbox_too_old": _too_old(scene), "events_never_delivered": _never_delivered(scene)}


def _too_old(scene: Scene) -> Tally:
    """Sales whose hint no pass has seen for longer than the limit, the oldest first."""
    limit = scene.now - timedelta(seconds=scene.inbox_max_age_seconds)
    waiting = (sales.c.wanted_generation > sales.c.seen_generation, sales.c.hinted_at < limit)
    return _tally(scene, sales.c.object_id, waiting, sales.c.hinted_at)


def _never_delivered(scene: Scene) -> Tally:
    """Events of the last day that only the sweep found."""
    fetched = (FETCHED, events.c.received_at > scene.now - DAY)
    return _tally(scene, events.c.event_id, fetched, events.c.received_at.desc())


def _tally(
    scene: Scene,
    name: sa.ColumnElement[str],
    such: tuple[sa.ColumnElement[bool], ...],
    order: sa.ColumnElement[object],
) -> Tally:
    with reading(scene.engine) as tx:
        count = tx.execute(sa.select(sa.func.count()).where(*such)).scalar_one()
        some = sa.select(name).where(*such).order_by(order).limit(MOST_EXAMPLES)
        return Tally(count, list(tx.execute(some).scalars()))
