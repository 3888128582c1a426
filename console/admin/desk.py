"""What the admin routes work with, made once for the web process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Engine

from console.admin.shelf import Shelf
from console.http import HttpError
from shared.clock import Clock, SystemClock
from shared.settings import Settings
from worker.deps import Deps

# What a pass needs of the settings, by their names in the environment.
PASS_NEEDS = ("STRIPE_SECRET_KEY", "LICENSEKIT_API_TOKEN", "FULFILL_ENCRYPTION_KEYS")


@dataclass(frozen=True, slots=True)
class Desk:
    """Settings, database, clock, queue, and what was read from the services a moment ago."""

    settings: Settings
    engine: Engine
    wake: Callable[[], None]
    clock: Clock = field(default_factory=SystemClock)
    stripe_shelf: Shelf[Any] = field(default_factory=Shelf)
    licensekit_shelf: Shelf[Any] = field(default_factory=Shelf)

    @contextmanager
    def passes(self) -> Iterator[Deps]:
        """The clients of a pass. Raises HttpError 503 while a setting of the workers' lacks."""
        from worker.jobs import make_deps  # brings RQ along, which only passes need here

        self._require_pass_settings()
        with closing(make_deps(self.settings, self.engine, clock=self.clock)) as deps:
            yield deps

    def _require_pass_settings(self) -> None:
        s = self.settings
        given = (s.stripe_secret_key, s.licensekit_api_token, s.encryption_keys)
        lacking = [name for name, value in zip(PASS_NEEDS, given, strict=True) if not value]
        if lacking:
            raise HttpError(
                503,
                "SETTINGS_MISSING",
                "This web process can't look at sales itself, so nothing was done. Buyers wait "
                "for nothing: the workers have settings of their own. Give web the settings named "
                "here and start it again, or use the command. It does not heal by itself.",
                f"missing: {', '.join(lacking)}",
            )
