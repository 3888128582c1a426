"""Events that Stripe has and we were never told of: fetched, and written into the inbox.

In slices of time, oldest first, so that memory is bounded and a look goes on where it stopped.
Source: docs.stripe.com/api/events/list
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount
from shared.clock import Clock
from shared.database import reading, transaction
from shared.events.parsing import Served, read_delivery
from shared.events.routing import ROUTES
from shared.inbox import FETCHED, NO_HURRY, Delivery, Duplicate, Recorded, record
from shared.logs import get_logger
from shared.metrics import SWEPT_EVENTS
from shared.moments import from_unix
from worker.gateways.stripe_lists import StripeLists
from worker.sweep.marks import Mark, oldest_event, read_mark, write_mark
from worker.sweep.requests import SweepWish, ask_for_sweep

log = get_logger("sweep")

EVENTS = "/v1/events"
KEPT = timedelta(days=30)  # so long does Stripe list them
OVERLAP = timedelta(minutes=30)  # an event may be listed later than its second says
YOUNG = timedelta(seconds=60)  # may still be on its way to us
AHEAD = timedelta(minutes=5)  # what is dated later yet comes from a clock of its own: a simulator
SHORTEST_SLICE, LONGEST_SLICE = timedelta(hours=1), timedelta(days=1)
FULL_SLICE = 100  # events: then the next slice is a short one again
AT_ONCE = 200  # events a transaction
NEWS = timedelta(hours=1)  # nobody waits at a page for what is older


@dataclass(frozen=True, slots=True)
class EventLook:
    """What one look at an account's events found."""

    account: ServedAccount
    since: datetime
    until: datetime  # swept until just before then
    looked_at: int = 0
    never_delivered: int = 0
    raised: int = 0  # sales that these made due
    lost_since: datetime | None = None  # events from then on are listed no more


