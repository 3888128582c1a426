"""Worker programs without the wait for their imports: each is forked from one that has them.

A worker that a story starts is a process of its own, with its own environment and log, and dies
like any other. That `python -m worker` itself starts and stops is tested in
`tests/integration/worker/test_programs.py`.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker process. Its parent buries it; a handle stands for it here, dead or alive."""

    pid: int
    handle: int  # of the process: readable once it has ended

    def poll(self) -> int | None:
        """None while it lives; how it ended is its parent's business."""
        return 0 if self._ended_within(0) else None

    def kill(self) -> None:
        """As a power cut would."""
        if self.poll() is None:
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        self._ended_within(None)

    def bury(self) -> None:
        """Kill it if it lives, and give its handle back."""
        self.kill()
        os.close(self.handle)

    def _ended_within(self, seconds: float | None) -> bool:
        return bool(select.select([self.handle], [], [], seconds)[0])


def start_worker(environment: Mapping[str, str], log: Path) -> Worker:
    """A worker with exactly this environment, writing into this file."""
    parent = _parent()
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(json.dumps({"environment": dict(environment), "log": str(log)}) + "\n")
    parent.stdin.flush()
    pid = int(parent.stdout.readline())
    return Worker(pid, os.pidfd_open(pid))


@cache
def _parent() -> subprocess.Popen[str]:
    """One for this test process; it ends when its input does."""
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.worlds.nursery"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, parent)
    return parent


def _end(parent: subprocess.Popen[str]) -> None:
    parent.communicate()


def main() -> None:
    """Read one line for each worker to come, fork it, and tell its number."""
    import worker.__main__  # noqa: PLC0415 - only the parent needs it
    import worker.jobs  # noqa: F401, PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_worker(wanted["environment"], wanted["log"])
        print(pid, flush=True)


def _become_worker(environment: dict[str, str], log: str) -> None:
    """Never returns."""
    from worker.__main__ import main as work  # noqa: PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    silence = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((silence, 0), (written, 1), (written, 2)):
        os.dup2(here, there)
    sys.argv = ["worker"]
    os._exit(work())


if __name__ == "__main__":
    main()
