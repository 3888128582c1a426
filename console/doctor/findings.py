"""What one look found: fine, worth knowing, or to be mended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`told` says what is; `todo` what to do about it, "" when nothing."""

    name: str
    status: Status
    told: str
    todo: str = ""
    group: str = ""  # where on a sale's way it was found: "delivery", "workers"

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def ok(name: str, told: str) -> Finding:
    return Finding(name, "ok", told)


def warn(name: str, told: str, todo: str) -> Finding:
    return Finding(name, "warn", told, todo)


def fail(name: str, told: str, todo: str) -> Finding:
    return Finding(name, "fail", told, todo)


def worst(status: Status, *others: Status) -> Status:
    """What a finding about several things is."""
    order: tuple[Status, ...] = ("ok", "warn", "fail")
    return max((status, *others), key=order.index)
