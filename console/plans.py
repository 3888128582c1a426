"""A plan as JSON: for `fulfill plan` and for the admin route. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.fulfillments.values import sale_json
from console.story.applied import Applied, applied_terms
from mappings.store import read_catalog
from shared.database import reading
from worker.closing import Seen
from worker.deps import Deps
from worker.plan.category import choose_category
from worker.plan.explain import as_json
from worker.plan.guard import find_danger


def terms_of(seen: Seen, deps: Deps) -> tuple[Applied, ...]:
    """The terms that the plan follows, price by price."""
    with reading(deps.engine) as connection:
        return applied_terms(read_catalog(connection), seen.plan.versions)


def plan_json(seen: Seen, applied: Sequence[Applied], danger: str | None) -> dict[str, Any]:
    """What `fulfill plan --json` prints."""
    return {
        "sale": sale_json(seen.key),
        "bought": seen.bought.reason,
        "category": choose_category(seen.bought),
        **as_json(seen.plan),
        "terms": [one.as_json() for one in applied],
        "guard": danger,
    }


def danger_of(seen: Seen, deps: Deps) -> str | None:
    """Why the guard would refuse it, or None."""
    return find_danger(seen.plan, deps.limits)
