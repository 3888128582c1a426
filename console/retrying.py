"""A retry from its wish to its due sales: for `fulfill retry` and the admin route alike.

Waking a worker afterwards is the caller's business; without it the sweep finds what is due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Engine

from console.audit import Deed
from console.context import CommandError
from console.fulfillments.values import sale_json, stamp
from console.released import read_releasable, release_named, release_received
from console.retries import (
    Chosen,
    Wanted,
    batches,
    choose_sales,
    raise_batch,
    read_chosen,
    sales_of_events,
)
from shared.database import reading, transaction
from shared.events.parsing import Served
from shared.keys import SaleKey

FIRST = 20  # sales that a dry run names
Batches = Iterable[list[SaleKey]]


@dataclass(frozen=True, slots=True)
class Retry:
    """Which sales, what is served here now, and who asks."""

    wanted: Wanted
    served: Served
    who: str

    @property
    def releases(self) -> bool:
        """Refused events are read again where only events are asked for: they have no sale yet."""
        return not self.wanted.by_sale


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a retry would raise."""

    chosen: tuple[Chosen, ...]

    @property
    def by_status(self) -> dict[str, int]:
        return dict(sorted(Counter(one.status or "not looked at" for one in self.chosen).items()))

    def as_json(self) -> dict[str, Any]:
        first = [{**sale_json(x.key), "status": x.status} for x in self.chosen[:FIRST]]
        return {"count": len(self.chosen), "by_status": self.by_status, "first": first}


def look_ahead(engine: Engine, retry: Retry) -> Ahead:
    """What would be raised, refused events that are served now included. Changes nothing.

    Raises CommandError for an event that can't be retried.
    """
    with reading(engine) as connection:
        chosen = read_chosen(connection, retry.wanted)
        released: dict[str, SaleKey] = {}
        if retry.releases:
            released = read_releasable(connection, retry.wanted, retry.served)
        _, told = sales_of_events(connection, retry.wanted.events)
    if faults := [fault for fault in told if fault.partition(" ")[0] not in released]:
        raise _not_retried(faults)
    more = set(released.values()) - {one.key for one in chosen}
    return Ahead((*chosen, *(Chosen(key, None) for key in sorted(more, key=str))))


def carry_out(
    engine: Engine,
    retry: Retry,
    *,
    now: datetime,
    shown: Callable[[Sequence[list[SaleKey]]], Batches] = lambda parts: parts,
) -> list[SaleKey]:
    """Make them due, and note who asked. Returns them in the order in which they were raised.

    `shown` may show how far it has come. Raises CommandError with nothing raised.
    """
    keys = _choose(engine, retry, now)
    parts = batches(keys)
    deed: Deed | None = _deed(retry, len(keys))
    for part in shown(parts):
        raise_batch(engine, part, now=now, total=len(keys), deed=deed)
        deed = None
    return [key for part in parts for key in part]


def _choose(engine: Engine, retry: Retry, now: datetime) -> set[SaleKey]:
    wanted = retry.wanted
    with transaction(engine) as tx:  # a fault takes back what was released before it
        if retry.releases:
            release_named(tx, wanted.events, retry.served, now=now)
        _, faults = sales_of_events(tx, wanted.events)
        if faults:
            raise _not_retried(faults)
    if retry.releases and wanted.received and not wanted.events:
        release_received(engine, wanted.received, retry.served, now=now)
    with reading(engine) as connection:
        return choose_sales(connection, wanted)


def _deed(retry: Retry, count: int) -> Deed:
    wanted = retry.wanted
    told = {
        "events": list(wanted.events),
        "sale": wanted.sale,
        "customer": wanted.customer,
        "statuses": list(wanted.statuses),
        "cause": wanted.cause,
        "type": wanted.received.type,
        "since": stamp(wanted.received.since),
        "until": stamp(wanted.received.until),
    }
    detail = {name: value for name, value in told.items() if value}
    return Deed(
        retry.who, "retry", wanted.sale or wanted.customer or "", {**detail, "sales": count}
    )


def _not_retried(faults: Sequence[str]) -> CommandError:
    return CommandError(
        f"{'; '.join(faults)}.",
        means="Nothing was raised.",
        todo='See each with "fulfill show"; a sale whose event never came is fetched with '
        '"fulfill reconcile <id of the sale>".',
        heals="An event that is still on its way is delivered again by Stripe for three days.",
    )
