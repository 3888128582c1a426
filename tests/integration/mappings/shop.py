"""A shop whose sales wait for a mapping, and what one asks of its database and queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from mappings.store import read_catalog, read_history, set_mapping
from mappings.values import Catalog, Mapping, MappingDraft
from shared import queue
from shared.database import reading, transaction
from shared.tables import problems, sales

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Shop:
    """Speaks to one migrated database."""

    engine: Engine
    woken: list[str] = field(default_factory=list)

    def wake(self) -> None:
        """Stands in for the queue where a test only asks whether it was woken."""
        self.woken.append("woken")

    def set(self, *drafts: MappingDraft, now: datetime = NOW, by: str = "ann") -> list[Mapping]:
        with transaction(self.engine) as connection:
            return [set_mapping(connection, draft, now=now, by=by) for draft in drafts]

    def catalog(self) -> Catalog:
        with reading(self.engine) as connection:
            return read_catalog(connection)

    def history(self) -> list[tuple[int, str, str, str | None]]:
        """Version, state, and who set and ended it, oldest first."""
        with reading(self.engine) as connection:
            found = read_history(connection)
        return [(e.mapping.version, e.state, e.set_by, e.ended_by) for e in found]

    def waits(
        self,
        sale_id: str,
        *prices: str,
        account: str = "",
        livemode: bool = False,
        cause: str = "unmapped_price",
    ) -> None:
        """A sale that came to rest with a problem on each of these prices."""
        with transaction(self.engine) as connection:
            row_id = connection.execute(
                sa.insert(sales)
                .values(
                    account=account,
                    livemode=livemode,
                    kind="subscription",
                    object_id=sale_id,
                    wanted_generation=1,
                    seen_generation=1,
                    due_at=NOW,
                    hinted_at=NOW,
                )
                .returning(sales.c.id)
            ).scalar_one()
            for price_id in prices:
                connection.execute(
                    sa.insert(problems).values(
                        sale_id=row_id,
                        cause=cause,
                        subject=price_id,
                        message=f"{price_id} has no policy",
                        opened_at=NOW,
                    )
                )

    def due(self) -> list[str]:
        """The sales that the next pass would take, by Stripe id."""
        with reading(self.engine) as connection:
            return list(
                connection.execute(
                    sa.select(sales.c.object_id)
                    .where(sales.c.wanted_generation > sales.c.seen_generation)
                    .order_by(sales.c.object_id)
                ).scalars()
            )


def wake_ups(redis_url: str) -> int:
    """How many wake-ups wait for a worker."""
    connection = queue.connect(redis_url)
    try:
        return queue.open_queue(connection).count
    finally:
        connection.close()
