"""Does the buyer have access, and why not? The first line of a story, from what passes wrote.

What a person changed in LicenseKit since the last pass is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from console.moments import say_moment
from console.story.values import Linked, Story
from worker.plan.rules import why
from worker.plan.terms import MENDED_BY_A_MAPPING


@dataclass(frozen=True, slots=True)
class Access:
    """`granted` is whether any license of the sale can be used now."""

    granted: bool
    why: str

    def __str__(self) -> str:
        return f"{'yes' if self.granted else 'no'}, {self.why}"

    def as_json(self) -> dict[str, Any]:
        return {"granted": self.granted, "why": self.why}


def judge_access(story: Story, *, now: datetime) -> Access:
    """One sentence. Names the license, or what is in its way."""
    licenses = [one for one in story.links if one.kind == "license" and one.licensekit_id]
    usable = [one for one in licenses if not _obstacle(one, now)]
    if usable:
        return Access(granted=True, why=f"by {_named(usable)}{_but(story, usable)}.")
    if licenses:
        return Access(granted=False, why=f"{_obstacle(licenses[-1], now)}.")
    return Access(granted=False, why=_nothing_issued(story))


def _obstacle(link: Linked, now: datetime) -> str:
    """Why this license can't be used; "" when it can."""
    written = link.written
    if written.get("moved_to"):
        return f"{link.licensekit_id} goes on in another sale of the buyer ({written['moved_to']})"
    if written.get("revoked"):
        return f"{link.licensekit_id} was revoked, because {why(str(written['revoked']))}"
    if written.get("hold"):
        return f"{link.licensekit_id} is suspended, because {why(str(written['hold']))}"
    end = _end(link)
    if end is not None and end <= now:
        return f"{link.licensekit_id} ended on {say_moment(end)}: nothing is paid beyond"
    return ""


def _end(link: Linked) -> datetime | None:
    """None for a license without an end, which is written down as "never"."""
    try:
        end = datetime.fromisoformat(str(link.written.get("expires_at")))
    except ValueError:
        return None
    return end if end.tzinfo else end.replace(tzinfo=UTC)


def _named(usable: Sequence[Linked]) -> str:
    """`lic_1 until 2027-01-01 00:00:00, lic_2 without an end`; of many, the first ones."""
    shown = [
        f"{one.licensekit_id} {f'until {say_moment(end)}' if (end := _end(one)) else 'for ever'}"
        for one in usable[:3]
    ]
    more = f" and {len(usable) - 3} more" if len(usable) > 3 else ""
    return ", ".join(shown) + more


def _but(story: Story, usable: Sequence[Linked]) -> str:
    """What the buyer misses all the same."""
    missed = []
    waiting = sorted({p.line_id for p in story.problems if p.cause in MENDED_BY_A_MAPPING})
    if any(waiting):
        missed.append(f"nothing was issued for {', '.join(waiting)}, see the problems")
    unseen = [str(one.licensekit_id) for one in usable if one.licensekit_id in story.undelivered]
    if unseen:
        keys = "its key was" if len(usable) == 1 else f"the keys of {len(unseen)} were"
        missed.append(f"{keys} not given out: fulfill keys show {' '.join(unseen[:3])}")
    return "".join(f"; but {one}" for one in missed)


def _nothing_issued(story: Story) -> str:
    queue = story.queue
    if story.decision is not None:
        return f"{story.decision.by} decided so: {story.decision.reason}."
    if story.problems:
        return f"no license was issued: {story.problems[0].happened}"
    if queue.due:
        tried = f", {queue.attempts} attempts failed" if queue.attempts else ""
        return f"no license was issued yet: it waits since {say_moment(queue.hinted_at)}{tried}."
    if story.status is None:
        return "no pass has looked at it yet."
    if story.bought.get("reason"):
        return f"there is nothing to license: {story.bought['reason']}."
    return "its hints were handed to the sale it belongs to."
