"""Two sales reach for the same license: one gets it, the other looks again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.inbox import raise_hint
from shared.keys import StripeId
from shared.links import read_taken
from tests.integration.worker.queue import sale
from tests.worlds.clock import FixedClock
from tests.worlds.sales import NOW
from worker.apply.adoption import adopt
from worker.deps import Deps
from worker.errors import TemporaryError
from worker.lease import Lease, claim
from worker.plan.ids import Ref
from worker.plan.steps import Adopt

AT_ONCE = 4


def leased(engine: Engine, number: int) -> Lease:
    key = replace(sale(), id=StripeId(f"sub_{number}"))
    with transaction(engine) as tx:
        raise_hint(tx, key, now=NOW)
    return claim(engine, key, worker="test", now=NOW)


def test_one_of_several_sales_gets_the_license(engine: Engine) -> None:
    """Each asks and writes in one transaction, and they wait for one another."""
    services: Any = None  # adoption calls neither
    deps = Deps(engine, services, services, services, FixedClock(), "test")
    leases = [leased(engine, number) for number in range(AT_ONCE)]
    start = threading.Barrier(AT_ONCE)

    def reach_for_it(lease: Lease) -> bool:
        step = Adopt(Ref("license", f"si_{lease.key.id}/1"), "lic_1", {}, "found by a test")
        effect = adopt(step, lease, deps)
        start.wait()
        try:
            with transaction(engine) as tx:
                effect.write(tx)
        except TemporaryError:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as threads:
        got = list(threads.map(reach_for_it, leases))

    assert sorted(got) == [False] * (AT_ONCE - 1) + [True]
    winner = leases[got.index(True)]
    with reading(engine) as tx:
        assert read_taken(tx, {"lic_1"}) == {"lic_1": f"si_{winner.key.id}/1"}
