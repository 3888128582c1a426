"""`fulfill db upgrade`: every table of this release, however often it runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.integration.console.conftest import Fulfill

Open = Callable[..., Engine]


def tables(engines: Open, path: Path) -> set[str]:
    return set(sa.inspect(engines(f"sqlite:///{path}")).get_table_names())


def test_an_empty_installation_gets_all_tables(
    fulfill: Fulfill, engines: Open, tmp_path: Path
) -> None:
    """Ours and the embedded LicenseKit's, each in its own file."""
    url = f"sqlite:///{tmp_path / 'new.db'}"

    answer = fulfill("db", "upgrade", "--json", DATABASE_URL=url)

    assert answer.exit_code == 0, answer.output
    assert set(json.loads(answer.stdout)) == {"fulfillment", "licensekit"}
    assert {"events", "sales", "passes", "mappings"} <= tables(engines, tmp_path / "new.db")
    assert "licensekit_licenses" in tables(engines, tmp_path / "new-licensekit.db")


def test_running_it_again_changes_nothing(fulfill: Fulfill) -> None:
    """Every start of a release may run it."""
    first, second = fulfill("db", "upgrade"), fulfill("db", "upgrade")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout == second.stdout


def test_with_a_hosted_licensekit_only_our_tables_are_made(
    fulfill: Fulfill, tmp_path: Path
) -> None:
    """Its tables are its own business."""
    answer = fulfill(
        "db", "upgrade", "--json",
        DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}",
        LICENSEKIT_BASE_URL="https://licensekit.example.com",
    )  # fmt: skip

    assert set(json.loads(answer.stdout)) == {"fulfillment"}
    assert not (tmp_path / "new-licensekit.db").exists()


def test_a_database_that_cannot_be_reached_is_a_sentence_without_its_password(
    fulfill: Fulfill,
) -> None:
    """The address helps, the password would harm."""
    answer = fulfill(
        "db", "upgrade", DATABASE_URL="postgresql+psycopg://shop:hidden@127.0.0.1:1/shop"
    )

    assert answer.exit_code == 1
    assert "could not be migrated" in answer.stderr
    assert "127.0.0.1:1/shop" in answer.stderr
    assert "hidden" not in answer.output


def test_commands_on_an_old_database_say_what_to_run(fulfill: Fulfill) -> None:
    """Nobody has to know what a revision is."""
    answer = fulfill("log", DATABASE_URL="sqlite:///old.db")

    assert answer.exit_code == 1
    assert "fulfill db upgrade" in answer.stderr
