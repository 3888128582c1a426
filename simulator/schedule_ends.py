"""How a schedule stops: released, completed or canceled. Its subscription's end is elsewhere."""

from __future__ import annotations

from simulator.books import Books
from simulator.errors import bad_parameter
from simulator.updates import changing
from simulator.values import Obj

RUNNING = ("not_started", "active")


def let_go(books: Books, schedule: Obj) -> Obj:
    """The subscription goes on as it stands, and nobody changes it by plan any more."""
    refuse_stopped(schedule)
    subscription = books.find(schedule["subscription"])
    schedule.update(
        status="released",
        released_at=books.now,
        released_subscription=schedule["subscription"],
        subscription=None,
        current_phase=None,
    )
    if subscription is not None:
        with changing(books, subscription):
            subscription["schedule"] = None
    books.emit("subscription_schedule.released", schedule)
    return schedule


def stop(books: Books, schedule: Obj, status: str) -> Obj:
    """`completed` or `canceled`."""
    refuse_stopped(schedule)
    schedule.update({"status": status, f"{status}_at": books.now, "current_phase": None})
    books.emit(f"subscription_schedule.{status}", schedule)
    return schedule


def stop_with(books: Books, subscription: Obj) -> None:
    """A subscription that ends takes its schedule along."""
    schedule = books.find(subscription["schedule"])
    if schedule is not None and schedule["status"] in RUNNING:
        stop(books, schedule, "canceled")


def refuse_stopped(schedule: Obj) -> None:
    if schedule["status"] not in RUNNING:
        text = f"{schedule['id']} is {schedule['status']} and can't be changed any more."
        raise bad_parameter("schedule", text)
