"""One program that runs beside others: how it is started, heard and stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

LEASH = Path(__file__).with_name("leash.py")

Say = Callable[[str, str], None]  # a program's name, and a line without its end


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `environment` is all that it sees; it may hold secrets, so it has no repr."""

    name: str  # "worker-1"
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None = None  # where it runs; None = here

    def __repr__(self) -> str:
        return f"Program({self.name!r})"


@dataclass(frozen=True, slots=True)
class Stage:
    """Programs that start together, and when the next stage may start."""

    programs: tuple[Program, ...]
    ready: Callable[[], bool]


class Running:
    """A program that was started, in a session of its own: Ctrl-C reaches only us.

    Call from the main thread: on Linux the leash breaks when the starting *thread* ends.
    """

    def __init__(self, program: Program, *, say: Say, exited: Callable[[Running], None]) -> None:
        self.program = program
        leashed = (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *program.command)
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            leashed,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._threads = [
            Thread(target=self._listen, args=(say,), daemon=True),
            Thread(target=self._wait, args=(exited,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """To the program and all it started; nothing when it has ended."""
        if self.status is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def close(self) -> None:
        """Wait until it has ended and its last line was heard."""
        for thread in self._threads:
            thread.join()

    def _listen(self, say: Say) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                say(self.program.name, line.decode(errors="replace").rstrip("\r\n"))

    def _wait(self, exited: Callable[[Running], None]) -> None:
        self._process.wait()
        exited(self)
