"""What one look found: fine, worth knowing, or to be mended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """`told` says what is; `todo` what to do about it, "" when nothing."""

    name: str
    status: Literal["ok", "warn", "fail"]
    told: str
    todo: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def ok(name: str, told: str) -> Finding:
    return Finding(name, "ok", told)


def warn(name: str, told: str, todo: str) -> Finding:
    return Finding(name, "warn", told, todo)


def fail(name: str, told: str, todo: str) -> Finding:
    return Finding(name, "fail", told, todo)
