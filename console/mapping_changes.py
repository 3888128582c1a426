"""Change mappings, and let what waited for them go on: the commands and the routes both end here.

The sales are raised in the same transaction as the mapping; the wake-up follows the commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import sqlalchemy as sa
from redis import RedisError
from sqlalchemy.engine import Connection, Engine

from console.audit import Deed, note
from mappings.store import Change, changes_of, read_catalog, retire_mapping, set_mapping
from mappings.values import Mapping, MappingDraft, MappingKey
from shared import queue
from shared.database import transaction
from shared.inbox import raise_hint
from shared.keys import SaleKey, StripeId
from shared.settings import Settings
from shared.tables import problems, sales
from worker.plan.terms import MENDED_BY_A_MAPPING

FEW = 500  # prices to name in one statement; with more, all that waits is read
URGENCY = 2  # buyers have waited long, but none looks at a page now (0 is first, 5 a new event)

Wake = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of the drafts, in their order."""

    changes: list[Change]
    mappings: list[Mapping]
    released: list[SaleKey]  # sales that waited and are due now


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes mappings, and by which command or route, for the history and the audit log."""

    who: str  # "ada@workstation", "token:support"
    action: str  # "mappings.set"
    said: str  # as the history of mappings names them: "ann, fulfill mappings set"


def apply_drafts(
    engine: Engine, drafts: Sequence[MappingDraft], *, now: datetime, by: Author, wake: Wake
) -> Applied:
    """Set all these mappings or, when one fails, none. Repeating it changes nothing more."""
    with transaction(engine) as connection:
        changes = changes_of(read_catalog(connection), drafts)
        mappings = [set_mapping(connection, draft, now=now, by=by.said) for draft in drafts]
        # also for drafts that change nothing: setting a mapping again is how a person nudges
        released = _release(connection, [mapping.key for mapping in mappings], now=now)
        kinds: Counter[str] = Counter(change.kind for change in changes)
        detail: dict[str, object] = {**kinds, "released": len(released)}
        note(connection, _deed(by, [one.key for one in mappings], detail), now=now)
    if released:
        wake()
    return Applied(changes, mappings, released)


def retire(engine: Engine, key: MappingKey, *, now: datetime, by: Author) -> Mapping | None:
    """End a mapping; None when it isn't mapped. Sold lines keep their version."""
    with transaction(engine) as connection:
        retired = retire_mapping(connection, key, now=now, by=by.said)
        if retired is not None:
            note(connection, _deed(by, [key], {"version": retired.version}), now=now)
    return retired


def _deed(by: Author, keys: Sequence[MappingKey], detail: dict[str, object]) -> Deed:
    """About a price or product, where it is one."""
    if len(keys) == 1:
        return Deed(by.who, by.action, keys[0].stripe_id, {**detail, "mapping": str(keys[0])})
    return Deed(by.who, by.action, detail={**detail, "mappings": len(keys)})


def waker_of(settings: Settings) -> Wake:
    """Wakes the workers. Without Redis, or while it is down, the sweep finds what is due."""

    def wake() -> None:
        if settings.redis_url:
            try:
                queue.wake(settings.redis_url)
            except RedisError:
                return  # healed by the sweep, which reads the database

    return wake


def _release(connection: Connection, keys: Iterable[MappingKey], *, now: datetime) -> list[SaleKey]:
    """Raise every sale with a line that one of these mappings may mend."""
    waiting = _waiting(connection, list(keys))
    for key in waiting:
        raise_hint(connection, key, now=now, urgency=URGENCY)
    return waiting


def _waiting(connection: Connection, keys: list[MappingKey]) -> list[SaleKey]:
    """Sales with such a line. A problem names its price only, so a product releases them all:
    a pass that still finds no mapping settles as it was.
    """
    prices = {(k.account, k.livemode, k.stripe_id) for k in keys if k.kind == "price"}
    wholes = {(k.account, k.livemode) for k in keys if k.kind == "product"}
    mended = (
        sa.select(
            sales.c.account, sales.c.livemode, sales.c.kind, sales.c.object_id, problems.c.subject
        )
        .join(problems, problems.c.sale_id == sales.c.id)
        .where(problems.c.cause.in_(MENDED_BY_A_MAPPING))
    )
    if not wholes and len(prices) <= FEW:
        mended = mended.where(problems.c.subject.in_([price for *_, price in prices]))
    found = [
        SaleKey(row.account, row.livemode, row.kind, StripeId(row.object_id))
        for row in connection.execute(mended)
        if (row.account, row.livemode) in wholes
        or (row.account, row.livemode, row.subject) in prices
    ]
    # sorted, as `raise_hint` asks, so that two who raise the same sales don't lock each other out
    return sorted(set(found), key=attrgetter("account", "livemode", "kind", "id"))
