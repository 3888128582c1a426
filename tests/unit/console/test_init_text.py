"""The file that `fulfill init` writes, and how it is written."""

from __future__ import annotations

import os
import stat
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from dotenv import dotenv_values

from console.commands.init import fresh_environment, write_private


def values() -> dict[str, str | None]:
    return dict(dotenv_values(stream=StringIO(fresh_environment())))


def test_every_installation_has_secrets_that_nobody_else_has() -> None:
    """Two runs never agree in anything that is secret."""
    first, second = values(), values()

    secret = {name for name, text in first.items() if text}
    assert len(secret) == 4
    assert all(first[name] != second[name] for name in secret)


def test_tokens_are_too_long_to_guess_and_keys_are_keys() -> None:
    """32 bytes of chance each."""
    made = values()

    for name in ("LICENSEKIT_API_TOKEN", "FULFILL_ADMIN_TOKEN", "FULFILL_METRICS_TOKEN"):
        assert len(str(made[name])) > 40
    assert Fernet(str(made["FULFILL_ENCRYPTION_KEYS"]))


def test_stripes_secrets_are_left_for_a_person() -> None:
    """They can't be made up."""
    assert values()["STRIPE_SECRET_KEY"] == values()["STRIPE_WEBHOOK_SECRET"] == ""


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_nobody_but_the_owner_can_read_the_file_whatever_the_mask(
    tmp_path: Path, mask: int
) -> None:
    """Not even for a moment: it is made closed."""
    before = os.umask(mask)
    try:
        write_private(tmp_path / ".env", "SECRET=1\n")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_a_half_written_file_of_an_earlier_run_is_no_obstacle(tmp_path: Path) -> None:
    """A crash between writing and renaming leaves one behind."""
    (tmp_path / ".env.new").write_text("half")

    write_private(tmp_path / ".env", "WHOLE=1\n")

    assert (tmp_path / ".env").read_text() == "WHOLE=1\n"
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_an_open_file_is_replaced_by_a_closed_one(tmp_path: Path) -> None:
    """Overwriting in place would keep the old file's permissions."""
    path = tmp_path / ".env"
    path.write_text("OLD=1\n")
    path.chmod(0o644)

    write_private(path, "NEW=1\n")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
