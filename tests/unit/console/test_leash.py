"""The leash: a program that was started ends with the one that started it."""

from __future__ import annotations

import os
import subprocess
import sys

from console.supervision.program import LEASH


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(LEASH), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_leashed_program_becomes_the_command_itself() -> None:
    """Its number and its exit status are the command's own."""
    code = "import sys; print('here'); sys.exit(7)"

    done = run(str(os.getpid()), sys.executable, "-c", code)

    assert (done.stdout.strip(), done.returncode) == ("here", 7)


def test_a_program_whose_parent_is_gone_already_never_starts() -> None:
    """It would run on without anybody who watches it."""
    done = run("1", sys.executable, "-c", "print('here')")

    assert (done.stdout, done.returncode) == ("", 0)
