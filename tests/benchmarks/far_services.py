"""The simulator and the embedded LicenseKit as processes of their own, each that far away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy.engine import Engine

from console.embedded_redis import free_port
from mappings.store import set_mapping
from mappings.values import MappingDraft
from shared.database import transaction
from tests.benchmarks.licensekit_config import TOKEN

START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class FarServices:
    """Where both are, and what a bench asks of them."""

    stripe_url: str
    licensekit_url: str
    token: str = TOKEN

    def map_a_price(self, engine: Engine) -> str:
        """A price in Stripe, a perpetual policy in LicenseKit, and the mapping between them."""
        price_id = str(self._tell("price", name="Pro", amount=4900)["price"])
        with httpx.Client(
            base_url=f"{self.licensekit_url}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
        ) as api:
            product = api.post("/products", json={"name": "Pro", "code": "pro"}).json()["data"]
            policy = api.post(
                f"/products/{product['id']}/policies",
                json={"name": "Pro", "code": "pro", "license_type": "perpetual"},
            ).json()["data"]
        draft = MappingDraft("", False, price_id, None, product["id"], policy["id"])
        with transaction(engine) as tx:
            set_mapping(tx, draft, now=datetime.now(UTC), by="bench")
        return price_id

    def sell(self, price_id: str, count: int) -> list[str]:
        """So many one-time sales, each to a new buyer; gives the session ids."""
        return [str(self._tell("buy", lines=price_id)["session"]) for _ in range(count)]

    def wait_before_answers(self, seconds: float) -> None:
        self._tell("switches", latency_seconds=seconds)

    def _tell(self, verb: str, **arguments: object) -> dict[str, object]:
        answer = httpx.post(f"{self.stripe_url}/_simulator/{verb}", json=arguments, timeout=60)
        answer.raise_for_status()
        found: dict[str, object] = answer.json()
        return found


@contextmanager
def far_services(folder: Path, latency_seconds: float) -> Iterator[FarServices]:
    """Both, listening; stopped at the end."""
    with ExitStack() as stack:
        stripe_url = stack.enter_context(_simulator())
        licensekit_url = stack.enter_context(_licensekit(folder, latency_seconds))
        services = FarServices(stripe_url, licensekit_url)
        services.wait_before_answers(latency_seconds)
        yield services


@contextmanager
def _simulator() -> Iterator[str]:
    command = [sys.executable, "-m", "simulator"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()


@contextmanager
def _licensekit(folder: Path, latency_seconds: float) -> Iterator[str]:
    port = free_port()
    environment = {
        **os.environ,
        "BENCH_LICENSEKIT_FOLDER": str(folder),
        "BENCH_LATENCY_SECONDS": str(latency_seconds),
    }
    app = "tests.benchmarks.licensekit_app:app"
    options = ["--port", str(port), "--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    command = [sys.executable, "-m", "uvicorn", app, *options, "--log-level", "warning"]
    with subprocess.Popen(command, env=environment) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_it_answers(f"{url}/healthz", process)
            yield url
        finally:
            process.terminate()


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(url, timeout=2).raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the embedded LicenseKit did not start")
