"""The options that several commands share, so that a word means the same everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from console.moments import FORMS, parse_moment

JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
SinceOption = Annotated[str | None, typer.Option("--since", help=f"From then on (UTC): {FORMS}.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Until just before then.")]
AccountOption = Annotated[
    str | None, typer.Option("--account", help="A connected account, acct_…; else your own.")
]
LiveOption = Annotated[
    bool | None,
    typer.Option("--live/--test", help="Without either: as the sale is known, else your key's."),
]


def moment_of(text: str | None, *, now: datetime, option: str) -> datetime | None:
    """None when not given. A text that is no moment ends the command with status 2."""
    if text is None:
        return None
    try:
        return parse_moment(text, now=now)
    except ValueError as fault:
        raise typer.BadParameter(str(fault), param_hint=option) from None
