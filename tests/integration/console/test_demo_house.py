"""The demo's installation: apart from any real one, and honest when it does not start."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from console.cli import app
from console.commands import demo
from console.demo import house
from console.demo.acts import Sales
from console.demo.harvest import Harvest
from console.demo.waiting import TooSlow
from console.supervision import Program
from shared.settings import NAMES, read_settings


def program(code: str) -> Program:
    return Program("stripe", (sys.executable, "-I", "-S", "-c", code), {})


def test_the_demo_never_sees_the_settings_of_a_real_installation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever plays it on a server must not sell anything."""
    for name in NAMES.values():
        monkeypatch.setenv(name, "real")

    environment = house._environment(tmp_path, 8123)

    assert "real" not in [environment.get(name) for name in NAMES.values()]
    settings = read_settings(environment)
    assert settings.database_url == f"sqlite:///{tmp_path}/demo.db"
    assert settings.embedded
    assert settings.encryption_keys


def test_each_demo_has_secrets_of_its_own(tmp_path: Path) -> None:
    """Nothing that opens one opens another."""
    first, second = (house._environment(tmp_path, 8123) for _ in range(2))

    for name in ("LICENSEKIT_API_TOKEN", "FULFILL_ADMIN_TOKEN", "FULFILL_ENCRYPTION_KEYS"):
        assert first[name] != second[name]


def test_a_program_is_ready_when_it_says_so_in_json() -> None:
    """Other lines are its log."""
    told = "print('starting'); print('{\"url\": \"http://x\"}', flush=True); "
    told += "import signal; signal.pause()"
    started = house._Started(program(told))

    assert started.first_answer() == {"url": "http://x"}
    started.end()


def test_a_program_that_does_not_start_is_told_with_its_last_words() -> None:
    """The reason stands in what it said before it died."""
    started = house._Started(program("print('the port is taken'); raise SystemExit(1)"))

    with pytest.raises(TooSlow, match="the port is taken"):
        started.first_answer()
    started.end()


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Harvest | Exception]:
    """What the next play comes to; one entry."""
    outcome: list[Harvest | Exception] = [Harvest({}, {}, ())]

    def play(*_: object) -> tuple[Sales, Harvest]:
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return Sales(mishaps=["Redis was emptied"]), outcome[0]

    monkeypatch.setattr(demo, "_play", play)
    return outcome


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["demo", *words])


def test_a_demo_that_kept_its_promise_ends_with_status_0(
    played: list[Harvest | Exception],
) -> None:
    """And says what to do next."""
    assert played
    done = run()

    assert done.exit_code == 0
    assert "Nothing was issued twice" in done.stdout
    assert "fulfill init" in done.stdout


def test_a_demo_with_a_single_fault_ends_with_status_1(played: list[Harvest | Exception]) -> None:
    """A pipeline must notice, in text and in JSON alike."""
    played[0] = Harvest({}, {}, ("one license too many",))

    text, machine = run(), run("--json")

    assert (text.exit_code, machine.exit_code) == (1, 1)
    assert "FAULT  one license too many" in text.stdout
    assert json.loads(machine.stdout)["faults"] == ["one license too many"]


def test_a_demo_that_could_not_be_played_says_why(played: list[Harvest | Exception]) -> None:
    """No traceback, and no verdict either."""
    played[0] = TooSlow("waited 75 s for this and it did not happen: all is at rest")

    done = run("--json")

    assert done.exit_code == 1
    assert "could not be played: waited 75 s" in done.stderr
    assert done.stdout == ""
