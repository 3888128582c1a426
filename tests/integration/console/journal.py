"""Writes a shop's history straight into the tables, so that the doors have something to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared import tables
from shared.database import transaction
from shared.keys import kind_of
from shared.links import keep_terms
from shared.mentions import note_mentions

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Journal:
    """Each method writes one row and returns its number; time goes on a minute a pass."""

    engine: Engine
    now: datetime = NOON
    generations: dict[int, int] = field(default_factory=dict)

    def sale(self, object_id: str, **columns: Any) -> int:
        return self._insert(
            tables.sales,
            account=columns.pop("account", ""),
            livemode=columns.pop("livemode", False),
            kind=columns.pop("kind", kind_of(object_id)),
            object_id=object_id,
            due_at=columns.pop("due_at", self.now),
            hinted_at=columns.pop("hinted_at", self.now),
            **columns,
        )

    def event(self, event_id: str, sale_id: int | None = None, **columns: Any) -> int:
        """A delivery that hints at the sale and so raises its generation; without one: ignored."""
        if sale_id is not None:
            columns["sale_id"] = sale_id
            columns["generation"] = self.generations[sale_id] = self.generation(sale_id) + 1
        return self._insert(
            tables.events,
            account=columns.pop("account", ""),
            event_id=event_id,
            livemode=columns.pop("livemode", False),
            type=columns.pop("type", "invoice.paid"),
            created_at=self.now,
            received_at=columns.pop("received_at", self.now),
            state=columns.pop("state", "recorded" if sale_id else "ignored"),
            secret=columns.pop("secret", 0),
            payload=columns.pop("payload", b"{}"),
            **columns,
        )

    def generation(self, sale_id: int) -> int:
        return self.generations.get(sale_id, 0)

    def closed(self, sale_id: int, status: str = "applied", **columns: Any) -> int:
        """A pass over all of the sale's events since the one before."""
        self.now += timedelta(minutes=1)
        seen = columns.pop("seen", 0)
        return self._insert(
            tables.passes,
            sale_id=sale_id,
            worker=columns.pop("worker", "shop:1:1"),
            from_generation=seen,
            to_generation=columns.pop("to", self.generation(sale_id)),
            status=status,
            started_at=columns.pop("started_at", self.now),
            finished_at=self.now + timedelta(seconds=1),
            **columns,
        )

    def step(self, pass_id: int, step: str, status: str = "done", **columns: Any) -> int:
        return self._insert(
            tables.steps,
            pass_id=pass_id,
            key=step.replace(" ", "-"),
            step=step,
            why=columns.pop("why", "si_1 is paid"),
            status=status,
            started_at=self.now,
            **columns,
        )

    def link(self, kind: str, stripe_key: str, licensekit_id: str | None, **columns: Any) -> int:
        return self._insert(
            tables.links,
            account="",
            livemode=False,
            kind=kind,
            stripe_key=stripe_key,
            licensekit_id=licensekit_id,
            mark=f"mark:{stripe_key}",
            created_at=self.now,
            linked_at=self.now,
            **columns,
        )

    def sold_under(self, sale_id: int, price_id: str, version: int) -> None:
        """The terms that the sale keeps for a price."""
        with transaction(self.engine) as connection:
            keep_terms(connection, sale_id, {price_id: version})

    def mentions(self, sale_id: int, *stripe_ids: str) -> None:
        """These ids stand in what the sale bought."""
        with transaction(self.engine) as connection:
            note_mentions(connection, sale_id, stripe_ids)

    def problem(self, sale_id: int, cause: str, subject: str, message: str) -> int:
        columns = {"cause": cause, "subject": subject, "message": message}
        return self._insert(tables.problems, sale_id=sale_id, opened_at=self.now, **columns)

    def waiting(self, price_id: str, number: int, **columns: Any) -> None:
        """So many sales, each with an unmapped line of this price; written at once."""
        due = {"due_at": self.now, "hinted_at": self.now}
        key = {"account": "", "livemode": False, "kind": "checkout_session"}
        rows = [{**key, **due, **columns, "object_id": f"cs_{n}"} for n in range(number)]
        problem = {"cause": "unmapped_price", "subject": price_id, "message": "map it"}
        with transaction(self.engine) as connection:
            connection.execute(sa.insert(tables.sales), rows)
            made = connection.scalars(sa.select(tables.sales.c.id).order_by(tables.sales.c.id))
            open_now = [{**problem, "sale_id": one, "opened_at": self.now} for one in made]
            connection.execute(sa.insert(tables.problems), open_now)

    def kept_key(self, license_id: str, sale_id: int, *, sealed: bytes = b"sealed") -> None:
        """A license whose key is in escrow and was not given out."""
        link = self.link("license", f"{license_id}/1", license_id, sale_id=sale_id, written={})
        row = {"licensekit_id": license_id, "link_id": link, "sealed_key": sealed}
        with transaction(self.engine) as connection:
            connection.execute(sa.insert(tables.escrow), {**row, "created_at": self.now})

    def found(self, invariant: str, *examples: str) -> None:
        """What an invariant's last look came to."""
        row = {"invariant": invariant, "count": len(examples), "examples": list(examples)}
        with transaction(self.engine) as connection:
            connection.execute(sa.insert(tables.findings), {**row, "checked_at": self.now})

    def _insert(self, table: sa.Table, **columns: Any) -> int:
        with transaction(self.engine) as connection:
            made = connection.execute(sa.insert(table).returning(table.c.id), columns)
            return int(made.scalar_one())
