"""Where a sale stands now, and what a person should do about it: one short text."""

from __future__ import annotations

from datetime import datetime

from console.moments import say_moment
from console.story.values import Story
from shared.keys import SaleKey


def advise(story: Story, *, now: datetime) -> str:
    """Never empty. Ends with a command where a person has to do something."""
    queue = story.queue
    if queue.leased_until is not None and queue.leased_until > now:
        return "A worker is at it right now. Look again in a moment."
    if queue.due and queue.attempts and queue.due_at > now:
        return (
            f"The last {_times(queue.attempts)} failed; it is tried again by itself at "
            f"{say_moment(queue.due_at)}. To try now: {reconcile(story.key)}"
        )
    if queue.due:
        return (
            f"Waiting for a worker since {say_moment(queue.hinted_at)}. If this stays, see what "
            'is missing with "fulfill check".'
        )
    if story.problems:
        return (
            "It waits for you: see the problems below. Once they are mended it goes on by itself, "
            f"or at once with: {reconcile(story.key)}"
        )
    return _rest(story)


def _rest(story: Story) -> str:
    if story.status == "refused":
        return (
            "The plan would take away too much and was not applied. Read it with "
            f'"fulfill plan {story.key.id}"; if it is right: {reconcile(story.key)} --force'
        )
    if story.status in ("failed", "blocked"):
        return f"The last pass ended as {story.status}; after mending it: {reconcile(story.key)}"
    if story.status is None:
        return "No pass has looked at it yet."
    if story.bought.get("stage") == "paid":
        return "At rest: the buyer holds what was bought. There is nothing to do."
    reason = story.bought.get("reason", "its hints were handed to the sale it belongs to")
    return f"At rest, with nothing to license: {reason}."


def reconcile(key: SaleKey) -> str:
    """The command that brings this sale to rest now."""
    return f"fulfill reconcile {key.id}"


def _times(attempts: int) -> str:
    return "attempt" if attempts == 1 else f"{attempts} attempts"
