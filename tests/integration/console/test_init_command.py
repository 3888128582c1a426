"""`fulfill init`: secrets are made, kept and never shown."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from typer.testing import CliRunner, Result

from console.cli import app
from shared.settings import read_settings

MADE = (
    "LICENSEKIT_API_TOKEN",
    "FULFILL_ADMIN_TOKEN",
    "FULFILL_METRICS_TOKEN",
    "FULFILL_ENCRYPTION_KEYS",
)


@pytest.fixture(autouse=True)
def _empty_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def init(*words: str) -> Result:
    return CliRunner().invoke(app, ["init", *words])


def test_init_makes_settings_in_which_everything_but_stripe_is_there() -> None:
    """After init, a person only has to add what Stripe alone can give."""
    answer = init()

    values = {name: text for name, text in dotenv_values(".env").items() if text}
    assert answer.exit_code == 0
    assert set(values) == set(MADE)
    assert read_settings(values).encryption_keys
    assert "STRIPE_SECRET_KEY" in answer.stdout
    assert "fulfill up" in answer.stdout


def test_init_shows_no_secret_and_lets_nobody_else_read_the_file() -> None:
    """Terminals are recorded and disks are shared."""
    answers = init().output + init("--force", "--json").output

    for name in MADE:
        secret = dotenv_values(".env")[name]
        assert secret
        assert secret not in answers
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600


def test_init_never_overwrites_keys_by_accident() -> None:
    """License keys sealed under lost keys could never be opened again."""
    init()
    before = Path(".env").read_text()

    refused = init()

    assert refused.exit_code == 1
    assert "was left as it is" in refused.stderr
    assert Path(".env").read_text() == before
    assert init("--force").exit_code == 0
    assert Path(".env").read_text() != before


def test_init_tells_machines_what_is_missing() -> None:
    """An installer reads JSON."""
    told = json.loads(init("--json").stdout)

    assert told["missing"] == ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]
    assert told["next"] == "fulfill up"
