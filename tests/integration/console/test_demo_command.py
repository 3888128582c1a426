"""`fulfill demo`: the promise of the whole project, played on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def test_eight_sales_end_as_they_should_whatever_goes_wrong_on_the_way(tmp_path: Path) -> None:
    """Deliveries tripled, shuffled and lost, a worker killed, Redis emptied: no difference.

    And a trial, a declined card, an upgrade, a dispute and a refund leave the right licenses.
    """
    played = subprocess.run(
        [sys.executable, "-m", "console", "demo", "--json"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert played.returncode == 0, played.stderr + played.stdout
    told = json.loads(played.stdout)
    assert told["ok"]
    assert told["faults"] == []
    assert [len(sale["licenses"]) for sale in told["sales"][:3]] == [1, 2, 1]
    assert [len(sale["orders"]) for sale in told["sales"]] == [1, 2, 4, 4, 2, 2, 2, 1]
    calm, unlucky = told["sales"][2:4]
    assert [one["status"] for one in unlucky["subscriptions"]] == ["active"]
    assert calm["licenses"][0]["expires_at"] in [one["expires_at"] for one in unlucky["licenses"]]
    lives = told["sales"][4:]
    assert [[one["status"] for one in sale["licenses"]] for sale in lives] == [
        *(["revoked", "active"], ["active"], ["revoked", "active"], ["revoked"])
    ]
    assert [len(sale["moments"]) for sale in lives] == [2, 5, 3, 4]
    assert any("was killed" in mishap for mishap in told["mishaps"])
    assert not list(tmp_path.iterdir())  # nothing is left behind
