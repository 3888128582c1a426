"""Metrics of programs without a web server, and of several programs on one machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from console.embedded_redis import free_port
from console.programs import forget_counts
from shared.secrets import Secret
from tests.worlds.lines import logged
from worker.metrics_port import serve_metrics

TOKEN = "metrics-of-the-shop"
COUNT_THREE = "from shared.metrics import PASSES; PASSES.labels('applied').inc(3)"
SHOW = "from shared.metrics import exposition; print(exposition().decode())"


@pytest.fixture
def port() -> Iterator[int]:
    """Metrics on a port of their own, until the test is over."""
    number = free_port()
    server = serve_metrics(number, Secret(TOKEN))
    assert server is not None
    yield number
    server.shutdown()
    server.server_close()


def ask(port: int, path: str, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers, trust_env=False)


def test_a_worker_of_its_own_machine_shows_its_metrics_to_who_has_the_token(port: int) -> None:
    """The same page by the same token as web's, without what the database tells."""
    shown = ask(port, "/metrics", TOKEN)

    assert shown.status_code == 200
    assert "# TYPE fulfill_passes_total counter" in shown.text
    assert ask(port, "/metrics", "wrong").status_code == 401
    assert ask(port, "/", TOKEN).status_code == 404
    assert ask(port, "/", "wrong").status_code == 401


def test_a_port_that_is_taken_costs_a_line_and_no_worker(port: int) -> None:
    """Two workers of one machine have the same settings: the second one works all the same."""
    with logged() as lines:
        assert serve_metrics(port, Secret(TOKEN)) is None

    assert lines.stages() == ["metrics.not_shown"]


def test_the_programs_of_one_machine_count_together(tmp_path: Path) -> None:
    """Whichever of them is asked; also what one counted that has ended since."""
    folder = tmp_path / "metrics"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}

    def run(code: str) -> str:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    run(COUNT_THREE)
    run(COUNT_THREE)
    assert 'fulfill_passes_total{status="applied"} 6.0' in run(SHOW)

    forget_counts(folder)  # as `fulfill up` does before it starts them
    assert 'status="applied"' not in run(SHOW)
