"""Changes to many sales at once: who does it, and when it is too much."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Sequence

from console.context import CommandError
from worker.plan.guard import Limits, find_sweep_danger
from worker.plan.plan import Plan


def person() -> str:
    """Who runs this command, as the journal keeps it: `ada@workstation`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        name = "somebody"
    return f"{name}@{socket.gethostname()}"


def refuse_sweep(plans: Sequence[Plan], limits: Limits) -> None:
    """Raises CommandError where the plans together would take away more than the guard allows."""
    danger = find_sweep_danger(plans, limits)
    if danger is None:
        return
    raise CommandError(
        f"The guard refused: {danger}",
        means="Every buyer keeps what stands.",
        todo='Look at single sales with "fulfill plan <sale>". --force passes the guard.',
        heals="It does not heal by itself: mend the mapping, or the Stripe key, that asks for it.",
    )
