"""What holds while a person's decision does, for every sale there can be, carried out in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.any_sale import MAPPINGS, histories, sale_after
from tests.worlds.applied import applied
from tests.worlds.sales import NOW, plan_for
from worker.plan.plan import Plan
from worker.state import Bought, Decision, DecisionKind, Held, Payment

Turn = tuple[int, DecisionKind | None]  # after so many payments somebody decides, or releases
turns = st.lists(st.tuples(st.integers(0, 6), st.sampled_from([None, "hold", "cancel"])))


def plan(bought: Bought, held: Held) -> Plan:
    return plan_for(bought, *MAPPINGS, held=held)


def lived(
    payments: tuple[Payment, ...], told: Sequence[Turn], last: DecisionKind | None
) -> tuple[Bought, Held]:
    """A pass at each turn, and one at the end under the last word."""
    bought, held = sale_after(()), Held()
    for moment, kind in [*sorted(told, key=lambda turn: turn[0]), (len(payments), last)]:
        decision = Decision(kind, "so", "ada@desk", NOW) if kind else None
        bought = replace(sale_after(payments[:moment], before=bought), decision=decision)
        bought, held = applied(bought, held, plan(bought, held))
    return bought, held


@settings(max_examples=60)
@given(histories(), turns, st.sampled_from([None, "hold", "cancel"]))
def test_planning_is_a_fixed_point_whatever_was_decided_and_released(
    payments: tuple[Payment, ...], told: list[Turn], last: DecisionKind | None
) -> None:
    """The second pass asks for no step, under a decision as without one."""
    bought, held = lived(payments, told, last)

    assert plan(bought, held).steps == ()


@settings(max_examples=60)
@given(histories(), turns)
def test_a_decision_is_kept_whatever_is_paid_and_whichever_payments_a_pass_saw(
    payments: tuple[Payment, ...], told: list[Turn]
) -> None:
    """Held, no license works; canceled, none is left."""
    _, held = lived(payments, told, "hold")
    _, canceled = lived(payments, told, "cancel")

    assert {one.status for one in held.licenses} <= {"suspended"}
    assert canceled.licenses == ()


@settings(max_examples=60)
@given(histories(), turns)
def test_after_a_release_a_sale_ends_where_it_would_have_without_any_decision(
    payments: tuple[Payment, ...], told: list[Turn]
) -> None:
    """The same units with the same ends, all of them working; what was revoked is issued anew."""
    _, held = lived(payments, told, None)
    _, calm = lived(payments, (), None)

    def standing(one: Held) -> set[object]:
        return {(x.line_id, x.unit, x.policy_id, x.expires_at, x.status) for x in one.licenses}

    assert standing(held) == standing(calm)
    assert (set(held.orders), held.subscriptions) == (set(calm.orders), calm.subscriptions)
