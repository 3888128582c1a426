"""`fulfill up` as a process of its own, from the moment all is ready to its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def up(folder: Path, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """Runs the command until it says that all is ready; ends it as Ctrl-C would."""
    command = [sys.executable, "-m", "console", "up", "--json"]
    with (
        (folder / "up.log").open("w") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        ) as running,
    ):
        assert running.stdout is not None
        try:
            line = running.stdout.readline()
            assert line, (folder / "up.log").read_text()
            yield running, json.loads(line)
        finally:
            running.send_signal(signal.SIGINT)
            running.wait()
