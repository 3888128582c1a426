"""What `make check` runs is green here as well, so that no breach waits to be found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT


@pytest.mark.parametrize(
    "command",
    [("ruff", "format", "--check", "."), ("ruff", "check", "."), ("mypy",)],
    ids=["layout", "lint", "types"],
)
def test_the_code_is_formatted_linted_and_typed(command: tuple[str, ...]) -> None:
    """Formatting is no matter of taste, and a type that is wrong is found before it runs."""
    program = Path(sys.executable).with_name(command[0])
    checked = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
