"""The programs of an installation, as `fulfill up` runs them. The Procfile has the same."""

from __future__ import annotations

import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from console.embedded_redis import find_server, free_port
from console.supervision import Program, Stage

ANSWER_SECONDS = 2.0  # a local server answers a health check at once or is not ready
UVICORN = (
    *("-m", "uvicorn", "console.asgi:app", "--loop", "uvloop", "--http", "httptools"),
    # the access log halves the rate
    *("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "10"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things run: what `fulfill up` decides beyond the settings."""

    host: str
    port: int
    workers: int
    folder: Path  # for what the embedded Redis leaves behind


def free_redis_url() -> str:
    """The address of a Redis that is yet to be started."""
    return f"redis://127.0.0.1:{free_port()}/0"


def stages(environment: Mapping[str, str], layout: Layout, *, redis_url: str | None) -> list[Stage]:
    """Redis (when `redis_url` says where ours is to listen), then web, then workers and scheduler.

    Workers come after web, since the embedded LicenseKit is a part of it.
    """
    python = sys.executable
    web = (python, *UVICORN, "--host", layout.host, "--port", str(layout.port))
    sweep = (python, "-m", "worker", "--scheduler")
    workers = [
        Program(f"worker-{number}", (python, "-m", "worker"), environment)
        for number in range(1, layout.workers + 1)
    ]
    return [
        *([redis_stage(environment, redis_url, layout.folder)] if redis_url else []),
        Stage((Program("web", web, environment),), ready=answers(local_url(layout))),
        Stage((*workers, Program("scheduler", sweep, environment)), ready=lambda: True),
    ]


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment's exceptions from its proxy, and this machine: no proxy can reach that."""
    known = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    exceptions = ",".join([*filter(None, [known]), "127.0.0.1", "localhost"])
    return {"NO_PROXY": exceptions, "no_proxy": exceptions}


def forget_counts(folder: Path) -> None:
    """Programs of an earlier start left their counts here; all of them begin anew together."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink()


def redis_stage(environment: Mapping[str, str], url: str, folder: Path) -> Stage:
    """A Redis of our own: it carries only wake-ups, so it keeps nothing. Raises NoRedis."""
    port = url.rpartition(":")[2].partition("/")[0]
    folder.mkdir(parents=True, exist_ok=True)
    command = (
        *(str(find_server()), "--port", port, "--bind", "127.0.0.1", "--dir", str(folder)),
        *("--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"),
    )
    return Stage((Program("redis", command, environment),), ready=listens(int(port)))


def local_url(layout: Layout) -> str:
    """Where the web process is reached from this machine."""
    return f"http://127.0.0.1:{layout.port}"


def listens(port: int) -> Callable[[], bool]:
    """Whether anybody accepts connections on a loopback port."""

    def look() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS).close()
        except OSError:
            return False
        return True

    return look


def answers(url: str) -> Callable[[], bool]:
    """Whether the web process at this base URL is alive."""
    # no proxy: it is this machine
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def look() -> bool:
        try:
            with opener.open(f"{url}/livez", timeout=ANSWER_SECONDS) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    return look
