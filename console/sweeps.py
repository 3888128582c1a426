"""Changes to many sales at once: who does it, and when it is too much."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Sequence

from console.context import CommandError
from worker.plan.guard import Limits, find_danger, find_sweep_danger
from worker.plan.plan import Plan


def person() -> str:
    """Who runs this command, as the journal keeps it: `ada@workstation`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        name = "somebody"
    return f"{name}@{socket.gethostname()}"


def find_dangers(plans: Sequence[tuple[str, Plan]], limits: Limits) -> list[str]:
    """Each plan that its own limit refuses, by its sale's id, and what refuses them together."""
    alone = [(name, find_danger(plan, limits)) for name, plan in plans]
    found = [f"{name}: {danger.partition('. ')[0]}" for name, danger in alone if danger]
    together = find_sweep_danger([plan for _, plan in plans], limits)
    return [*found, together.partition(". ")[0]] if together else found


def refuse_sweep(plans: Sequence[Plan], limits: Limits) -> None:
    """Raises CommandError where the plans together would take away more than the guard allows."""
    danger = find_sweep_danger(plans, limits)
    if danger is not None:
        raise refused(danger, todo='Look at single sales with "fulfill plan <sale>".')


def refused(danger: str, *, todo: str) -> CommandError:
    """The error that says so."""
    return CommandError(
        f"The guard refused: {danger}",
        means="Every buyer keeps what stands.",
        todo=f"{todo} --force passes the guard.",
        heals="It does not heal by itself: mend the mapping, or the Stripe key, that asks for it.",
    )
