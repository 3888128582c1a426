"""What of a sale's history is not kept any more, so that nobody takes its absence for a fact."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.story.values import Delivered, Passed, Story
from shared.retention import Retention


def say_pruned(story: Story, retention: Retention, *, now: datetime) -> list[str]:
    """A sentence for passes and one for deliveries, where older ones were forgotten."""
    said = []
    passes = [one for one in story.told if isinstance(one, Passed)]
    oldest = min((one.at for one in passes), default=now)
    if story.pruned:
        said.append(f"Passes from before {oldest:%Y-%m-%d} are not kept any more.")
    kept_since = now - timedelta(days=retention.events)
    heard = [one for one in story.told if isinstance(one, Delivered) and one.at < kept_since]
    if oldest < kept_since and not heard:
        said.append(f"Deliveries from before {kept_since:%Y-%m-%d} are not kept any more.")
    return said
