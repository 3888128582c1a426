"""The worker and the scheduler as programs of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ANSWER_SECONDS = 60
PROGRAMS: tuple[list[str], ...] = ([], ["--scheduler"])


@pytest.fixture
def at_home(environment: dict[str, str], sqlite_url: str, redis_url: str) -> dict[str, str]:
    """With a database that has its tables, and a Redis."""
    return {**environment, "DATABASE_URL": sqlite_url, "REDIS_URL": redis_url}


def start(*words: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "worker", *words],
        env={"PATH": os.environ.get("PATH", ""), "PYTHONUNBUFFERED": "1", **environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(program: subprocess.Popen[str], text: str) -> str:
    """Its lines up to the one with this text."""
    assert program.stderr is not None
    read = ""
    for line in program.stderr:
        read += line
        if text in line:
            return read
    raise AssertionError(f"it ended without saying {text}: {read}")


@pytest.mark.parametrize("words", PROGRAMS)
def test_a_program_without_its_settings_tells_all_that_is_missing(words: list[str]) -> None:
    """Exit status 2, every fault at once, and no secret."""
    program = start(*words, STRIPE_SECRET_KEY="pk_nonsense", FULFILL_WORKER_THREADS="0")

    _, told = program.communicate(timeout=ANSWER_SECONDS)

    assert program.returncode == 2
    for name in ("REDIS_URL", "STRIPE_SECRET_KEY", "FULFILL_WORKER_THREADS"):
        assert name in told
    assert "pk_nonsense" not in told


@pytest.mark.parametrize("words", PROGRAMS)
def test_a_program_whose_database_is_down_says_so_in_words_and_not_its_password(
    at_home: dict[str, str], words: list[str]
) -> None:
    """Exit status 1, not 2: starting it again helps once the database is there."""
    away = at_home | {"DATABASE_URL": "postgresql+psycopg://ada:hush@127.0.0.1:1/shop"}
    program = start(*words, **away)

    _, told = program.communicate(timeout=ANSWER_SECONDS)

    assert program.returncode == 1
    assert "none is lost" in told
    assert "Traceback" not in told
    assert "hush" not in told


@pytest.mark.parametrize("words", PROGRAMS)
def test_a_program_does_not_start_on_a_database_without_its_tables(
    words: list[str], environment: dict[str, str], tmp_path: Path
) -> None:
    """It says what to run first."""
    missing = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.db", "REDIS_URL": "redis://127.0.0.1:9"}

    program = start(*words, **environment, **missing)
    _, told = program.communicate(timeout=ANSWER_SECONDS)

    assert program.returncode == 2
    assert "db upgrade" in told


@pytest.mark.parametrize(("words", "name"), [([], "worker"), (["--scheduler"], "scheduler")])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_program_ends_when_it_is_asked_to_even_while_it_starts(
    at_home: dict[str, str], words: list[str], name: str, number: signal.Signals
) -> None:
    """A deployment must not wait for a kill."""
    program = start(*words, **at_home)
    read_until(program, f"{name}.started")

    program.send_signal(number)

    program.communicate(timeout=ANSWER_SECONDS)
    assert program.returncode == 0


def test_a_worker_starts_while_redis_is_away_and_ends_when_asked(
    environment: dict[str, str], sqlite_url: str
) -> None:
    """Redis only wakes: its absence is told and waited out."""
    nowhere = "redis://127.0.0.1:9/0"
    program = start(**environment, DATABASE_URL=sqlite_url, REDIS_URL=nowhere)
    read_until(program, "worker.redis_away")

    program.send_signal(signal.SIGTERM)

    program.communicate(timeout=ANSWER_SECONDS)
    assert program.returncode == 0