@dataclass(frozen=True, slots=True)
class EventSweep:
    """The events of one account: where they are listed and where they go."""

    account: ServedAccount
    engine: Engine
    lists: StripeLists
    clock: Clock

    def look(self, stopping: Callable[[], bool] = lambda: False) -> EventLook:
        """Fetch what is missing up to a minute ago. Raises what Stripe's and our gateways raise."""
        span = self._open()
        found: Counter[str] = Counter()
        raised: set[int] = set()
        start, width = span.since, SHORTEST_SLICE
        while start < span.until and not stopping():
            end = min(start + width, span.until)
            counts = self._take(start, end, raised)
            found += counts
            width = choose_width(width, counts["looked_at"])
            start = end
            self._move_mark(start, span.until)
        log.info("sweep.events", account=self.account.account or "own", **found, raised=len(raised))
        return replace(
            span,
            until=min(start, span.until),
            looked_at=found["looked_at"],
            never_delivered=found["never_delivered"],
            raised=len(raised),
        )

    def _open(self) -> EventLook:
        """From where to where this look goes. The first one of an account begins its mark."""
        now = self.clock.now()
        newest = self._newest()
        until = choose_end(newest, now=now)
        oldest = _second(max(now, newest or now) - KEPT)
        with transaction(self.engine) as tx:
            mark = read_mark(tx, self.account)
            if mark is None:
                first = oldest_event(tx, self.account)
                begin = until if first is None else min(max(_second(first), oldest), until)
                mark = Mark(begin, begin)
                write_mark(tx, self.account, mark, now=now)
            lost_since = mark.moment if mark.moment < oldest else None
            if lost_since is not None:
                # only the objects themselves tell of that time now
                ask_for_sweep(tx, SweepWish(lost_since, False, False, "scheduler"), now)
                write_mark(tx, self.account, replace(mark, moment=oldest), now=now)
                log.warning("sweep.events_lost", account=self.account.account, since=lost_since)
        return EventLook(
            self.account, choose_start(mark, oldest, until), until, lost_since=lost_since
        )

    def _newest(self) -> datetime | None:
        page = self.lists.page(self.account.account, EVENTS, {}, limit=1)
        return from_unix(_look_at(page.rows[0]).created) if page.rows else None

    def _take(self, start: datetime, end: datetime, raised: set[int]) -> Counter[str]:
        """Record what was created from `start` to just before `end`, oldest first."""
        rows = [row for page in self._pages(start, end) for row in page]
        rows.reverse()
        found: Counter[str] = Counter(looked_at=len(rows))
        for place in range(0, len(rows), AT_ONCE):
            found += self._record(rows[place : place + AT_ONCE], raised)
        return found

    def _pages(self, start: datetime, end: datetime) -> Iterator[list[bytes]]:
        """Newest first. Types are told apart here: Stripe takes 20 at once, and we have more."""
        bounds = {"gte": int(start.timestamp()), "lt": int(end.timestamp())}
        after = None
        while True:
            page = self.lists.page(self.account.account, EVENTS, {"created": bounds}, after=after)
            yield [row for row in page.rows if _look_at(row).type in ROUTES]
            if (after := page.last) is None:
                return

    def _record(self, rows: Sequence[bytes], raised: set[int]) -> Counter[str]:
        now = self.clock.now()
        outcomes = record(self.engine, [self._read(row, now) for row in rows], now)
        for outcome, count in Counter(type(one).__name__.lower() for one in outcomes).items():
            SWEPT_EVENTS.labels(outcome).inc(count)
        raised.update(one.sale_id for one in outcomes if isinstance(one, Recorded))
        unknown = sum(not isinstance(one, Duplicate) for one in outcomes)
        return Counter(never_delivered=unknown)

    def _read(self, row: bytes, now: datetime) -> Delivery:
        served = Served(self.account.livemode, frozenset({self.account.account}))
        account = self.account.account
        found = read_delivery(row, secret=FETCHED, served=served, now=now, account=account)
        old = found.created_at < now - NEWS
        return msgspec.structs.replace(found, urgency=NO_HURRY) if old else found

    def _move_mark(self, moment: datetime, until: datetime) -> None:
        """Forward only, unless it lay beyond all there is: Stripe's clock was another one then."""
        with transaction(self.engine) as tx:
            mark = read_mark(tx, self.account)
            assert mark is not None, "a look begins with a mark"
            if mark.moment <= until:
                moment = max(mark.moment, moment)
            since = min(mark.since, moment)
            write_mark(tx, self.account, Mark(since, moment), now=self.clock.now())


def choose_end(newest: datetime | None, *, now: datetime) -> datetime:
    """Until just before when events are taken: a minute ago, or all of a clock that is ahead."""
    if newest is not None and newest > now + AHEAD:
        return newest + timedelta(seconds=1)
    return _second(now - YOUNG)


def choose_start(mark: Mark, oldest: datetime, end: datetime) -> datetime:
    """From when on: a little before the mark, and never before what is ours to take."""
    return max(min(mark.moment, end) - OVERLAP, min(mark.since, end), oldest)


def choose_width(last: timedelta, events: int) -> timedelta:
    """Longer slices while little happens, so that a quiet month is not seven hundred requests."""
    return SHORTEST_SLICE if events >= FULL_SLICE else min(last * 2, LONGEST_SLICE)


def read_marks(engine: Engine, accounts: Sequence[ServedAccount]) -> dict[ServedAccount, Mark]:
    """How far each was swept; accounts without a first look are left out."""
    with reading(engine) as tx:
        found = {account: read_mark(tx, account) for account in accounts}
    return {account: mark for account, mark in found.items() if mark is not None}


class _Look(msgspec.Struct, frozen=True):
    type: str
    created: int


_look_at = msgspec.json.Decoder(_Look).decode


def _second(moment: datetime) -> datetime:
    """Stripe counts in whole seconds."""
    return moment.replace(microsecond=0)
