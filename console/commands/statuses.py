"""The statuses that people type. Apart from the other options, which need no database."""

from __future__ import annotations

import typer

from console.fulfillments.values import STATUSES, Status


def status_of(text: str) -> Status:
    """How a pass ended, or is. An unknown status ends the command with status 2."""
    for status in STATUSES:
        if status == text:
            return status
    raise typer.BadParameter(f"{text!r} is none of {', '.join(STATUSES)}", param_hint="--status")
