"""Which programs `fulfill up` runs, in which order, and when each counts as ready."""

from __future__ import annotations

import http.server
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from console.embedded_redis import free_port
from console.programs import (
    Layout,
    answers,
    free_redis_url,
    listens,
    local_url,
    stages,
    without_proxy,
)

LAYOUT = Layout("0.0.0.0", 8123, 2, Path("var/redis"))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout("0.0.0.0", 8123, 2, tmp_path / "redis")


def test_redis_comes_first_then_web_then_those_who_need_both(layout: Layout) -> None:
    """Workers reach the embedded LicenseKit through web."""
    planned = stages({}, layout, redis_url="redis://127.0.0.1:7001/0")

    assert [[program.name for program in stage.programs] for stage in planned] == [
        ["redis"],
        ["web"],
        ["worker-1", "worker-2", "scheduler"],
    ]


def test_a_redis_of_ones_own_is_left_alone(layout: Layout) -> None:
    """Where REDIS_URL is set, somebody else looks after it."""
    planned = stages({}, layout, redis_url=None)

    assert planned[0].programs[0].name == "web"
    assert not layout.folder.exists()


def test_web_is_started_fast_and_without_an_access_log(layout: Layout) -> None:
    """The access log halves the rate; asyncio's own loop costs two thirds of it."""
    (web,) = stages({}, layout, redis_url=None)[0].programs
    words = " ".join(web.command)

    assert "console.asgi:app --loop uvloop --http httptools --no-access-log" in words
    assert words.endswith("--host 0.0.0.0 --port 8123")


def test_redis_listens_on_this_machine_only_and_keeps_nothing(layout: Layout) -> None:
    """It has no password, and carries nothing worth keeping."""
    (redis,) = stages({}, layout, redis_url="redis://127.0.0.1:7001/0")[0].programs
    words = " ".join(redis.command)

    assert "--port 7001 --bind 127.0.0.1" in words
    assert "--appendonly no" in words
    assert layout.folder.is_dir()


def test_every_program_gets_the_whole_environment(layout: Layout) -> None:
    """All of them read the same settings."""
    planned = stages({"PORT": "8123"}, layout, redis_url=None)

    for stage in planned:
        for program in stage.programs:
            assert program.environment == {"PORT": "8123"}


def test_web_is_reached_on_this_machine_whatever_it_listens_on() -> None:
    """Listening on every address is not an address to go to."""
    assert local_url(LAYOUT) == "http://127.0.0.1:8123"


def test_a_port_counts_as_ready_once_somebody_listens() -> None:
    """Not before, and not by waiting a while."""
    port = free_port()
    ready = listens(port)
    assert not ready()

    with socket.create_server(("127.0.0.1", port)):
        assert ready()


def test_the_address_of_a_new_redis_is_a_free_port_on_this_machine() -> None:
    """Two installations side by side never share one by accident."""
    url = free_redis_url()

    assert url.startswith("redis://127.0.0.1:")
    assert not listens(int(url.rpartition(":")[2].partition("/")[0]))()


@pytest.fixture
def half_ready() -> Iterator[str]:
    """A web server that is there but answers 503 to everything."""

    class Busy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(503)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing in the test's output."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_web_counts_as_ready_only_when_it_says_so(half_ready: str) -> None:
    """An open port alone may belong to a process that is still starting, or to another one."""
    assert not answers(half_ready)()
    assert not answers(f"http://127.0.0.1:{free_port()}")()


@pytest.mark.parametrize(
    ("given", "exceptions"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "example.com"}, "example.com,127.0.0.1,localhost"),
    ],
)
def test_programs_reach_each_other_without_the_companys_proxy(
    given: dict[str, str], exceptions: str
) -> None:
    """The worker asks the embedded LicenseKit on this machine, where no proxy gets to."""
    assert without_proxy(given) == {"NO_PROXY": exceptions, "no_proxy": exceptions}
