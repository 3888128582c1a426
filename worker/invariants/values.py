"""Invariants, what is looked at for them, and what was found, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy.engine import Engine

from shared.accounts import ServedAccount

if TYPE_CHECKING:  # the words and findings are read without a client
    from worker.gateways.licensekit import LicenseKitGateway

MOST_EXAMPLES = 10

# an account's own LicenseKit, or the one of all; None of an account that is closed
LicenseKitOf: TypeAlias = "Callable[[ServedAccount], LicenseKitGateway | None]"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a look may look at. `stopping` says that the program ends and the look is to end too."""

    engine: Engine
    licensekit_of: LicenseKitOf | None  # None where LicenseKit can't be asked
    now: datetime
    inbox_max_age_seconds: int
    stopping: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class Tally:
    """How many were found, and the first few ids."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, found: str) -> None:
        self.count += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(found)


Tallies = Mapping[str, Tally]  # by the invariant's name; one that could not be looked at is missing


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that must hold, in words for whoever is told that it doesn't."""

    name: str  # "paid_unlicensed"
    happened: str
    means: str  # for the buyer
    command: str  # what to type, with {ids}, or {id} for the first of them
    unit: str  # what its ids name: "sale", "license"
    first: str = ""  # what to do before
    alarms: bool = True  # False: a number to know, and nobody's mistake


@dataclass(frozen=True, slots=True)
class Look:
    """One walk that answers for several invariants, and how often it is made."""

    name: str
    every_seconds: int
    look: Callable[[Scene], Tallies]
    asks_licensekit: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What an invariant found when it was looked at last."""

    invariant: str
    count: int
    examples: tuple[str, ...]
    checked_at: datetime
