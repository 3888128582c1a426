"""How long a program that keeps dying is kept waiting, read from the supervisor's own words."""

from __future__ import annotations

import sys

from console.supervision import Program, Stage, Supervisor
from console.supervision.supervisor import BACKOFF_SECONDS


def test_a_program_that_dies_again_waits_longer_each_time() -> None:
    """A fault that stays must not keep the machine busy with starting."""
    heard: list[str] = []
    falls = Program("web", (sys.executable, "-I", "-S", "-c", "raise SystemExit(1)"), {})

    def say(_name: str, line: str) -> None:
        heard.append(line)
        if len(heard) == 2:
            supervisor.stop()

    supervisor = Supervisor([Stage((falls,), ready=lambda: True)], say=say, ready=lambda _: None)
    supervisor.run()

    assert heard[:2] == [
        "ended with status 1; starts again in 0.5 s",
        "ended with status 1; starts again in 1 s",
    ]


def test_the_wait_grows_and_ends_at_half_a_minute() -> None:
    """Who mends the fault should not have to wait long for the next try."""
    assert list(BACKOFF_SECONDS) == sorted(BACKOFF_SECONDS)
    assert BACKOFF_SECONDS[-1] == 30
