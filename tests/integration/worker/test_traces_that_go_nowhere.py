"""A collector that is down, or none at all: passes go on as if nobody had asked for traces."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from console.embedded_redis import free_port
from shared import tracing
from shared.tracing.otel import LAST_SECONDS
from tests.worlds.world import World
from worker.lease import claim_due
from worker.reconcile import reconcile
from worker.watching import watch

PROGRAMS = "worker.__main__, webhooks.app, console.asgi"
OURS = ("shared.tracing.otel", "opentelemetry.sdk.trace", "opentelemetry.exporter")


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a collector that is not there."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield f"http://127.0.0.1:{free_port()}"
    tracing.stop()


def test_a_collector_that_is_down_harms_no_pass_and_holds_up_no_end(
    world: World, nowhere: str
) -> None:
    """Spans are lost, and nothing else: not even the time that a connection takes."""
    price, policy = world.price()
    world.stripe.shop.buy(price)
    world.tell(world.stripe.shop.events())
    tracing.start(nowhere, "test")

    while leases := claim_due(world.engine, worker="test", limit=1, now=world.clock.now()):
        with watch(leases[0], world.engine) as watched:
            watched.status = reconcile(leases[0], world.deps).status
    began = time.monotonic()
    tracing.stop()

    assert time.monotonic() - began < LAST_SECONDS + 1
    assert len(world.books.licenses(policy.product_id)) == 1
    assert world.due() == []


def test_without_an_endpoint_no_program_loads_anything_for_traces() -> None:
    """Whoever doesn't trace starts as fast as ever. (Other libraries look at OpenTelemetry too.)"""
    code = f"import sys, {PROGRAMS}; print([m for m in sys.modules if m.startswith({OURS})])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
