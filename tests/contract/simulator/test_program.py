"""`python -m simulator`: starts, says where it listens, delivers, and stops when told."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import stripe as sdk

from tests.contract.simulator.conftest import SECRET
from tests.contract.simulator.mailbox import open_mailbox


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The simulator as a process; killed by its handle if a test leaves it running."""
    command = [sys.executable, "-m", "simulator", *arguments]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def url_of(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return str(json.loads(running.stdout.readline())["url"])


def test_the_program_says_where_it_listens_and_stops_cleanly() -> None:
    """One JSON line when it is ready; exit status 0 on SIGTERM, and nothing on stderr."""
    with program("--api-key", "sk_test_mine") as running:
        url = url_of(running)
        headers = {"Authorization": "Bearer sk_test_mine"}
        answer = httpx.get(f"{url}/v1/account", headers=headers, trust_env=False)

        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=20)

    assert answer.status_code == 200
    assert (running.returncode, errors) == (0, "")


def test_the_program_delivers_to_the_endpoint_it_was_given() -> None:
    """Signed with its secret."""
    with (
        open_mailbox() as box,
        program("--webhook-url", box.url, "--webhook-secret", SECRET) as running,
        httpx.Client(base_url=url_of(running), trust_env=False) as http,
    ):
        http.post("/_simulator/switches", json={"hold": True})
        http.post("/_simulator/customer", json={"email": "a@example.com"})
        http.post("/_simulator/flush")
        while not http.get("/_simulator/idle").json()["idle"]:
            pass

    (received,) = box.received
    assert sdk.Webhook.construct_event(received.body, received.signature, SECRET)


@pytest.mark.parametrize(
    "arguments",
    [("--webhook-url", "http://127.0.0.1:9/hook"), ("--api-key", "mine")],
    ids=["no secret", "no mode in the key"],
)
def test_the_program_refuses_settings_that_can_not_work(arguments: tuple[str, ...]) -> None:
    """With a reason, before it listens."""
    with program(*arguments) as running:
        _, errors = running.communicate(timeout=20)

    assert running.returncode == 1
    assert errors.startswith("simulator: ")
