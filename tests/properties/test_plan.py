"""What holds for every sale there can be, carried out in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.any_sale import MAPPINGS, histories, sale_after
from tests.worlds.applied import applied
from tests.worlds.sales import CUSTOMER, held_license, on, plan_for
from worker.plan.plan import Plan
from worker.state import Bought, Held, HeldLicense, Payment

Moments = st.lists(st.integers(0, 6), max_size=4)


def plan(bought: Bought, held: Held) -> Plan:
    return plan_for(bought, *MAPPINGS, held=held)


def lived(payments: tuple[Payment, ...], moments: Iterable[int]) -> tuple[Bought, Held]:
    """A pass after each of these numbers of payments, and one at the end."""
    bought, held = sale_after(()), Held()
    for moment in [*sorted(moments), len(payments)]:
        bought = sale_after(payments[:moment], before=bought)
        bought, held = applied(bought, held, plan(bought, held))
    return bought, held


def ends(held: Held) -> dict[tuple[str, int], datetime | None]:
    return {(one.line_id, one.unit): one.expires_at for one in held.licenses}


@given(histories())
def test_after_a_plan_is_applied_there_is_nothing_left_to_do(
    payments: tuple[Payment, ...],
) -> None:
    """Planning is a fixed point: whatever the sale, the second pass asks for no step."""
    bought, held = lived(payments, ())

    assert plan(bought, held).steps == ()


@given(histories(), Moments)
def test_it_makes_no_difference_which_payments_a_pass_saw(
    payments: tuple[Payment, ...], moments: list[int]
) -> None:
    """Events may be late, lost or repeated: the last pass ends where one alone would."""
    bought, held = lived(payments, moments)
    calm_bought, calm = lived(payments, ())

    assert ends(held) == ends(calm)
    assert (set(held.orders), held.subscriptions) == (set(calm.orders), calm.subscriptions)
    assert {t.id: t.metadata for t in bought.targets} == {
        t.id: t.metadata for t in calm_bought.targets
    }


@given(histories(), st.integers(2020, 2040), st.sampled_from(["active", "suspended", "expired"]))
def test_no_plan_ever_shortens_what_a_buyer_holds(
    payments: tuple[Payment, ...], year: int, status: str
) -> None:
    """An end only moves forward, whatever stands in LicenseKit; another policy begins anew."""
    held = Held(
        CUSTOMER,
        licenses=(held_license("si_0", expires_at=on(year), status=status),),
    )
    bought = sale_after(payments)

    _, after = applied(bought, held, plan(bought, held))

    newest = [one for one in after.licenses if (one.line_id, one.unit) == ("si_0", 1)][-1]
    assert newest.policy_id != "pol_sub" or newest.id == "lic_1"
    if newest.id == "lic_1":
        assert newest.expires_at is not None
        assert newest.expires_at >= on(year)


@given(histories(), Moments)
def test_each_unit_of_a_line_has_one_license(
    payments: tuple[Payment, ...], moments: list[int]
) -> None:
    """However many passes there were, nobody gets two for one."""
    _, held = lived(payments, moments)

    units = [(one.line_id, one.unit) for one in held.licenses]
    assert len(units) == len(set(units))


@given(histories())
def test_every_paid_line_with_a_mapping_is_licensed_to_its_paid_end(
    payments: tuple[Payment, ...],
) -> None:
    """Nobody pays for nothing; an unmapped price is told instead."""
    bought = sale_after(payments)
    _, held = applied(bought, Held(), plan(bought, Held()))
    mapped = {mapping.stripe_price_id for mapping in MAPPINGS}
    paid = [line for line in bought.lines if line.paid_from is not None]

    licensed: dict[str, list[HeldLicense]] = {}
    for one in held.licenses:
        licensed.setdefault(one.line_id, []).append(one)
    assert set(licensed) == {line.id for line in paid if line.price_id in mapped}
    for line in paid:
        for one in licensed.get(line.id, []):
            assert line.paid_until is not None
            assert one.expires_at is None or one.expires_at >= line.paid_until


@given(histories())
def test_a_paid_line_without_a_mapping_is_told_once(payments: tuple[Payment, ...]) -> None:
    """One problem for each line that waits, and none for any other."""
    bought = sale_after(payments)
    waiting = [
        line.id
        for line in bought.lines
        if line.price_id == "price_unmapped" and line.paid_from is not None
    ]

    assert [problem.line_id for problem in plan(bought, Held()).problems] == waiting
