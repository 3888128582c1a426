"""Everything the database knows of some sales, in time order. Nothing is asked of any service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.fulfillments import read_fulfillments
from console.fulfillments.rows import sale_of
from console.story.applied import applied_terms
from console.story.values import Delivered, Linked, Passed, Queued, Ruled, Story, Told, Waiting
from mappings.store import read_catalog
from shared.links import read_terms
from shared.tables import events, links, passes, problems, sales
from worker.decisions import Decided, read_decided
from worker.plan.decided import SAID

LAST = 200  # deliveries and passes a sale: ten years of renewals; older ones stand in the log

T = TypeVar("T")


def read_stories(connection: Connection, sale_ids: Sequence[int]) -> list[Story]:
    """One story a sale, newest sale first."""
    rows = connection.execute(
        sa.select(sales).where(sales.c.id.in_(sale_ids)).order_by(sales.c.id.desc())
    ).all()
    linked = _grouped(connection, links, sale_ids, _linked)
    waiting = _grouped(connection, problems, sale_ids, _waiting)
    catalog = read_catalog(connection)
    rulings: dict[int, list[Decided]] = defaultdict(list)
    for decided in read_decided(connection, sale_ids):
        rulings[decided.sale_id].append(decided)
    return [
        Story(
            key=sale_of(row),
            status=row.status,
            customer_id=row.customer_id,
            bought=row.bought or {},
            queue=_queued(row),
            told=tuple(
                sorted([*_told(connection, row.id), *_ruled(rulings[row.id])], key=attrgetter("at"))
            ),
            links=(*_customer(connection, row), *linked[row.id]),
            problems=tuple(waiting[row.id]),
            terms=applied_terms(catalog, read_terms(connection, row.id)),
            decision=next((x.decision for x in rulings[row.id] if x.release is None), None),
            pruned=_pruned(connection, row.id),
        )
        for row in rows
    ]


def read_lone_events(connection: Connection, row_ids: Sequence[int]) -> list[Delivered]:
    """Events that belong to no sale, oldest first."""
    query = sa.select(*_EVENT).where(events.c.id.in_(row_ids)).order_by(events.c.id)
    return [_delivered(row) for row in connection.execute(query)]


def _told(connection: Connection, sale_id: int) -> list[Told]:
    query = sa.select(*_EVENT).where(events.c.sale_id == sale_id)
    newest = query.order_by(events.c.generation.desc()).limit(LAST)
    delivered = [_delivered(row) for row in connection.execute(newest)]
    return [*delivered, *_passed(connection, sale_id)]


def _passed(connection: Connection, sale_id: int) -> list[Passed]:
    newest = sa.select(passes.c.id).where(passes.c.sale_id == sale_id)
    return read_passed(
        connection, list(connection.scalars(newest.order_by(passes.c.id.desc()).limit(LAST)))
    )


def read_passed(connection: Connection, pass_ids: Sequence[int]) -> list[Passed]:
    """These passes with their steps and notes, newest first."""
    query = sa.select(passes.c.id, passes.c.worker, passes.c.plan)
    rows = connection.execute(query.where(passes.c.id.in_(pass_ids)))
    more = {row.id: row for row in rows}
    return [
        Passed(one, more[one.pass_id].worker, _notes(more[one.pass_id].plan))
        for one in read_fulfillments(connection, pass_ids)
    ]


def _notes(plan: Any) -> tuple[str, ...]:
    return tuple(map(str, plan.get("notes") or ())) if isinstance(plan, dict) else ()


def _in_time(told: list[Told]) -> tuple[Told, ...]:
    return tuple(sorted(told, key=attrgetter("at")))


def _ruled(rulings: Sequence[Decided]) -> Iterator[Ruled]:
    for one in rulings:
        made = one.decision
        yield Ruled(SAID[made.kind], made.by, made.reason, made.at)
        if one.release is not None:
            yield Ruled("released", one.release.by, one.release.reason, one.release.at)


def _pruned(connection: Connection, sale_id: int) -> bool:
    """The first pass of a sale begins at generation 0: without it, there were older ones."""
    oldest = sa.select(passes.c.from_generation).where(passes.c.sale_id == sale_id)
    return bool(connection.scalar(oldest.order_by(passes.c.id).limit(1)))


def _customer(connection: Connection, sale: Row[Any]) -> list[Linked]:
    """The buyer's record: it is shared by sales, so it hangs on none."""
    query = sa.select(links).where(
        links.c.account == sale.account,
        links.c.livemode == sale.livemode,
        links.c.kind == "customer",
        links.c.stripe_key.in_([sale.customer_id or sale.object_id]),
        links.c.sale_id.is_(None),
    )
    return [_linked(row) for row in connection.execute(query)]


def _grouped(
    connection: Connection, table: sa.Table, sale_ids: Sequence[int], make: Callable[[Row[Any]], T]
) -> dict[int, list[T]]:
    query = sa.select(table).where(table.c.sale_id.in_(sale_ids)).order_by(table.c.id)
    grouped: dict[int, list[T]] = defaultdict(list)
    for row in connection.execute(query):
        grouped[row.sale_id].append(make(row))
    return grouped


# the payload stays where it is: it may be a megabyte, and may hold a buyer's address
_EVENT = tuple(column for column in events.c if column.name != "payload")


def _delivered(row: Row[Any]) -> Delivered:
    return Delivered(
        event_id=row.event_id,
        type=row.type,
        state=row.state,
        reason=row.reason,
        object_id=row.object_id,
        created_at=row.created_at,
        received_at=row.received_at,
    )


def _linked(row: Row[Any]) -> Linked:
    return Linked(
        kind=row.kind,
        stripe_key=row.stripe_key,
        licensekit_id=row.licensekit_id,
        written=row.written or {},
        context=row.context or {},
        linked_at=row.linked_at,
    )


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(row.cause, row.subject, row.line_id, row.message, row.opened_at)


def _queued(row: Row[Any]) -> Queued:
    return Queued(
        wanted=row.wanted_generation,
        seen=row.seen_generation,
        due_at=row.due_at,
        hinted_at=row.hinted_at,
        attempts=row.attempts,
        leased_until=row.lease_until if row.lease_token else None,
    )
