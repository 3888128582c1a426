"""How many requests Stripe is asked a second: one budget in Redis that all our programs share.

Taking from it waits. Without Redis each program keeps to a budget of its own, so that no sale waits
for Redis. Background work has half of it, so that a sweep never takes a new sale's turn.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import RedisError

from shared.logs import get_logger
from shared.queue import connect
from shared.settings import Settings

log = get_logger("budget")

ENDPOINT_PER_SECOND = 25  # Stripe's limit for each endpoint, beside the one for the account
PATIENCE_SECONDS = 20.0  # then Stripe is asked all the same: it says itself when it is too much
AWAY_SECONDS = 5.0  # a Redis that is down is not tried before each request
SHORTEST_WAIT_SECONDS = 0.01
JITTER_SECONDS = 0.05  # those who wait for the same moment don't all come at once
ROOMS = ("checkout", "entitlements")  # names above several endpoints: /v1/checkout/sessions

Limit = tuple[RateLimitItem, str]  # and whose it is


class Budget:
    """One for all threads of a program."""

    def __init__(self, per_second: int, redis_url: str = "") -> None:
        self._per_second = per_second
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = _in_redis(redis_url) if redis_url else None
        self._away_until = 0.0

    def take(self, caller: str, endpoint: str, *, background: bool = False) -> None:
        """Wait until one more request may be made, for `PATIENCE_SECONDS` at most.

        `caller` is account and mode; `endpoint` one of Stripe's, "checkout/sessions".
        """
        wanted = self._limits(caller, endpoint, background=background)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while (wait := self._take(wanted)) > 0:
            if time.monotonic() + wait > give_up_at:
                log.warning("budget.passed", caller=caller, endpoint=endpoint)
                return
            time.sleep(wait)

    def _limits(self, caller: str, endpoint: str, *, background: bool) -> list[Limit]:
        of_endpoint = min(ENDPOINT_PER_SECOND, self._per_second)
        limits = [(of_endpoint, f"{caller}/{endpoint}"), (self._per_second, caller)]
        if background:  # its own first: what it may not have, it must not take from the others
            limits[:0] = [(max(1, amount // 2), f"background/{name}") for amount, name in limits]
        return [(RateLimitItemPerSecond(amount), name) for amount, name in limits]

    def _take(self, wanted: list[Limit]) -> float:
        """0 when one was taken, else the seconds to wait before the next try."""
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return _take_all(self._shared, wanted)
            except RedisError as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                log.warning("budget.redis_away", error=type(error).__name__)
        return _take_all(self._own, wanted)


def _take_all(limiter: MovingWindowRateLimiter, wanted: list[Limit]) -> float:
    """One of each, or none: what is taken and not used would be lost to all."""
    for item, name in wanted:
        left = limiter.get_window_stats(item, name)
        if left.remaining < 1:
            pause = max(left.reset_time - time.time(), SHORTEST_WAIT_SECONDS)
            return min(pause, 1.0) + random.random() * JITTER_SECONDS  # noqa: S311 - no secret
    # another may have been faster since the look; then little is lost, and it is tried again
    return 0.0 if all(limiter.hit(item, name) for item, name in wanted) else SHORTEST_WAIT_SECONDS


def _in_redis(redis_url: str) -> MovingWindowRateLimiter:
    pool = connect(redis_url).connection_pool  # with its short time limits
    return MovingWindowRateLimiter(RedisStorage(redis_url, pool, key_prefix="fulfill:budget"))


@dataclass(frozen=True, slots=True)
class Share:
    """What one client takes from. `owner` is whose key it has: "" for our own, else "acct_…"."""

    budget: Budget | None = None  # None = no limit
    background: bool = False
    owner: str = ""

    def take(self, account: str, mode: str, url: str) -> None:
        """Wait for the turn of one request: `account` is the one it names, or ""."""
        if self.budget is not None:
            caller = f"{account or self.owner or 'own'}/{mode}"
            self.budget.take(caller, endpoint_of(url), background=self.background)


NO_LIMIT = Share()


def share_of(settings: Settings, *, background: bool = False) -> Share:
    """The share of a client that this program makes."""
    per_second = settings.stripe_requests_per_second
    if per_second is None:
        return NO_LIMIT
    return Share(_open_budget(per_second, settings.redis_url), background)


@cache
def _open_budget(per_second: int, redis_url: str) -> Budget:
    return Budget(per_second, redis_url)


def endpoint_of(url: str) -> str:
    """Which endpoint a URL asks, whatever the id: ".../v1/checkout/sessions/cs_1" is one."""
    names = [name for name in urlsplit(url).path.split("/") if name][1:]
    return "/".join(names[: 2 if names and names[0] in ROOMS else 1])
