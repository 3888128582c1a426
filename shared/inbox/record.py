"""A batch of deliveries becomes durable. Each new event raises the wanted generation of its sale
in the same transaction, so no wake-up can be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Engine

from shared.inbox import on_postgresql, on_sqlite
from shared.inbox.values import (
    Delivery,
    Duplicate,
    Identity,
    Ignored,
    Outcome,
    Recorded,
    Refused,
    Written,
)

_DUPLICATE = Duplicate()


def record(engine: Engine, deliveries: Sequence[Delivery], now: datetime) -> list[Outcome]:
    """Write a batch and raise its sales, in one transaction. The outcomes are in its order.

    Of several copies of one event the first is recorded and the rest are duplicates. Raises
    what the driver raises; then nothing of the batch was written.
    """
    first: dict[Identity, int] = {}
    for place, delivery in enumerate(deliveries):
        first.setdefault(delivery.identity, place)
    if not first:
        return []
    batch = [deliveries[first[identity]] for identity in sorted(first)]
    dialect = on_postgresql if engine.dialect.name == "postgresql" else on_sqlite
    outcomes: list[Outcome] = [_DUPLICATE] * len(deliveries)
    for written in dialect.write(engine, batch, now):
        place = first[written[0], written[1]]
        outcomes[place] = _outcome(deliveries[place], written)
    return outcomes


def _outcome(delivery: Delivery, written: Written) -> Outcome:
    _, _, sale_id, generation = written
    if sale_id is not None and generation is not None:
        return Recorded(sale_id, generation)
    if delivery.state == "refused":
        return Refused(delivery.reason or "")
    return Ignored(delivery.reason or "")
