"""Events that were kept and refused: of an account or a mode that was not served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from console.problems.causes import UNKNOWN_ACCOUNT, WRONG_MODE, cause_of
from console.problems.look import Look, Shown, words_of
from console.problems.stakes import SHOWN
from console.problems.values import Place, ProblemGroup, Stake
from shared.events.parsing import WRONG_MODE_REASONS
from shared.tables import REFUSED, events


def read_of_events(connection: Connection, look: Look) -> list[ProblemGroup]:
    """One group an account that is not served, and one for the other mode. No sale is known of
    them, so no money: their objects are read once they are released.
    """
    groups: dict[Place, list[Row[Any]]] = defaultdict(list)
    for row in count_refused(connection):
        groups[_place(row)].append(row)
    return [_group(connection, place, rows, look) for place, rows in groups.items()]


def count_refused(connection: Connection) -> Sequence[Row[Any]]:
    """By account, mode and reason, out of the index over refused events alone."""
    query = (
        sa.select(
            events.c.account,
            events.c.livemode,
            events.c.reason,
            sa.func.count().label("number"),
            sa.func.min(events.c.received_at).label("since"),
        )
        .where(REFUSED)
        .group_by(events.c.account, events.c.livemode, events.c.reason)
    )
    return list(connection.execute(query))


def cause_of_refusal(reason: str | None) -> str:
    return WRONG_MODE if reason in WRONG_MODE_REASONS else UNKNOWN_ACCOUNT


def _place(row: Row[Any]) -> Place:
    cause = cause_of_refusal(row.reason)
    if cause == WRONG_MODE:
        return Place(cause, "live" if row.livemode else "test", "", row.livemode)
    return Place(cause, row.account, row.account, row.livemode)


def _group(
    connection: Connection, place: Place, rows: Sequence[Row[Any]], look: Look
) -> ProblemGroup:
    ids = _ids(connection, place, rows, look)
    count, since = sum(row.number for row in rows), min(row.since for row in rows)
    return ProblemGroup(
        place=place,
        words=words_of(place, Shown(ids, count > SHOWN, since), look),
        count=count,
        unit=cause_of(place.cause).unit,
        stake=Stake(at_least=True),
        since=since,
        ids=ids,
        says=rows[0].reason or "",
    )


def _ids(
    connection: Connection, place: Place, rows: Sequence[Row[Any]], look: Look
) -> tuple[str, ...]:
    query = (
        sa.select(events.c.event_id)
        .where(
            REFUSED,
            events.c.livemode == place.livemode,
            events.c.reason.in_({row.reason for row in rows}),
        )
        .order_by(events.c.received_at)
        .limit(None if look.everything else SHOWN)
    )
    if place.cause == UNKNOWN_ACCOUNT:
        query = query.where(events.c.account == place.account)
    return tuple(connection.scalars(query))
