"""Stripe is asked no more often than we want to, by all our programs together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from shared.secrets import Secret
from tests.worlds.scripted import Answer, Script
from worker.gateways.budget import NO_LIMIT, Budget, Share, endpoint_of
from worker.gateways.stripe import StripeGateway

NOBODY = "redis://127.0.0.1:9/0"  # nothing answers there


def take_all(count: int, take: Callable[[], None]) -> list[float]:
    """When each was taken, by as many threads as there are takes."""
    moments: list[float] = []

    def one() -> None:
        take()
        moments.append(time.time())

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return moments


def test_two_programs_together_stay_within_the_budget(redis_url: str) -> None:
    """Twenty a second, though each of them alone would have made all of its own at once."""
    budgets = [Budget(20, redis_url), Budget(20, redis_url)]
    turns = iter(budgets * 15)

    started = time.time()

    moments = take_all(30, lambda: next(turns).take("own/test", "invoices"))

    assert sum(one < started + 1 for one in moments) <= 20


def test_two_gateways_together_stay_within_the_budget(script: Script, redis_url: str) -> None:
    """Each page and each repeat counts: it is the client that takes."""
    script.says(Answer(200, {"id": "pi_1", "object": "payment_intent"}))
    one, two = (
        StripeGateway(Secret("sk_test_1"), script.url, Share(Budget(5, redis_url)))
        for _ in range(2)
    )
    with closing(one), closing(two):
        started = time.monotonic()
        for _ in range(6):
            one.payment_intent("", "pi_1")
            two.payment_intent("", "pi_1")
        took = time.monotonic() - started

    assert len(script.asked) == 12
    assert took >= 1.9  # five at once, five a second later, two after that


def test_each_endpoint_has_a_limit_of_its_own(redis_url: str) -> None:
    """Stripe allows 25 a second for each, whatever the account may do in all."""
    budget = Budget(100, redis_url)
    started = time.time()

    moments = take_all(30, lambda: budget.take("own/test", "invoices"))

    assert sum(one < started + 1 for one in moments) <= 25


def test_a_sweep_leaves_half_of_the_budget_to_new_sales(redis_url: str) -> None:
    """Its requests wait while a pass goes on at once."""
    budget = Budget(10, redis_url)
    swept: list[float] = []

    def sweep() -> None:
        swept.extend(
            take_all(8, lambda: budget.take("own/test", "events", background=True)),
        )

    waiting = threading.Thread(target=sweep)
    waiting.start()
    passes = take_all(4, lambda: budget.take("own/test", "invoices"))
    waiting.join()

    assert max(passes) < sorted(swept)[5]


def test_accounts_and_modes_don_t_wait_for_each_other(redis_url: str) -> None:
    """Stripe counts for each of them."""
    budget = Budget(1, redis_url)
    started = time.monotonic()

    for caller in ("own/test", "own/live", "acct_1/test"):
        budget.take(caller, "invoices")

    assert time.monotonic() - started < 1.9


def test_a_redis_that_is_down_stops_no_call() -> None:
    """The program keeps to a budget of its own meanwhile."""
    budget = Budget(5, NOBODY)
    started = time.time()

    moments = take_all(8, lambda: budget.take("own/test", "invoices"))

    assert sum(one < started + 1 for one in moments) <= 5
    assert len(moments) == 8


def test_nobody_waits_for_ever(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some time Stripe is asked all the same: it says itself when it is too much."""
    monkeypatch.setattr("worker.gateways.budget.PATIENCE_SECONDS", 0.05)
    budget = Budget(1, redis_url)
    started = time.monotonic()

    for _ in range(3):
        budget.take("own/test", "invoices")

    assert time.monotonic() - started < 1.9


def test_without_a_limit_nobody_waits() -> None:
    """At a simulator's."""
    assert len(take_all(50, lambda: NO_LIMIT.take("", "test", "http://host/v1/charges"))) == 50


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://api.stripe.com/v1/invoices/in_1/lines?limit=100", "invoices"),
        ("https://api.stripe.com/v1/checkout/sessions/cs_1/line_items", "checkout/sessions"),
        ("https://api.stripe.com/v1/invoice_payments", "invoice_payments"),
        ("https://api.stripe.com/v1/entitlements/active_entitlements", "entitlements/active_"),
        ("https://api.stripe.com/", ""),
    ],
)
def test_an_endpoint_is_known_by_its_path(url: str, endpoint: str) -> None:
    """Whatever object is asked for."""
    assert endpoint_of(url).startswith(endpoint)
