"""The journal as plain values, in time order: what came in, what was done, decided and asked for.

Read in batches, so that a journal of any length takes the same memory. Never a secret: license keys
stand in none of these tables, and secrets inside of payloads are hidden.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from console.audit import audit_row
from console.fulfillments.values import stamp
from console.story.read import read_passed
from shared.database import reading
from shared.tables import audit, decisions, events, passes, sales

BATCH = 200  # rows a read: with payloads a few megabytes at most
HIDDEN = "(hidden)"

Plain = dict[str, Any]
Line = tuple[datetime, int, int, Plain]  # when, which kind, its number, and what to write
SALE = tuple(sales.c[x].label(f"sale_{x}") for x in ("account", "livemode", "kind", "object_id"))


@dataclass(frozen=True, slots=True)
class Span:
    """From then (None = from the beginning) until just before then."""

    since: datetime | None
    until: datetime


def read_journal(engine: Engine, span: Span, *, payloads: bool = False) -> Iterator[Plain]:
    """Each with `what`: event, pass, decision or audit; oldest first.

    An event stands at its receiving, a pass at its start, and a decision, with its release, at its
    making. Payloads are as Stripe delivered them, but for secrets; they hold buyers' addresses.
    """
    columns = [column for column in events.c if payloads or column.name != "payload"]
    heard = sa.select(*columns, *SALE).outerjoin(sales, sales.c.id == events.c.sale_id)
    decided = sa.select(decisions, *SALE).join(sales, sales.c.id == decisions.c.sale_id)
    streams = (
        _Stream(heard, events.c.received_at, _events),
        _Stream(sa.select(passes.c.id, passes.c.started_at), passes.c.started_at, _passes),
        _Stream(decided, decisions.c.decided_at, _decisions),
        _Stream(sa.select(audit), audit.c.at, _deeds),
    )
    lines = (_lines(engine, one, rank, span) for rank, one in enumerate(streams))
    return (plain for *_, plain in heapq.merge(*lines, key=itemgetter(0, 1, 2)))


@dataclass(frozen=True, slots=True)
class _Stream:
    """The rows of one table in time order, and how some of them are written."""

    query: sa.Select[Any]
    moment: sa.Column[datetime]
    write: Callable[[Connection, Sequence[Row[Any]]], dict[int, Plain]]  # by number


def _lines(engine: Engine, stream: _Stream, rank: int, span: Span) -> Iterator[Line]:
    """A batch at a time, each beginning after the last row of the one before."""
    moment, number = stream.moment, stream.moment.table.c.id
    query = stream.query.where(moment < span.until).order_by(moment, number).limit(BATCH)
    if span.since is not None:
        query = query.where(moment >= span.since)
    rest, full = query, True
    while full:
        with reading(engine) as tx:
            rows = tx.execute(rest).all()
            written = stream.write(tx, rows)
        for row in rows:
            if row.id in written:
                yield getattr(row, moment.name), rank, row.id, written[row.id]
        full = len(rows) == BATCH
        if full:
            last = getattr(rows[-1], moment.name)
            later = sa.or_(moment > last, number > rows[-1].id)
            rest = query.where(moment >= last, later)


def _events(_: Connection, rows: Sequence[Row[Any]]) -> dict[int, Plain]:
    return {row.id: _event(row) for row in rows}


def _event(row: Row[Any]) -> Plain:
    told: Plain = {
        "what": "event",
        "event": row.event_id,
        "account": row.account,
        "livemode": row.livemode,
        "type": row.type,
        "api_version": row.api_version,
        "object": row.object_id,
        "state": row.state,
        "reason": row.reason,
        "sale": _sale(row),
        "generation": row.generation,
        "fetched": row.secret < 0,
        "created_at": stamp(row.created_at),
        "received_at": stamp(row.received_at),
    }
    return told | ({"payload": _payload(row.payload)} if "payload" in row._fields else {})


def _sale(row: Row[Any]) -> str | None:
    if row.sale_kind is None:
        return None
    mode = "live" if row.sale_livemode else "test"
    return f"{row.sale_account or 'own'}/{mode}/{row.sale_kind}/{row.sale_object_id}"


def _passes(tx: Connection, rows: Sequence[Row[Any]]) -> dict[int, Plain]:
    """Without one that was forgotten in this moment."""
    found = read_passed(tx, [row.id for row in rows])
    return {one.row.pass_id: {"what": "pass", **one.as_json()} for one in found}


def _decisions(_: Connection, rows: Sequence[Row[Any]]) -> dict[int, Plain]:
    return {row.id: _decision(row) for row in rows}


def _decision(row: Row[Any]) -> Plain:
    return {
        "what": "decision",
        "sale": _sale(row),
        "kind": row.kind,
        "reason": row.reason,
        "decided_by": row.decided_by,
        "decided_at": stamp(row.decided_at),
        "released_by": row.released_by,
        "release_reason": row.release_reason,
        "released_at": stamp(row.released_at),
    }


def _deeds(_: Connection, rows: Sequence[Row[Any]]) -> dict[int, Plain]:
    return {row.id: {"what": "audit", **audit_row(row).as_json()} for row in rows}


def _payload(body: bytes) -> object:
    """As JSON, without the secrets that some of Stripe's objects carry; a text where it is none."""
    try:
        return _without_secrets(json.loads(body))
    except ValueError:
        return body.decode("utf-8", "replace")


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        return {
            name: HIDDEN if name.endswith("secret") and one else _without_secrets(one)
            for name, one in value.items()
        }
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value
