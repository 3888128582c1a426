"""Where a sale stands now, and what a person should do about it: one short text."""

from __future__ import annotations

from datetime import datetime

from console.moments import say_moment
from console.story.values import Story
from shared.keys import SaleKey
from worker.plan.decided import SAID
from worker.plan.rules import why
from worker.state import Decision

AT_REST = ("applied", "settled")


def advise(story: Story, *, now: datetime) -> str:
    """Never empty. Ends with a command where a person has to do something."""
    said = _advise(story, now)
    if story.decision is None:
        return said
    if _at_rest(story):
        return _decided(story.key, story.decision)
    return f"{_who(story.decision)} Billing does not undo that. {said}"


def _at_rest(story: Story) -> bool:
    return not (story.queue.due or story.problems) and story.status in AT_REST


def _advise(story: Story, now: datetime) -> str:
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
            "It waits for you: each of its problems has the command that releases it. Once they "
            f"are mended, look again with: {reconcile(story.key)}"
        )
    return _rest(story)


def _decided(key: SaleKey, decision: Decision) -> str:
    what = {
        "hold": "without access: every license is suspended",
        "cancel": "without a license: what there was is revoked, and none is issued",
    }[decision.kind]
    return (
        f"At rest, {what}. {_who(decision)} Billing does not undo that. To let billing decide "
        f'again: fulfill release {key.id} --reason "…"'
    )


def _who(decision: Decision) -> str:
    at = say_moment(decision.at)
    return f"{decision.by} {SAID[decision.kind]} the sale on {at}: {decision.reason}."


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
        return _licensed(story)
    reason = story.bought.get("reason", "its hints were handed to the sale it belongs to")
    return f"At rest, with nothing to license: {reason}."


def _licensed(story: Story) -> str:
    """Access as it is paid for, or why there is none: the license's own note says."""
    licenses = [link for link in story.links if link.kind == "license"]
    held = [(x, str(x.written["hold"])) for x in licenses if x.written.get("hold")]
    gone = [(x, str(x.written["revoked"])) for x in licenses if x.written.get("revoked")]
    if held:
        link, cause = held[-1]
        return (
            f"At rest, without access: {link.licensekit_id} is suspended, because {why(cause)}. "
            "Billing lifts that by itself once it is over. There is nothing to do."
        )
    if gone and len(gone) == len(licenses):
        link, cause = gone[-1]
        return (
            f"At rest, without a license: {link.licensekit_id} was revoked, because {why(cause)}. "
            "A new payment brings a new license. There is nothing to do."
        )
    return "At rest: the buyer holds what was bought. There is nothing to do."


def reconcile(key: SaleKey) -> str:
    """The command that brings this sale to rest now."""
    return f"fulfill reconcile {key.id}"


def _times(attempts: int) -> str:
    return "attempt" if attempts == 1 else f"{attempts} attempts"
