"""What lies in Redis after a wake-up, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.exceptions import RedisError
from rq.serializers import JSONSerializer

from console.embedded_redis import NoRedis, find_server, free_port, redis_server
from shared.queue import ENOUGH_WAITING, JOB, Waker, connect, open_queue, wake


def test_a_wake_up_names_the_job_and_carries_nothing(redis_url: str) -> None:
    """What is due stands in the database; in JSON, since RQ's own format could run code."""
    assert wake(redis_url)

    with connect(redis_url) as connection:
        queue = open_queue(connection)
        [job] = queue.get_jobs()
        assert (job.func_name, list(job.args), job.kwargs) == (JOB, [], {})
        assert queue.serializer is JSONSerializer


def test_wake_ups_do_not_pile_up_while_no_worker_runs(redis_url: str) -> None:
    """A waiting wake-up covers everything that is due, so a few are enough."""
    waker = Waker(redis_url)

    woken = [waker.wake() for _ in range(ENOUGH_WAITING + 3)]

    assert woken == [True] * ENOUGH_WAITING + [False] * 3
    waker.close()


def test_without_a_redis_nobody_is_woken() -> None:
    """The receiver runs without REDIS_URL; the sweep finds what is due."""
    assert wake("") is False


def test_a_redis_that_is_down_is_an_error_soon() -> None:
    """The caller decides what it means; here it is only not hidden."""
    with pytest.raises(RedisError):
        wake(f"redis://127.0.0.1:{free_port()}/0")


def test_the_embedded_server_comes_back_where_it_was(tmp_path: Path) -> None:
    """Stopped and started again on its port, it answers there."""
    port = free_port()
    for _ in range(2):
        with redis_server(tmp_path, port=port) as url, connect(url) as client:
            assert client.ping()


def test_without_any_redis_server_it_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the package nor a server on PATH: the error names three ways out."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(NoRedis, match="set REDIS_URL"):
        find_server()
