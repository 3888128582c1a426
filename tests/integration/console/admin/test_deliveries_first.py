"""Whatever the admin routes wait for, a delivery is written down and answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from console.admin.serving import VISITORS
from console.asgi import make_app
from simulator.api.app import make_app as make_stripe
from tests.deliveries import sign, subscription_updated
from tests.worlds.office import ADMIN, ROOT_TOKEN, settings_of
from tests.worlds.web import serve_app
from tests.worlds.world import open_world

PATIENCE_SECONDS = 60


class SlowDoor:
    """Stands before Stripe and lets nobody through until the test opens it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.opened, self.came = threading.Event(), threading.Semaphore(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.came.release()
        await to_thread.run_sync(self.opened.wait)
        await self._app(scope, receive, send)


@contextmanager
def asking(url: str, door: SlowDoor, number: int) -> Iterator[list[Any]]:
    """So many plans are asked for at once; they end when the block does."""
    headers = {"Authorization": f"Bearer {ROOT_TOKEN}"}

    def ask(place: int) -> int:
        path = f"{url}{ADMIN}/sales/cs_{place}/plan"
        return httpx.get(path, headers=headers, trust_env=False, timeout=None).status_code

    with ThreadPoolExecutor(number) as pool:
        asked = [pool.submit(ask, place) for place in range(number)]
        try:
            yield asked
        finally:
            door.opened.set()


def test_slow_admin_requests_hold_up_neither_deliveries_nor_the_log(tmp_path: Path) -> None:
    """Stripe's API hangs and every thread for it is taken: a delivery gets its 200 all the same,
    and so does whoever looks at the log.
    """
    with open_world(tmp_path) as world:
        door = SlowDoor(make_stripe(world.stripe))
        with serve_app(door) as stripe_url:
            app = make_app(settings_of(world, STRIPE_API_BASE=stripe_url))
            with serve_app(app, lifespan=True) as url, asking(url, door, 4 * VISITORS) as asked:
                for _ in range(VISITORS):
                    assert door.came.acquire(timeout=PATIENCE_SECONDS)

                body = subscription_updated("evt_1")
                headers = {"Stripe-Signature": sign(body)}
                delivered = httpx.post(f"{url}/stripe/webhook", content=body, headers=headers)
                bearer = {"Authorization": f"Bearer {ROOT_TOKEN}"}
                log = httpx.get(f"{url}{ADMIN}/fulfillments", headers=bearer)
                still_asked = [one.done() for one in asked]

    assert (delivered.status_code, log.status_code) == (200, 200)
    assert not any(still_asked)
    assert {one.result() for one in asked} == {404}
