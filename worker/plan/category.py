"""PLACEHOLDER by the lead until the pricing helper writes the real one: overwrite this file."""

from __future__ import annotations

from worker.state import Bought


def choose_category(bought: Bought) -> str | None:
    return "one_time" if bought.subscription is None else "recurring"
