"""Whose budget a request is taken from, and how much of it background work may have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from shared.settings import Settings
from worker.gateways import budget as module
from worker.gateways.budget import NO_LIMIT, Budget, Share, endpoint_of, share_of

NOBODY = "redis://127.0.0.1:9/0"  # nothing answers there
URL = "https://api.stripe.com/v1/invoices/in_1"


@dataclass
class StoppedTime:
    """A clock that moves only while somebody sleeps: the budget waits without keeping us."""

    seconds: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.seconds

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedTime:
    """For the budget, and for the library that counts for it."""
    stopped = StoppedTime()
    for name in ("time.time", "time.monotonic", "time.sleep"):
        monkeypatch.setattr(name, getattr(stopped, name.partition(".")[2]))
    return stopped


def takes(
    budget: Budget, count: int, *, endpoint: str = "invoices", background: bool = False
) -> None:
    for _ in range(count):
        budget.take("own/test", endpoint, background=background)


@pytest.mark.parametrize(
    ("per_second", "background", "at_once"),
    [
        (100, False, 25),  # Stripe's own limit of an endpoint
        (10, False, 10),
        (10, True, 5),
        (100, True, 12),  # half of an endpoint's
        (3, True, 1),
        (1, True, 1),  # never nothing: a sweep must come to its end
    ],
)
def test_so_many_of_one_endpoint_are_made_at_once(
    clock: StoppedTime, per_second: int, background: bool, at_once: int
) -> None:
    """The next one waits, a second at most in one go."""
    budget = Budget(per_second)

    takes(budget, at_once, background=background)
    before = len(clock.slept)
    takes(budget, 1, background=background)

    assert before == 0
    assert len(clock.slept) >= 1
    assert all(0 < wait <= 1.05 for wait in clock.slept)


def test_other_endpoints_have_room_while_one_is_full(clock: StoppedTime) -> None:
    """Up to what the account may do in all."""
    budget = Budget(40)

    takes(budget, 25)
    takes(budget, 15, endpoint="charges")
    assert clock.slept == []

    takes(budget, 1, endpoint="refunds")
    assert clock.slept != []


def test_background_work_leaves_its_other_half_to_the_passes(clock: StoppedTime) -> None:
    """And what it may not have it takes from nobody."""
    budget = Budget(10)
    takes(budget, 5, background=True)

    takes(budget, 5)

    assert clock.slept == []


def test_after_a_second_there_is_room_again(clock: StoppedTime) -> None:
    """The window moves with the clock."""
    budget = Budget(5)
    takes(budget, 5)
    clock.seconds += 1.01

    takes(budget, 5)

    assert clock.slept == []


def test_who_waited_long_enough_asks_all_the_same_and_it_is_told(
    clock: StoppedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe says itself when it is too much; no sale waits for ever."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    budget = Budget(1)

    with capture_logs() as told:
        takes(budget, 2)

    passed = {name: told[0][name] for name in ("event", "caller", "endpoint")}
    assert passed == {"event": "budget.passed", "caller": "own/test", "endpoint": "invoices"}
    assert (len(told), clock.slept) == (1, [])


def test_a_redis_that_is_away_is_told_and_not_tried_before_each_request() -> None:
    """Once in five seconds; its address is in no line."""
    budget = Budget(100, NOBODY)

    with capture_logs() as told:
        takes(budget, 3)

    assert [line["event"] for line in told] == ["budget.redis_away"]
    assert "127.0.0.1" not in str(told)


@pytest.mark.parametrize(
    ("share", "account", "caller"),
    [
        (Share(), "", "own/test"),
        (Share(), "acct_1", "acct_1/test"),
        (Share(owner="acct_9"), "", "acct_9/test"),
        (Share(owner="acct_9"), "acct_1", "acct_1/test"),
    ],
    ids=["our own", "one that is named", "a token's owner", "both"],
)
def test_a_request_counts_for_the_account_it_is_about(
    monkeypatch: pytest.MonkeyPatch, share: Share, account: str, caller: str
) -> None:
    """As Stripe counts it: for each account and mode."""
    taken: list[tuple[str, str, bool]] = []

    class Noted(Budget):
        def take(self, caller: str, endpoint: str, *, background: bool = False) -> None:
            taken.append((caller, endpoint, background))

    for background in (False, True):
        Share(Noted(5), background, share.owner).take(account, "test", URL)

    assert taken == [(caller, "invoices", False), (caller, "invoices", True)]


def test_programs_of_one_setting_share_a_budget_and_a_simulator_has_none(
    make_settings: Callable[..., Settings],
) -> None:
    """Each client of a program takes from the same one."""
    settings = make_settings(FULFILL_STRIPE_REQUESTS_PER_SECOND="7")
    passes, sweep = share_of(settings), share_of(settings, background=True)
    free = make_settings(STRIPE_API_BASE="http://127.0.0.1:12111")

    assert passes.budget is sweep.budget is not None
    assert (passes.background, sweep.background) == (False, True)
    assert share_of(free) is NO_LIMIT


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/v1/charges", "charges"),
        ("/v1/charges/ch_1/refund", "charges"),
        ("/v1/checkout/sessions", "checkout/sessions"),
        ("/v1/checkout", "checkout"),
        ("/v1/entitlements/features/feat_1", "entitlements/features"),
        ("/v2/core/events/evt_1", "core"),
        ("/v1/", ""),
        ("", ""),
    ],
)
def test_an_object_of_an_endpoint_is_the_same_endpoint(path: str, endpoint: str) -> None:
    """Its id and what hangs on it make no other; some have a name above them."""
    assert endpoint_of(f"https://api.stripe.com{path}?limit=1") == endpoint
