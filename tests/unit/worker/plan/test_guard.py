"""Which plans are refused: what they take away is counted, and both numbers are told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.moments import stamp
from tests.worlds.sales import on
from worker.plan.guard import Limits, find_danger, find_sweep_danger, takes_away
from worker.plan.ids import Ref
from worker.plan.plan import Plan
from worker.plan.steps import RenewLicense, RevokeLicense, RevokeOrphan, Step, SuspendLicense

REF = Ref("license", "si_1/1")
SAFE = Plan()


def revoke(cause: str = "refunded") -> RevokeLicense:
    return RevokeLicense(REF, "lic_1", cause, why="because")


def move(*, shortens: bool) -> RenewLicense:
    return RenewLicense("lic_1", "si_1", on(2027), why=stamp(on(2027)), shortens=shortens)


def plan(*steps: Step) -> Plan:
    return Plan(steps=steps)


TAKES: list[tuple[str, Sequence[Step], bool]] = [
    ("a revocation", (revoke(),), True),
    ("one unit fewer", (revoke("quantity"),), True),
    ("an end moved back", (move(shortens=True),), True),
    ("an end moved on", (move(shortens=False),), False),
    ("a replacement", (revoke("replaced"),), False),
    ("a hold", (SuspendLicense(REF, "past_due", why="because"),), False),
    ("a lost key's orphan", (RevokeOrphan("lic_0", REF, why="because"),), False),
    ("nothing", (), False),
]


@pytest.mark.parametrize(("steps", "takes"), [row[1:] for row in TAKES], ids=[r[0] for r in TAKES])
def test_what_counts_as_taken_away(steps: Sequence[Step], takes: bool) -> None:
    """A hold is lifted again, and who gets another license loses none."""
    assert takes_away(plan(*steps)) is takes


@pytest.mark.parametrize(("revokes", "refused"), [(0, False), (25, False), (26, True)])
def test_a_pass_may_revoke_as_many_licenses_as_the_limit_says(revokes: int, refused: bool) -> None:
    """And not one more."""
    danger = find_danger(plan(*[revoke()] * revokes), Limits())

    assert (danger is not None) is refused


def test_a_refused_pass_tells_both_numbers_the_setting_and_what_to_do() -> None:
    """So that nobody has to look them up."""
    danger = find_danger(plan(*[revoke()] * 3), Limits(max_revokes=2)) or ""

    assert "would revoke 3 licenses, more than the 2 that FULFILL_GUARD_MAX_REVOKES" in danger
    assert '"fulfill plan"' in danger
    assert '"fulfill reconcile --force"' in danger


def test_replacements_are_not_counted_as_losses() -> None:
    """Thirty seats move to another policy: each one has its new license first."""
    assert find_danger(plan(*[revoke("replaced")] * 30), Limits()) is None


def test_a_limit_of_none_at_all_lets_no_revocation_pass() -> None:
    """An operator may want to see each one first."""
    assert find_danger(plan(revoke()), Limits(max_revokes=0)) is not None


@pytest.mark.parametrize(
    ("taking", "of", "refused"),
    [
        (1, 5, False),
        (2, 5, True),
        (2, 10, False),
        (3, 10, True),
        (20, 100, False),
        (21, 100, True),
        (4, 4, False),
        (1, 100, False),
    ],
)
def test_a_sweep_may_take_from_its_share_of_the_sales(taking: int, of: int, refused: bool) -> None:
    """20 % by default. Of fewer than five sales, and of a single one, a share says nothing."""
    plans = [plan(revoke())] * taking + [SAFE] * (of - taking)

    assert (find_sweep_danger(plans, Limits()) is not None) is refused


def test_a_refused_sweep_tells_both_numbers_and_the_share() -> None:
    """A person sees at once whether it is a bad key or a bad day."""
    plans = [plan(move(shortens=True)), plan(revoke()), SAFE, SAFE, SAFE]

    danger = find_sweep_danger(plans, Limits(max_share_percent=30)) or ""

    assert "2 of 5 sales would have licenses revoked or shortened, 40 %" in danger
    assert "more than the 30 % that FULFILL_GUARD_MAX_SHARE allows" in danger
