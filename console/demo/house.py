"""A whole installation in a folder of its own: the simulator, and `fulfill up` with two workers."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import httpx
from sqlalchemy.engine import Engine

from console.admin.values import PREFIX
from console.demo.licensekit_side import LicenseKitSide
from console.demo.stripe_side import StripeSide
from console.demo.waiting import TooSlow
from console.embedded_redis import free_port
from console.supervision import Program, Running
from shared.database import make_engine
from shared.secrets import new_key
from shared.settings import NAMES

START_SECONDS = 60.0  # five programs on a cold, busy machine; takes five seconds on a warm one
WORKERS = 2
LAST_LINES = 30  # of a program that failed; enough for its last traceback


@dataclass(frozen=True, slots=True)
class House:
    """Where everything runs while the demo plays."""

    stripe: StripeSide
    licensekit: LicenseKitSide
    engine: Engine  # onto the installation's database, for looking only
    redis_url: str
    pids: Mapping[str, int]  # "worker-1" -> pid, as started; a killed one gets another
    web_url: str
    admin_token: str

    def map_price(
        self,
        price_id: str,
        *,
        product_id: str,
        policy_id: str,
        terms: Mapping[str, object] | None = None,
    ) -> None:
        """Through the admin route, as a shop's own program would."""
        sold = {"product_id": product_id, "policy_id": policy_id}
        body = {"stripe_price_id": price_id, **sold, "terms": dict(terms or {})}
        headers = {"Authorization": f"Bearer {self.admin_token}"}
        with httpx.Client(base_url=self.web_url, headers=headers, trust_env=False) as client:
            client.post(f"{PREFIX}/mappings", json=body).raise_for_status()


@contextmanager
def open_house(folder: Path, *, seed: int) -> Iterator[House]:
    """Start everything, wait until it answers, and end all of it afterwards.

    Raises TooSlow, with the last lines of the program that did not start.
    """
    port, key = free_port(), f"sk_test_{secrets.token_hex(12)}"
    signing_secret = f"whsec_{secrets.token_hex(16)}"
    command = (
        *(sys.executable, "-m", "simulator", "--api-key", key, "--seed", str(seed)),
        *("--webhook-url", f"http://127.0.0.1:{port}/stripe/webhook"),
        *("--webhook-secret", signing_secret, "--senders", "4", "--test-clock"),
    )
    stripe = _Started(Program("stripe", command, _clean_environment(), folder))
    try:
        url = stripe.first_answer()["url"]
        environment = _environment(folder, port) | {
            "STRIPE_API_BASE": url,
            "STRIPE_SECRET_KEY": key,
            "STRIPE_WEBHOOK_SECRET": signing_secret,
        }
        with _installation(folder, environment) as ready:
            yield from _furnish(ready, environment)
    finally:
        stripe.end()


def _furnish(ready: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[House]:
    stripe = StripeSide(environment["STRIPE_API_BASE"], environment["STRIPE_SECRET_KEY"])
    licensekit = LicenseKitSide(ready["web"], environment["LICENSEKIT_API_TOKEN"])
    engine = make_engine(environment["DATABASE_URL"])
    with closing(stripe), closing(licensekit):
        try:
            yield House(
                stripe=stripe,
                licensekit=licensekit,
                engine=engine,
                redis_url=ready["redis"],
                pids=ready["processes"],
                web_url=ready["web"],
                admin_token=environment["FULFILL_ADMIN_TOKEN"],
            )
        finally:
            engine.dispose()


@contextmanager
def _installation(folder: Path, environment: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """`fulfill up`, as anybody would start it; gives what it says when all is ready."""
    command = (sys.executable, "-m", "console", "up", "--json", "--workers", str(WORKERS))
    up = _Started(Program("up", command, environment, folder))
    try:
        yield up.first_answer()
    finally:
        up.end()


def _clean_environment() -> dict[str, str]:
    """This environment without any setting: the demo must not touch a real installation."""
    return {name: value for name, value in os.environ.items() if name not in NAMES.values()}


def _environment(folder: Path, port: int) -> dict[str, str]:
    return _clean_environment() | {
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.db'}",
        "LICENSEKIT_API_TOKEN": secrets.token_urlsafe(24),
        "FULFILL_ADMIN_TOKEN": secrets.token_urlsafe(24),
        "FULFILL_ENCRYPTION_KEYS": new_key().reveal(),
        "FULFILL_WORKER_THREADS": "4",
    }


class _Started:
    """A program whose first line of JSON says that it is ready."""

    def __init__(self, program: Program) -> None:
        self._lines: list[str] = []
        self._answers: SimpleQueue[str | None] = SimpleQueue()
        self._running = Running(program, say=self._hear, exited=lambda _: self._answers.put(None))

    def first_answer(self) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=START_SECONDS)
        except Empty:
            answer = None
        if answer is None:
            if self._running.status is not None:
                self._running.close()  # it has ended: hear its last words first
            told = "\n".join(self._lines[-LAST_LINES:])
            raise TooSlow(f"{self._running.program.name} did not start. Its last lines:\n{told}")
        return dict(json.loads(answer))

    def end(self) -> None:
        self._running.signal(signal.SIGTERM)
        self._running.close()

    def _hear(self, _name: str, line: str) -> None:
        self._lines.append(line)
        if line.startswith("{"):
            self._answers.put(line)
