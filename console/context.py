"""What every command starts with: settings, a migrated database, and one way to answer and to fail.

Exit status: 0 done, 1 a fault, 2 a fault in the settings.
"""

from __future__ import annotations

import json as jsonlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from dotenv import dotenv_values
from rich.console import Console, RenderableType
from rich.text import Text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from shared import logs
from shared.clock import Clock, SystemClock
from shared.database import make_engine
from shared.migrations import missing
from shared.settings import Role, Settings, SettingsError, read_settings

FAULT = 1
SETTINGS_FAULT = 2


class CommandError(Exception):
    """Ends a command with exit status 1. The text answers the four questions, in this order."""

    def __init__(self, happened: str, *, means: str, todo: str, heals: str) -> None:
        self.happened = happened
        super().__init__(" ".join([happened, means, todo, heals]))


@dataclass(frozen=True, slots=True)
class Context:
    """What a command works with."""

    settings: Settings
    engine: Engine
    json: bool  # answer in JSON
    out: Console = field(default_factory=Console)
    err: Console = field(default_factory=lambda: Console(stderr=True))
    clock: Clock = field(default_factory=SystemClock)

    def answer(self, data: object, show: Callable[[], RenderableType]) -> None:
        """Print the answer to standard output: `data` as JSON, or what `show` makes for people."""
        if self.json:
            typer.echo(jsonlib.dumps(data, ensure_ascii=False, default=str))
            return
        self.show(show())

    def show(self, page: RenderableType) -> None:
        """Print for people. Text is never wrapped, so that an id can be copied whole."""
        if isinstance(page, str | Text):  # as it is: an id may look like rich's markup
            self.out.print(page, markup=False, highlight=False, soft_wrap=True)
        else:
            self.out.print(page)

    def note(self, text: str) -> None:
        """Say something beside the answer, on standard error."""
        self.err.print(text, markup=False, highlight=False, soft_wrap=True)


def read_environment() -> dict[str, str]:
    """The environment, and what `.env` in the current directory adds to it."""
    # no interpolation: a secret may hold "${"
    kept = dotenv_values(Path(".env"), interpolate=False) if Path(".env").is_file() else {}
    return {**{name: value for name, value in kept.items() if value}, **os.environ}


@contextmanager
def open_context(
    *, json: bool = False, role: Role = "command", migrated: bool = True
) -> Iterator[Context]:
    """Read the settings and open the database for one command.

    Faults are told on standard error and end the command: 2 for settings, 1 for all others.
    With `migrated=False` the database may be behind this release.
    """
    try:
        settings = read_settings(read_environment(), role=role)
    except SettingsError as error:
        raise end_for_settings(error, json=json) from None
    # to standard error, and only warnings: the answer tells the story
    logs.configure(settings.log_format, level=logging.WARNING)
    engine = make_engine(settings.database_url)
    try:
        if migrated:
            _require_migrated(engine)
        yield Context(settings, engine, json)
    except CommandError as error:
        _tell(str(error), json=json, code="FAULT")
        raise typer.Exit(FAULT) from None
    finally:
        engine.dispose()


def end_for_settings(error: SettingsError, *, json: bool) -> typer.Exit:
    """Tell all faults of the settings, and what ends the command with status 2."""
    _tell(str(error), json=json, code="SETTINGS", faults=error.faults)
    return typer.Exit(SETTINGS_FAULT)


def _require_migrated(engine: Engine) -> None:
    """Raises CommandError while the database can't be reached or lacks this release's tables."""
    try:
        reason = missing(engine)
    except OperationalError:
        where = engine.url.render_as_string(hide_password=True)
        raise CommandError(
            f"The database {where} can't be reached.",
            means="Sales wait; deliveries that got no 2xx are sent again by Stripe.",
            todo="Start it, or correct DATABASE_URL.",
            heals="What waits goes on by itself once it answers.",
        ) from None
    if reason is not None:
        raise CommandError(
            f"The tables are not those of this release: {reason}.",
            means="No sale is fulfilled until they are; none is lost.",
            todo='Run "fulfill db upgrade", then this command again.',
            heals="What waits goes on by itself after that.",
        )


def _tell(text: str, *, json: bool, code: str, **more: Any) -> None:
    if json:
        error = {"code": code, "message": text, **more}
        typer.echo(jsonlib.dumps({"error": error}, ensure_ascii=False), err=True)
        return
    typer.echo(text, err=True)
