"""A sweep in this program, with a progress bar. What it does: `worker.sweep`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import typer
from redis import RedisError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.engine import Connection

from console.audit import Deed, note
from console.context import CommandError, Context
from console.sweeps import person
from shared.database import reading, transaction
from shared.inbox import due_count
from shared.queue import Waker
from worker.errors import LeaseLost, PermanentError, TemporaryError
from worker.schedule import open_means, open_round
from worker.scheduler import sweep as take_up
from worker.sweep.objects import Means, ObjectSweep, Told
from worker.sweep.requests import Sweep, SweepWish, begin_sweep, read_sweep, stop, take
from worker.sweep.rounds import AccountLook

INTERRUPTED = 130  # what a shell gives a program that Ctrl-C ended
SAID = {"reading": "Reading", "looking": "Looking", "raising": "Raising"}


@dataclass(frozen=True, slots=True)
class EventRound:
    """What a look at all accounts' events found, and how many sales are due now."""

    looks: list[AccountLook]
    due: int

    @property
    def failed(self) -> list[str]:
        return [look.account.account or "your own account" for look in self.looks if look.error]

    def as_json(self) -> dict[str, Any]:
        return {"accounts": [look.as_json() for look in self.looks], "sales_due": self.due}


def sweep_events(context: Context) -> EventRound:
    """Fetch the events that never arrived, account by account, and wake a worker."""
    with open_round(context.settings, context.engine, context.clock) as events:
        looks = list(events.look())
    raised = sum(look.found.raised for look in looks if look.found is not None)
    with transaction(context.engine) as tx:
        deed = Deed(person(), "sweep", "events", {"sales_raised": raised})
        note(tx, deed, now=context.clock.now())
    with closing(Waker(context.settings.redis_url)) as waker, suppress(RedisError):
        take_up(context.engine, waker, now=context.clock.now())
    with reading(context.engine) as tx:
        return EventRound(looks, due_count(tx))


def begin(context: Context, wish: SweepWish) -> Sweep:
    """Write the wish down, and that it was this person's."""
    with transaction(context.engine) as tx:
        sweep = begin_sweep(tx, wish, context.clock.now())
        _note(context, tx, sweep)
    return sweep


def go_on(context: Context, sweep_id: int, *, force: bool) -> Sweep:
    """Take up a sweep that was begun before. Raises CommandError, LeaseBusy."""
    with reading(context.engine) as tx:
        if read_sweep(tx, sweep_id) is None:
            raise _unknown(sweep_id)
    sweep = take(context.engine, sweep_id, now=context.clock.now(), force=force)
    with transaction(context.engine) as tx:
        _note(context, tx, sweep)
    return sweep


def _note(context: Context, tx: Connection, sweep: Sweep) -> None:
    if not sweep.wish.dry_run:
        since = None if sweep.wish.since is None else sweep.wish.since.isoformat()
        detail = {"since": since, "forced": sweep.wish.forced}
        note(tx, Deed(person(), "sweep", f"sweep {sweep.id}", detail), now=context.clock.now())


def carry_out(context: Context, sweep: Sweep) -> Sweep:
    """To its end, or to where somebody pressed Ctrl-C."""
    with closing(Waker(context.settings.redis_url)) as waker:

        def wake() -> None:
            with suppress(RedisError):  # without Redis the scheduler's sweep takes them
                waker.wake()

        try:
            with (
                open_means(context.settings, context.engine, context.clock, wake) as means,
                _bar(context) as told,
            ):
                return _run(sweep, replace(means, told=told))
        except KeyboardInterrupt:
            _give_back(context, sweep)
            context.note(f'Stopped. "fulfill sweep --resume {sweep.id}" goes on from here.')
            raise typer.Exit(INTERRUPTED) from None
        except (TemporaryError, PermanentError) as error:
            _give_back(context, sweep)
            raise _hindered(sweep, error) from error


def _run(sweep: Sweep, means: Means) -> Sweep:
    try:
        return ObjectSweep(sweep, means).run()
    except LeaseLost as lost:
        raise CommandError(
            f"{lost}.",
            means="Nothing is lost, and nothing is done twice.",
            todo="Leave it to that program.",
            heals="It comes to its end by itself.",
        ) from lost


def _give_back(context: Context, sweep: Sweep) -> None:
    with transaction(context.engine) as tx:
        stop(tx, sweep)


@contextmanager
def _bar(context: Context) -> Iterator[Told]:
    """A bar on standard error; none while a program listens."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=context.err, disable=context.json, transient=True) as bar:
        line = bar.add_task(SAID["reading"], total=None)

        def tell(stage: str, done: int, total: int | None) -> None:
            bar.update(line, description=SAID[stage], completed=done, total=total)

        yield tell


def _unknown(sweep_id: int) -> CommandError:
    return CommandError(
        f"There is no sweep {sweep_id}.",
        means="Nothing was changed.",
        todo='Begin one: "fulfill sweep --all --dry-run".',
        heals="The scheduler fetches events that never arrived all the same.",
    )


def _hindered(sweep: Sweep, error: Exception) -> CommandError:
    return CommandError(
        f"Sweep {sweep.id} can't go on: {error}",
        means="What it found so far is kept; no buyer loses anything.",
        todo=f'Mend what is named, then "fulfill sweep --resume {sweep.id}".',
        heals="It does not go on by itself.",
    )
