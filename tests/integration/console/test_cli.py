"""The command line as a whole: help that helps, quick to start, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console import cli
from console.cli import COMMANDS, app
from console.embedded_redis import NoRedis
from worker.errors import LeaseBusy, PermanentError, TemporaryError

# a group, and one of its commands
GROUPS = {
    "accounts": "list",
    "db": "upgrade",
    "keys": "list",
    "mappings": "list",
    "tokens": "list",
}


def test_the_help_names_every_command() -> None:
    """Whoever has never seen it starts here."""
    shown = CliRunner().invoke(app, ["--help"]).stdout

    for name in COMMANDS:
        assert f" {name} " in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_in_json_too_and_shows_an_example(name: str) -> None:
    """Scripts read JSON; people learn from examples."""
    words = [name, GROUPS[name]] if name in GROUPS else [name]
    shown = CliRunner().invoke(app, [*words, "--help"]).stdout

    assert "--json" in shown
    assert f"fulfill {name}" in shown
    assert "Example" in shown


def test_completion_is_offered_once_by_the_program_and_not_by_each_command() -> None:
    """The options of a command are its own."""
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout
    assert "completion" not in CliRunner().invoke(app, ["log", "--help"]).stdout


def test_a_command_that_does_not_exist_ends_with_status_2() -> None:
    """A typing mistake does nothing."""
    answer = CliRunner().invoke(app, ["fulfil-everything"])

    assert answer.exit_code == 2
    assert "No such command" in answer.output


def test_the_version_is_told() -> None:
    """The first question of any report."""
    assert CliRunner().invoke(app, ["--version"]).stdout.startswith("fulfill 0.")


def test_a_short_answer_does_not_load_what_it_does_not_need(tmp_path: Path) -> None:
    """`fulfill init` needs no database, no Stripe and no web server."""
    code = (
        "import sys; from typer.testing import CliRunner; from console.cli import app\n"
        "assert CliRunner().invoke(app, ['init']).exit_code == 0\n"
        "print([m for m in ('sqlalchemy', 'stripe', 'starlette', 'rq') if m in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "fault",
    [
        NoRedis("No Redis server was found."),
        TemporaryError("Stripe did not answer.", after_seconds=3),
        PermanentError("No such price.", cause="missing", subject="price_1"),
        LeaseBusy(),
    ],
)
def test_a_fault_that_a_person_can_mend_is_a_sentence_and_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: Exception
) -> None:
    """What happened goes to standard error, and the exit status is 1."""

    def fall() -> None:
        raise fault

    monkeypatch.setattr(cli, "app", fall)

    with pytest.raises(SystemExit) as ended:
        cli.main()

    told = capsys.readouterr()
    assert ended.value.code == 1
    assert told.out == ""
    assert (str(fault) or "Another worker is at this sale") in told.err


def test_settings_at_fault_are_all_told_with_status_2_and_no_secret(tmp_path: Path) -> None:
    """From any command, at once."""
    answer = subprocess.run(
        [sys.executable, "-m", "console", "log"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PORT": "none",
            "STRIPE_SECRET_KEY": "pk_hidden",
            "FULFILL_ENCRYPTION_KEYS": "hidden",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 2
    for name in ("PORT", "STRIPE_SECRET_KEY", "FULFILL_ENCRYPTION_KEYS"):
        assert name in answer.stderr
    assert "hidden" not in answer.stderr + answer.stdout
    assert "Traceback" not in answer.stderr
