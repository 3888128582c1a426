"""The walk through lists that end at 200: what is seen, what is cut, and how often is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.worlds.sales import on
from worker.gateways.licensekit import PAGE
from worker.invariants.licenses import MOST_CALLS, Walk


@dataclass(slots=True)
class Shelf:
    """Licenses in memory, listed by LicenseKit's rules: the newest 200, both bounds exclusive."""

    ends: list[datetime | None]

    def licenses_of_policy(
        self, _policy: str, status: str, *, ends_between: tuple[datetime, datetime] | None = None
    ) -> list[dict[str, Any]]:
        found = enumerate(self.ends) if status == "active" else ()
        rows = [
            {"id": f"lic_{number}", "expires_at": end and end.isoformat()}
            for number, end in found
            if ends_between is None or (end and ends_between[0] < end < ends_between[1])
        ]
        return rows[::-1][:PAGE]


def walk(*ends: datetime | None) -> tuple[int, Walk]:
    """How many licenses of the policy are seen, and the walk."""
    through = Walk(Shelf(list(ends)))  # type: ignore[arg-type]
    return len(through.standing("pol_1")), through


def test_a_short_list_is_read_once_for_each_status() -> None:
    """The usual shop costs three calls a policy."""
    seen, through = walk(*[on(2027)] * (PAGE - 1))

    assert (seen, through.calls, through.cut.count) == (PAGE - 1, 3, 0)


def test_a_long_list_is_read_whole_in_windows_of_time() -> None:
    """Each license once, also one whose end lies on the border of two windows."""
    ends = [on(2026) + timedelta(hours=7 * number) for number in range(1_500)]
    middle_of_all = on(2105)

    seen, through = walk(*ends, middle_of_all)

    assert (seen, through.cut.examples) == (1_501, [])
    assert through.calls < 60


def test_what_can_not_be_split_is_cut_and_told() -> None:
    """Without an end there is nothing to split by: the newest are seen, and it is said."""
    seen, through = walk(*[None] * (PAGE + 1))

    assert seen == PAGE
    assert through.cut.examples == ["pol_1 (active)"]


def test_a_thousand_that_end_in_one_moment_are_cut_and_told() -> None:
    """As when a shop sold for a season that ends for all at once."""
    seen, through = walk(*[on(2027)] * 1_000)

    assert seen == PAGE
    assert through.cut.count == 1
    assert through.calls < MOST_CALLS
