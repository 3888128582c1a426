"""`fulfill log --follow`: each pass is told once, when it closes, whatever comes between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from console.fulfillments import Filters
from console.fulfillments.follow import SLACK, Follower, follow
from shared.database import reading, transaction
from shared.tables import passes
from tests.conftest import FERNET_KEY
from tests.integration.console.journal import Journal
from tests.postgres import Cluster

Act = Callable[[], None]


def finish(engine: Engine, pass_id: int, status: str = "applied") -> None:
    with transaction(engine) as connection:
        mine = passes.update().where(passes.c.id == pass_id)
        connection.execute(mine.values(status=status))


def told(engine: Engine, *acts: Act, filters: Filters | None = None) -> list[list[int]]:
    """What is told after each act, by the pass's number."""
    left = list(acts)

    def wait() -> bool:
        if not left:
            return False
        left.pop(0)()
        return True

    with reading(engine) as connection:
        follower = Follower.now(connection, filters or Filters())
    batches = follow(engine, follower, wait, interrupted=lambda: None)
    return [[row.pass_id for row in rows] for rows in batches]


def nothing() -> None:
    """A moment in which nothing happens."""


def test_a_pass_is_told_once_and_not_before_it_is_closed(engine: Engine, journal: Journal) -> None:
    """What was closed before anybody looked is not told again."""
    sale = journal.sale("sub_1")
    journal.closed(sale)
    opened = journal.closed(sale, "running")

    assert told(engine, nothing, lambda: finish(engine, opened), nothing) == [[], [opened], []]


def test_passes_that_close_in_another_order_than_they_began_are_all_told(
    engine: Engine, journal: Journal
) -> None:
    """A slow one is waited for, however many overtake it."""
    sale = journal.sale("sub_1")
    slow = journal.closed(sale, "running")

    def overtake() -> None:
        with transaction(engine) as connection:
            row = {"sale_id": sale, "worker": "w", "from_generation": 0, "to_generation": 1}
            row |= {"status": "applied", "started_at": journal.now}
            connection.execute(sa.insert(passes), [row] * (SLACK + 50))

    first, second = told(engine, overtake, lambda: finish(engine, slow))

    assert len(first) == SLACK + 50
    assert first == sorted(first)
    assert second == [slow]


def test_a_filter_holds_for_what_is_to_come(engine: Engine, journal: Journal) -> None:
    """Also for a customer whose next sale is not known yet."""

    def sell() -> None:
        mine = journal.sale("sub_1", customer_id="cus_1")
        journal.closed(mine)
        journal.closed(mine, "failed")
        journal.closed(journal.sale("sub_2", customer_id="cus_2"))

    def fail() -> None:
        journal.closed(journal.sale("sub_3"), "failed")
        journal.closed(journal.sale("sub_4"), "settled")

    assert told(engine, sell, filters=Filters(customer="cus_1")) == [[1, 2]]
    assert told(engine, fail, filters=Filters(status="failed")) == [[4]]


def test_it_goes_on_where_it_was_when_the_database_is_back(
    cluster: Cluster, postgres_url: str, engines: Callable[..., Engine]
) -> None:
    """Nothing that closed meanwhile is missed, and the trouble is told once."""
    engine = engines(postgres_url)
    journal = Journal(engine)
    sale = journal.sale("sub_1")
    name = str(engine.url.database)
    trouble: list[str] = []

    def goes_down() -> None:
        journal.closed(sale)
        cluster.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        cluster.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    f" WHERE datname = '{name}'")  # fmt: skip

    acts = [
        goes_down,
        nothing,
        lambda: cluster.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'),
    ]

    def wait() -> bool:
        if not acts:
            return False
        acts.pop(0)()
        return True

    with reading(engine) as connection:
        follower = Follower.now(connection, Filters())
    seen = list(follow(engine, follower, wait, interrupted=lambda: trouble.append("down")))

    assert [[row.pass_id for row in rows] for rows in seen] == [[1]]
    assert trouble == ["down"]


@pytest.fixture
def following(
    database_url: str, tmp_path: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """The command as a person runs it, with its output in a pipe."""
    given = {name: text for name, text in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    given |= {**environment, "DATABASE_URL": database_url, "FULFILL_ENCRYPTION_KEYS": FERNET_KEY}
    command = [sys.executable, "-m", "console", "log", "--follow", "--json"]
    root = str(Path(__file__).resolve().parents[3])
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**given, "PYTHONPATH": root},
    ) as running:
        yield running
        running.kill()


def test_it_prints_one_object_a_line_until_somebody_presses_ctrl_c(
    engine: Engine, journal: Journal, following: subprocess.Popen[str]
) -> None:
    """A line is there as soon as its pass is, and the end is no error."""
    assert following.stdout is not None
    assert following.stderr is not None
    sale = journal.sale("sub_1")
    journal.closed(sale)
    first = json.loads(following.stdout.readline())
    journal.closed(sale, "failed", error="it broke")
    second = json.loads(following.stdout.readline())
    following.send_signal(signal.SIGINT)

    assert following.wait(timeout=30) == 0
    assert (first["pass"], second["pass"], second["status"]) == (1, 2, "failed")
    assert following.stderr.read() == ""


@pytest.mark.parametrize("words", [["--until", "24h"], ["--cursor", "7"]])
def test_what_is_over_cannot_be_followed(fulfill: Callable[..., object], words: list[str]) -> None:
    """Such a log would stand still and look as if nothing happened."""
    assert fulfill("log", "--follow", *words).exit_code == 2  # type: ignore[attr-defined]
