"""Deliveries: each event as a signed POST to each endpoint, kept and retried until a 2xx.

What goes wrong on purpose (copies, order, delay, loss) comes from the switches.
What an event holds, and when it happens, is decided elsewhere.
"""

from __future__ import annotations

import heapq
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from threading import Condition, Thread

import httpx

from simulator.signing import signature
from simulator.switches import Switches

RETRY_SECONDS = (0.2, 0.5, 1, 2, 5, 10, 30)  # Stripe's hours, in the patience of a test
SHUFFLE_SECONDS = 0.1  # neighbours within this time may overtake each other
ANSWER_SECONDS = 30  # Stripe gives up on an answer about then
STOP_SECONDS = 5  # a receiver that never answers must not keep us from stopping


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where deliveries go. Several secrets: each signs, as while one is being rolled."""

    url: str
    secrets: tuple[str, ...] = field(repr=False)
    events: tuple[str, ...] = ("*",)
    endpoint_id: str = ""  # "we_…", by which it is changed and deleted
    enabled: bool = True
    livemode: bool | None = None  # None = events of both modes
    connect: bool | None = None  # of connected accounts, of one's own; None = of both

    def wants(self, letter: Letter) -> bool:
        return (
            self.enabled
            and self.livemode in (None, letter.livemode)
            and self.connect in (None, letter.connected)
            and any(fnmatchcase(letter.event_type, pattern) for pattern in self.events)
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """One body to deliver: a snapshot event, or its thin twin."""

    event_id: str  # of the snapshot, for both
    event_type: str  # of the snapshot, for both
    body: bytes
    livemode: bool = False
    connected: bool = False  # it happened in a connected account


@dataclass(frozen=True, slots=True, order=True)
class Delivery:
    """One POST to come, ordered by when it is due and then by rank."""

    due: float  # time.monotonic()
    rank: float
    number: int
    letter: Letter
    endpoint: Endpoint
    attempt: int = 0


class Deliveries:
    """The outbox. Safe to use from several threads; `start` it to have it send."""

    def __init__(self, seed: int | None = None) -> None:
        self.endpoints: list[Endpoint] = []
        self.switches = Switches()
        self.delivered: dict[str, int] = {}  # event id -> 2xx answers
        self.dropped: list[str] = []  # event ids
        self.given_up: list[str] = []  # event ids, after the last retry
        self._random = random.Random(seed)  # noqa: S311 - chooses what to lose, not a secret
        self._changed = Condition()
        self._waiting: list[Delivery] = []
        self._held: list[Delivery] = []
        self._sending = self._number = 0
        self._open = False
        self._threads: list[Thread] = []

    def put(self, endpoint: Endpoint) -> None:
        """A new endpoint, or a known one as it is from now on; it is known by its id."""
        self.take_away(endpoint.endpoint_id)
        self.endpoints.append(endpoint)

    def take_away(self, endpoint_id: str) -> None:
        """What is on its way to it is still sent."""
        self.endpoints = [one for one in self.endpoints if one.endpoint_id != endpoint_id]

    def start(self, senders: int = 1) -> None:
        """Start sending; one sender keeps the order of events as long as nothing fails."""
        self._open = True
        self._threads = [Thread(target=self._send_all, daemon=True) for _ in range(senders)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        with self._changed:
            self._open = False
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._threads = []

    def post(self, letters: Iterable[Letter]) -> None:
        """Take letters that belong together: they are released, or held, in one go."""
        with self._changed:
            chosen = [letter for letter in letters if not self._lost(letter)]
            made = [one for letter in chosen for one in self._deliveries(letter)]
            if self.switches.hold:
                self._held += made
            else:
                self._release(made)

    def flush(self) -> int:
        """Release what is held and retry at once what failed; how many that is."""
        with self._changed:
            parked = [*self._held, *self._waiting]
            self._held, self._waiting = [], []
            now = time.monotonic()
            self._release([replace(one, due=now, rank=self._rank(one.number)) for one in parked])
            return len(parked)

    @property
    def idle(self) -> bool:
        """Nothing is waiting or on its way. Held deliveries don't count."""
        with self._changed:
            return not self._waiting and not self._sending

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and not self._sending, timeout_seconds
            )

    def counts(self) -> dict[str, int]:
        """How many deliveries stand where."""
        with self._changed:
            return {
                "waiting": len(self._waiting) + self._sending,
                "held": len(self._held),
                "delivered": sum(self.delivered.values()),
                "dropped": len(self.dropped),
                "given_up": len(self.given_up),
            }

    def _lost(self, letter: Letter) -> bool:
        patterns = self.switches.drop_types
        lost = any(fnmatchcase(letter.event_type, pattern) for pattern in patterns)
        lost = lost or (self.switches.drop > 0 and self._random.random() < self.switches.drop)
        if lost:
            self.dropped.append(letter.event_id)
        return lost

    def _deliveries(self, letter: Letter) -> Iterable[Delivery]:
        for endpoint in self.endpoints:
            if endpoint.wants(letter):
                for _ in range(self.switches.duplicate):
                    self._number += 1
                    due = time.monotonic() + self.switches.delay_seconds + self._jitter()
                    rank = self._rank(self._number)
                    yield Delivery(due, rank, self._number, letter, endpoint)

    def _jitter(self) -> float:
        return self._random.random() * SHUFFLE_SECONDS if self.switches.shuffle else 0.0

    def _rank(self, number: int) -> float:
        return self._random.random() if self.switches.shuffle else float(number)

    def _release(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            heapq.heappush(self._waiting, delivery)
        self._changed.notify_all()

    def _send_all(self) -> None:
        with httpx.Client(timeout=ANSWER_SECONDS, trust_env=False) as client:
            while (delivery := self._next()) is not None:
                self._settle(delivery, answered=_send(delivery, client))

    def _next(self) -> Delivery | None:
        """The next one due, or None when closed."""
        with self._changed:
            while self._open:
                wait = self._waiting[0].due - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    self._sending += 1
                    return heapq.heappop(self._waiting)
                self._changed.wait(wait)
            return None

    def _settle(self, delivery: Delivery, *, answered: bool) -> None:
        event_id = delivery.letter.event_id
        with self._changed:
            self._sending -= 1
            if answered:
                self.delivered[event_id] = self.delivered.get(event_id, 0) + 1
            elif delivery.attempt >= len(RETRY_SECONDS):
                self.given_up.append(event_id)
            else:
                due = time.monotonic() + RETRY_SECONDS[delivery.attempt]
                self._release([replace(delivery, due=due, attempt=delivery.attempt + 1)])
            self._changed.notify_all()


def _send(delivery: Delivery, client: httpx.Client) -> bool:
    """Was it answered with a 2xx? Signed afresh each time, by the real clock."""
    body = delivery.letter.body
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature(body, delivery.endpoint.secrets, int(time.time())),
    }
    try:
        return client.post(delivery.endpoint.url, content=body, headers=headers).is_success
    except httpx.HTTPError:
        return False
