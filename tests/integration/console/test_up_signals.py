"""However `fulfill up` is told to end, nothing of it stays."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.integration.console.running import up
from tests.integration.console.supervised import alive, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_stop_from_outside_or_a_closed_terminal_ends_everything_in_order(
    tmp_path: Path, real_use: dict[str, str], number: signal.Signals
) -> None:
    """A service manager sends the one, a lost connection the other."""
    with up(tmp_path, real_use) as (running, ready):
        pids = dict(ready["processes"])

        running.send_signal(number)

        assert running.wait() == 0
    assert not any(alive(pid) for pid in pids.values())


def test_even_kill_minus_nine_leaves_no_program_behind(
    tmp_path: Path, real_use: dict[str, str]
) -> None:
    """Two installations over one database would be one too many, after a restart."""
    with up(tmp_path, real_use) as (running, ready):
        pids = dict(ready["processes"])

        os.kill(running.pid, signal.SIGKILL)

        wait_until(lambda: not any(alive(pid) for pid in pids.values()))
