"""Ties a program to the life of the one that started it, then becomes that program.

`python leash.py <parent pid> <command…>`: on Linux the kernel sends SIGTERM when the parent is
gone, however it went. Elsewhere only an orderly stop ends the program. A program of its own, and
not `preexec_fn`, which is not safe in a process with threads. Imports nothing of ours: it must
start at once.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # Source: linux/prctl.h


def tie(parent_pid: int) -> bool:
    """Ask for SIGTERM at the parent's end; False when the parent is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # after prctl: a parent that died before it sends no signal any more
    return os.getppid() == parent_pid


def main(arguments: list[str]) -> None:
    """Becomes the command; returns only when the parent is gone."""
    if tie(int(arguments[0])):
        os.execvp(arguments[1], arguments[1:])  # noqa: S606 - our own command line


if __name__ == "__main__":
    main(sys.argv[1:])
