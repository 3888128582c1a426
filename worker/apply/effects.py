"""What came of a step: ids to know, rows to write, and how to take it back if we may not write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from shared.links import Link
from worker.plan.ids import Ref


def _write_nothing(tx: Connection) -> None:
    """Most steps that change nothing of ours."""


def _leave() -> None:
    """Most effects need no taking back: the next pass finds and keeps them."""


@dataclass(frozen=True, slots=True)
class Effect:
    """`write` runs in the transaction that says the step is done.

    `take_back` runs when that transaction may not be written any more, because another worker
    took the sale over.
    """

    result: Mapping[str, Any] = field(default_factory=dict)  # for the journal: ids only
    known: Mapping[Ref, str] = field(default_factory=dict)
    write: Callable[[Connection], None] = _write_nothing
    take_back: Callable[[], None] = _leave
    surprising: bool = False  # a record that was to be made stood already: what else does?


def needed(link: Link | None) -> Link:
    """The link that was written before a step that makes something."""
    assert link is not None
    return link
