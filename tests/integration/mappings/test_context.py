"""What every command starts with, and how it ends when that is not there."""

from __future__ import annotations

import json
from pathlib import Path

from console.context import read_environment
from tests.integration.mappings.conftest import Mappings


def test_faults_in_the_settings_end_a_command_with_2_all_at_once(mappings: Mappings) -> None:
    """And show no secret."""
    ran = mappings("list", PORT="x", STRIPE_SECRET_KEY="pk_live_oops")

    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == (
        "2 faults in the settings: "
        "STRIPE_SECRET_KEY must start with sk_test_, rk_test_, sk_live_ or rk_live_; "
        "PORT must be a whole number from 1 to 65535\n"
    )


def test_programs_get_the_faults_of_the_settings_as_a_list(mappings: Mappings) -> None:
    """Errors are JSON too, on standard error, so that an answer is never mixed with one."""
    error = json.loads(mappings("list", "--json", PORT="x").stderr)["error"]

    assert error["code"] == "SETTINGS"
    assert error["faults"] == ["PORT must be a whole number from 1 to 65535"]


def test_a_database_without_tables_is_answered_with_the_command_that_makes_them(
    mappings: Mappings, tmp_path: Path
) -> None:
    """What it means for buyers is said as well."""
    ran = mappings("list", DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")

    assert ran.exit_code == 1
    assert "the database is at revision none" in ran.stderr
    assert 'Run "fulfill db upgrade"' in ran.stderr


def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    mappings: Mappings,
) -> None:
    """Without a traceback either."""
    url = "postgresql+psycopg://ann:topsecret@127.0.0.1:9/shop?connect_timeout=2"

    ran = mappings("list", DATABASE_URL=url)

    assert ran.exit_code == 1
    assert ran.stderr.startswith("The database postgresql+psycopg://ann:***@127.0.0.1:9/shop")
    assert "topsecret" not in ran.output


def test_a_file_named_env_fills_in_what_the_environment_leaves_open(
    mappings: Mappings, tmp_path: Path
) -> None:
    """What is set outside wins, so one variable can be changed for one run."""
    (tmp_path / ".env").write_text("PORT=x\nFULFILL_LOG_FORMAT=y\n")

    ran = mappings("list", PORT="8001")

    assert ran.exit_code == 2
    assert "FULFILL_LOG_FORMAT" in ran.stderr
    assert "PORT" not in ran.stderr


def test_a_secret_in_the_file_is_taken_as_it_stands(mappings: Mappings, tmp_path: Path) -> None:
    """Nothing in it is replaced by other variables, and an empty line sets nothing."""
    (tmp_path / ".env").write_text("REDIS_URL=redis://:a${HOME}b@h/0\nDATABASE_URL_X=\n")

    environment = read_environment()

    assert environment["REDIS_URL"] == "redis://:a${HOME}b@h/0"
    assert "DATABASE_URL_X" not in environment
