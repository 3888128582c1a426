"""`fulfill up`: everything runs from one command, and nothing is left when it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from shared.queue import connect
from tests.integration.console.running import up
from tests.integration.console.supervised import alive, wait_until


def test_one_command_runs_everything_and_ctrl_c_ends_it(
    tmp_path: Path, real_use: dict[str, str], environment: dict[str, str]
) -> None:
    """From a .env alone: Redis, migrated databases, web, a worker, the scheduler."""
    with up(tmp_path, real_use) as (running, ready):
        pids = dict(ready["processes"])
        assert set(pids) == {"redis", "web", "worker-1", "scheduler"}
        health = httpx.get(f"{ready['web']}/readyz", trust_env=False)
        products = httpx.get(
            f"{ready['web']}/api/v1/products",
            headers={"Authorization": f"Bearer {environment['LICENSEKIT_API_TOKEN']}"},
            trust_env=False,
        )
        assert (health.status_code, products.status_code) == (200, 200), health.text
        delivery = httpx.post(ready["webhook"], content=b"{}", trust_env=False)
        assert delivery.status_code == 400  # not signed

    assert running.returncode == 0
    assert not any(alive(pid) for pid in pids.values())
    log = (tmp_path / "up.log").read_text()
    assert not any(secret in log for secret in environment.values())


def test_a_killed_worker_is_replaced_while_the_rest_goes_on(
    tmp_path: Path, real_use: dict[str, str]
) -> None:
    """A worker may die at any moment; selling goes on."""
    with up(tmp_path, real_use) as (_, ready):
        log = tmp_path / "up.log"
        wait_until(lambda: "worker.started" in log.read_text())
        os.kill(ready["processes"]["worker-1"], signal.SIGKILL)

        wait_until(lambda: "was ended by SIGKILL; starts again" in log.read_text())
        wait_until(lambda: log.read_text().count("worker.started") == 2)
        assert httpx.get(f"{ready['web']}/livez", trust_env=False).status_code == 200


def test_settings_that_are_missing_are_all_told_before_anything_starts(tmp_path: Path) -> None:
    """Faults come all at once, with exit status 2, and no traceback."""
    answer = subprocess.run(
        [sys.executable, "-m", "console", "up"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PORT": "none"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 2
    for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "LICENSEKIT_API_TOKEN", "PORT"):
        assert name in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "REDIS_URL" not in answer.stderr  # it brings its own
    assert not list(tmp_path.iterdir())


def test_faults_of_the_settings_are_one_line_of_json_where_that_is_asked_for(
    tmp_path: Path,
) -> None:
    """A script that starts it reads the faults as it reads any other answer."""
    command = [sys.executable, "-m", "console", "up", "--json"]

    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    error = json.loads(ended.stderr)["error"]
    assert (ended.returncode, error["code"]) == (2, "SETTINGS")
    assert any(fault.startswith("STRIPE_SECRET_KEY is missing") for fault in error["faults"])


def test_a_port_that_is_taken_is_told_before_anything_starts(
    tmp_path: Path, real_use: dict[str, str]
) -> None:
    """Better one sentence than a web process that dies again and again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = subprocess.run(
            [sys.executable, "-m", "console", "up"],
            cwd=tmp_path,
            env={**real_use, "PORT": port},
            capture_output=True,
            text=True,
            check=False,
        )

    assert answer.returncode == 1
    assert f"127.0.0.1:{port} can't be listened on" in answer.stderr
    assert "set PORT to another one" in answer.stderr


def test_a_redis_of_ones_own_is_used_and_left_running(
    tmp_path: Path, real_use: dict[str, str], redis_url: str
) -> None:
    """Where REDIS_URL is set, no second Redis is started."""
    with up(tmp_path, {**real_use, "REDIS_URL": redis_url}) as (_, ready):
        assert set(ready["processes"]) == {"web", "worker-1", "scheduler"}
        assert ready["redis"] == redis_url

    with connect(redis_url) as connection:
        assert connection.ping()
