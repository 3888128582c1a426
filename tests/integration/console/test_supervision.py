"""Programs that run side by side: what dies starts again, and nothing outlives its supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console.supervision import Program, Stage, Supervisor
from tests.integration.console.supervised import CALM, DEAF, alive, python, wait_until

Heard = list[tuple[str, str]]


class Stopping:
    """Supervises programs, hears them, and stops once `when` holds after a line."""

    def __init__(self, when: Callable[[Heard], bool]) -> None:
        self.heard: Heard = []
        self.pids: dict[str, int] = {}
        self.when = when
        self.supervisor: Supervisor | None = None
        self.asked = False  # once: a second time means at once

    def run(self, *stages: Stage) -> int:
        self.supervisor = Supervisor(stages, say=self.say, ready=self.pids.update)
        return self.supervisor.run()

    def say(self, name: str, line: str) -> None:
        self.heard.append((name, line))
        if self.supervisor is not None and not self.asked and self.when(self.heard):
            self.asked = True
            self.supervisor.stop()


def together(*programs: Program) -> Stage:
    return Stage(programs, ready=lambda: True)


def test_lines_are_heard_under_the_name_of_who_said_them() -> None:
    """With several programs in one terminal, each line must say whose it is."""
    shop = Stopping(lambda heard: len(heard) == 2)

    status = shop.run(together(python("a", CALM), python("b", CALM)))

    assert status == 0
    assert {("a", "hello"), ("b", "hello"), ("a", "bye"), ("b", "bye")} <= set(shop.heard)


def test_a_program_that_dies_is_started_again() -> None:
    """A worker that falls over must not stay down until somebody looks."""
    shop = Stopping(lambda heard: [line for _, line in heard].count("hello") == 2)

    shop.run(together(python("worker-1", "print('hello', flush=True); raise SystemExit(3)")))

    assert ("worker-1", "ended with status 3; starts again in 0.5 s") in shop.heard


def test_a_program_killed_from_outside_is_started_again(tmp_path: Path) -> None:
    """A kill is told by the name of its signal."""
    once = tmp_path / "once"
    code = (
        f"import os, pathlib; p = pathlib.Path({str(once)!r})\n"
        "if not p.exists(): p.touch(); os.kill(os.getpid(), 9)\n"
        "print('again', flush=True)" + CALM
    )
    shop = Stopping(lambda heard: ("worker-1", "hello") in heard)

    shop.run(together(python("worker-1", code)))

    assert ("worker-1", "was ended by SIGKILL; starts again in 0.5 s") in shop.heard


def test_a_program_whose_settings_are_at_fault_ends_everything() -> None:
    """Starting again can't mend a setting, so the fault must be seen at once."""
    shop = Stopping(lambda _heard: False)

    status = shop.run(together(python("a", CALM), python("web", "raise SystemExit(2)")))

    assert status == 2


def test_a_stage_waits_until_the_one_before_is_ready(tmp_path: Path) -> None:
    """Workers need the web process, since LicenseKit may be a part of it."""
    open_sign = tmp_path / "open"
    web = python("web", f"import pathlib; pathlib.Path({str(open_sign)!r}).touch()\n" + CALM)
    worker = python("worker-1", f"import os; print(os.path.exists({str(open_sign)!r}))\n" + CALM)
    shop = Stopping(lambda heard: ("worker-1", "hello") in heard)

    shop.run(Stage((web,), ready=open_sign.exists), together(worker))

    assert ("worker-1", "True") in shop.heard


def test_all_is_told_to_be_ready_only_when_the_last_stage_is() -> None:
    """Whoever waits for readiness gets every program's number, once."""
    told: list[dict[str, int]] = []

    def ready(pids: dict[str, int]) -> None:
        told.append(pids)
        supervisor.stop()

    stages = [together(python("a", CALM)), together(python("b", CALM))]
    supervisor = Supervisor(stages, say=lambda *_: None, ready=ready)
    supervisor.run()

    assert [sorted(pids) for pids in told] == [["a", "b"]]
    assert not any(alive(pid) for pid in told[0].values())


def test_stopping_goes_backwards_so_that_work_in_hand_can_be_ended() -> None:
    """A pass that is still at work needs the web process until it is done."""
    shop = Stopping(lambda heard: ("worker-1", "hello") in heard)

    web = Stage((python("web", CALM),), ready=lambda: ("web", "hello") in shop.heard)
    shop.run(web, together(python("worker-1", CALM)))

    goodbyes = [name for name, line in shop.heard if line == "bye"]
    assert goodbyes == ["worker-1", "web"]


def test_asking_twice_ends_even_a_program_that_does_not_listen() -> None:
    """The second Ctrl-C means now."""
    pids: dict[str, int] = {}

    def say(_name: str, _line: str) -> None:
        supervisor.stop()
        supervisor.stop()

    supervisor = Supervisor([together(python("deaf", DEAF))], say=say, ready=pids.update)

    assert supervisor.run() == 0
    assert not any(alive(pid) for pid in pids.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_no_program_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    """Even kill -9 leaves nobody behind who would work on without being watched."""
    code = (
        "from tests.integration.console.supervised import *\n"
        "from console.supervision import Stage, Supervisor\n"
        "Supervisor([Stage((python('a', CALM),), ready=lambda: True)], say=lambda *_: None,"
        " ready=lambda pids: print(pids['a'], flush=True)).run()"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)

        os.kill(parent.pid, signal.SIGKILL)

        wait_until(lambda: not alive(child))


def test_secrets_in_the_environment_never_show() -> None:
    """A program is printed by its name alone."""
    program = Program("web", ("serve",), {"STRIPE_SECRET_KEY": "sk_test_hidden"})

    assert repr(program) == "Program('web')"
