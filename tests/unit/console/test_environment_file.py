"""How a secret comes into `.env`: in front of the others, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from console.environment_file import put_in_front, write_private
from shared.secrets import Secret

NAME = "STRIPE_WEBHOOK_SECRET"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"{NAME}=whsec_new\n"),
        ("PORT=1", f"PORT=1\n{NAME}=whsec_new\n"),
        (f"{NAME}=\nPORT=1\n", f"{NAME}=whsec_new\nPORT=1\n"),
        (f"{NAME}=whsec_a\n", f"{NAME}=whsec_new,whsec_a\n"),
        (f"{NAME}=whsec_a,whsec_b", f"{NAME}=whsec_new,whsec_a,whsec_b"),
        (f'export {NAME} = "whsec_a"\n', f'export {NAME} = "whsec_new,whsec_a"\n'),
        (f"{NAME}=''\n", f"{NAME}='whsec_new'\n"),
        (f"{NAME}=whsec_a # ours\n", f"{NAME}=whsec_new,whsec_a # ours\n"),
        (f"{NAME}= # fill in\n", f"{NAME}= whsec_new # fill in\n"),
        (f"# {NAME}=whsec_x\n", f"# {NAME}=whsec_x\n{NAME}=whsec_new\n"),
        (f"{NAME}=a\n{NAME}=whsec_b\n", f"{NAME}=a\n{NAME}=whsec_new,whsec_b\n"),
        (f"NOT_{NAME}=x\n", f"NOT_{NAME}=x\n{NAME}=whsec_new\n"),
    ],
)
def test_a_secret_goes_in_front_of_the_others(before: str, after: str, tmp_path: Path) -> None:
    """Whatever way the line is written in, and as the file is read it comes first."""
    text = put_in_front(before, NAME, Secret("whsec_new"))
    (tmp_path / ".env").write_text(text)

    assert text == after
    value = dotenv_values(tmp_path / ".env", interpolate=False)[NAME]
    assert (value or "").split(",")[0] == "whsec_new"


def test_a_file_is_private_from_its_first_moment(tmp_path: Path) -> None:
    """Also when the one before was open to all."""
    path = tmp_path / ".env"
    path.write_text("old")
    path.chmod(0o644)

    write_private(path, "new")

    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
