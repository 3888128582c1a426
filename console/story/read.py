"""Everything the database knows of some sales, in time order. Nothing is asked of any service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.fulfillments import read_fulfillments
from console.fulfillments.rows import sale_of
from console.problems.look import Look, Shown, policy_of, words_of
from console.problems.values import Place
from console.story.applied import applied_terms
from console.story.values import Delivered, Linked, Passed, Queued, Ruled, Story, Told, Waiting
from mappings.store import read_catalog
from mappings.values import Catalog
from shared.links import read_terms
from shared.tables import escrow, events, links, passes, problems, sales
from worker.decisions import Decided, read_decided
from worker.plan.decided import SAID

LAST = 200  # deliveries and passes a sale: ten years of renewals; older ones stand in the log

NO_MAPPINGS = Catalog()
NEVER_DELIVERED = -1  # in `events.secret`: no signing secret matched, a sweep fetched it

T = TypeVar("T")


def read_stories(connection: Connection, sale_ids: Sequence[int]) -> list[Story]:
    """One story a sale, newest sale first."""
    rows = connection.execute(
        sa.select(sales).where(sales.c.id.in_(sale_ids)).order_by(sales.c.id.desc())
    ).all()
    linked = _grouped(connection, links, sale_ids, _linked)
    waiting = _grouped(connection, problems, sale_ids, lambda row: row)
    catalog = read_catalog(connection)
    undelivered = _undelivered(connection, sale_ids)
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
                sorted(
                    [*_told(connection, row.id, catalog), *_ruled(rulings[row.id])],
                    key=attrgetter("at"),
                )
            ),
            links=(*_customer(connection, row), *linked[row.id]),
            problems=tuple(_waiting(one, row, catalog) for one in waiting[row.id]),
            terms=applied_terms(catalog, read_terms(connection, row.id)),
            decision=next((x.decision for x in rulings[row.id] if x.release is None), None),
            pruned=_pruned(connection, row.id),
            undelivered=undelivered,
        )
        for row in rows
    ]


def read_lone_events(connection: Connection, row_ids: Sequence[int]) -> list[Delivered]:
    """Events that belong to no sale, oldest first."""
    query = sa.select(*_EVENT).where(events.c.id.in_(row_ids)).order_by(events.c.id)
    return [_delivered(row) for row in connection.execute(query)]


def _told(connection: Connection, sale_id: int, catalog: Catalog) -> list[Told]:
    query = sa.select(*_EVENT).where(events.c.sale_id == sale_id)
    newest = query.order_by(events.c.generation.desc()).limit(LAST)
    # oldest first, so that what came in one moment stands in the order in which it came
    delivered = [_delivered(row) for row in reversed(connection.execute(newest).all())]
    return [*delivered, *_passed(connection, sale_id, catalog)]


def _passed(connection: Connection, sale_id: int, catalog: Catalog) -> list[Passed]:
    newest = sa.select(passes.c.id).where(passes.c.sale_id == sale_id)
    pass_ids = list(connection.scalars(newest.order_by(passes.c.id.desc()).limit(LAST)))
    return read_passed(connection, pass_ids, catalog)[::-1]


def read_passed(
    connection: Connection, pass_ids: Sequence[int], catalog: Catalog = NO_MAPPINGS
) -> list[Passed]:
    """These passes with their steps, notes and terms, newest first.

    Without a catalog the terms are known by their versions alone.
    """
    query = sa.select(passes.c.id, passes.c.worker, passes.c.plan)
    rows = connection.execute(query.where(passes.c.id.in_(pass_ids)))
    more = {row.id: row for row in rows}
    return [
        Passed(one, row.worker, _notes(row.plan), applied_terms(catalog, _versions(row.plan)))
        for one in read_fulfillments(connection, pass_ids)
        for row in [more[one.pass_id]]
    ]


def _notes(plan: Any) -> tuple[str, ...]:
    return tuple(map(str, plan.get("notes") or ())) if isinstance(plan, dict) else ()


def _versions(plan: Any) -> Mapping[str, int]:
    """Of each price, as that pass had it: a sale may have been moved since."""
    return plan.get("mapping_versions") or {} if isinstance(plan, dict) else {}


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
        fetched=row.secret == NEVER_DELIVERED,
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


def _waiting(row: Row[Any], sale: Row[Any], catalog: Catalog) -> Waiting:
    place = Place(row.cause, row.subject, sale.account, sale.livemode)
    look = Look(catalog, livemode=None)
    policy = policy_of(place, sale.bought, look)
    words = words_of(place, Shown((sale.object_id,)), look, policy=policy)
    told = (row.cause, row.subject, row.line_id, row.message, row.opened_at)
    return Waiting(*told, happened=words.happened, command=words.command)


def _undelivered(connection: Connection, sale_ids: Sequence[int]) -> frozenset[str]:
    """Licenses of these sales whose key is in escrow and was not given out."""
    query = (
        sa.select(escrow.c.licensekit_id)
        .join(links, links.c.licensekit_id == escrow.c.licensekit_id)
        .where(links.c.sale_id.in_(sale_ids), escrow.c.delivered_at.is_(None))
    )
    return frozenset(connection.scalars(query))


def _queued(row: Row[Any]) -> Queued:
    return Queued(
        wanted=row.wanted_generation,
        seen=row.seen_generation,
        due_at=row.due_at,
        hinted_at=row.hinted_at,
        attempts=row.attempts,
        leased_until=row.lease_until if row.lease_token else None,
    )
