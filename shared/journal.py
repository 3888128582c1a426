"""What was done, written before and after it is done. History for people, never a filter.

Every verb takes the caller's open transaction, so that a step's row and its effect on our own
tables commit together. Who may write (the lease) is the worker's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shared.tables import passes, problems, steps

PassStatus = Literal["running", "applied", "settled", "blocked", "refused", "failed"]
LOST = "the worker that ran this pass is gone; the next pass takes the sale over"


@dataclass(frozen=True, slots=True)
class StepEntry:
    """One step for the journal. `key` is for machines, `step` and `why` are for people."""

    key: str
    step: str
    why: str


@dataclass(frozen=True, slots=True)
class ProblemEntry:
    """What waits for a person. `subject` is the object that mends it: "price_1"."""

    cause: str
    subject: str
    message: str
    line_id: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a pass ended."""

    status: PassStatus
    problems: Sequence[ProblemEntry] = ()
    plan: Mapping[str, Any] | None = None
    snapshot_digest: str | None = None
    error: str | None = None
    customer_id: str | None = None
    order_ids: Sequence[str] = field(default_factory=list)
    subscription_id: str | None = None
    license_ids: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """The generations a pass covers: after `start`, up to and with `end`."""

    start: int
    end: int


def open_pass(tx: Connection, sale_id: int, span: Span, *, worker: str, now: datetime) -> int:
    """Begin a pass and return its number. A pass of the same sale still open was lost."""
    lost = passes.update().where(passes.c.sale_id == sale_id, passes.c.status == "running")
    tx.execute(lost.values(status="failed", error=LOST, finished_at=now))
    row = passes.insert().values(
        sale_id=sale_id,
        worker=worker,
        from_generation=span.start,
        to_generation=span.end,
        status="running",
        started_at=now,
    )
    return int(tx.execute(row.returning(passes.c.id)).scalar_one())


def start_step(tx: Connection, pass_id: int, entry: StepEntry, *, now: datetime) -> int:
    """Write that a step begins, and return its row's id."""
    row = steps.insert().values(
        pass_id=pass_id,
        key=entry.key,
        step=entry.step,
        why=entry.why,
        status="started",
        started_at=now,
    )
    return int(tx.execute(row.returning(steps.c.id)).scalar_one())


def finish_step(tx: Connection, step_id: int, result: Mapping[str, Any], *, now: datetime) -> None:
    """Write that a step is done, and which ids came of it."""
    done = steps.update().where(steps.c.id == step_id)
    tx.execute(done.values(status="done", result=dict(result), finished_at=now))


def fail_step(tx: Connection, step_id: int, error: str, *, now: datetime) -> None:
    """Write that a step failed. Whether its effect took place is for the next pass to look at."""
    failed = steps.update().where(steps.c.id == step_id)
    tx.execute(failed.values(status="failed", error=error, finished_at=now))


def close_pass(tx: Connection, pass_id: int, closing: Closing, *, now: datetime) -> None:
    """Write how a pass ended."""
    tx.execute(
        passes.update()
        .where(passes.c.id == pass_id)
        .values(
            status=closing.status,
            finished_at=now,
            snapshot_digest=closing.snapshot_digest,
            plan=None if closing.plan is None else dict(closing.plan),
            problems=[
                {"cause": p.cause, "subject": p.subject, "line": p.line_id, "message": p.message}
                for p in closing.problems
            ],
            error=closing.error,
            customer_id=closing.customer_id,
            order_ids=list(closing.order_ids),
            subscription_id=closing.subscription_id,
            license_ids=list(closing.license_ids),
        )
    )


def replace_problems(
    tx: Connection, sale_id: int, open_now: Iterable[ProblemEntry], *, now: datetime
) -> None:
    """A sale's open problems are those its last pass found; one that stays keeps its opening."""
    wanted = {(p.cause, p.subject, p.line_id): p for p in open_now}
    stored = tx.execute(
        sa.select(problems.c.id, problems.c.cause, problems.c.subject, problems.c.line_id).where(
            problems.c.sale_id == sale_id
        )
    ).all()
    solved = [row.id for row in stored if (row.cause, row.subject, row.line_id) not in wanted]
    if solved:
        tx.execute(problems.delete().where(problems.c.id.in_(solved)))
    known = {(row.cause, row.subject, row.line_id) for row in stored}
    rows = [
        {
            "sale_id": sale_id,
            "cause": p.cause,
            "subject": p.subject,
            "line_id": p.line_id,
            "message": p.message,
            "opened_at": now,
        }
        for key, p in wanted.items()
        if key not in known
    ]
    if rows:
        tx.execute(problems.insert(), rows)
