"""Whatever stands in LicenseKit and whatever points at it: nobody gets two licenses for one."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.any_sale import MAPPINGS, histories, sale_after
from tests.worlds.applied import applied
from tests.worlds.finds import adopted, found, record, slot, stray
from tests.worlds.sales import CUSTOMER, on, plan_for
from worker.found import FoundLicense, FoundRecord, Origin
from worker.plan.plan import Plan
from worker.plan.steps import IssueLicense
from worker.state import Bought, Held, Payment

LINES = ("si_0", "si_1", "si_2", "si_9")  # the last is another sale's
PRODUCTS = ("prod_app", "prod_app", "prod_two", "prod_other")
POLICIES = ("pol_sub", "pol_sub", "pol_pro", "pol_ever", "pol_old")

slots = st.builds(
    slot,
    st.sampled_from(LINES),
    st.integers(1, 3),
    st.integers(1, 2),
    mode=st.sampled_from(["test", "test", "test", "live"]),
    price_id=st.sampled_from(["price_sub", "price_each", "price_old"]),
)
origins = st.builds(
    Origin,
    st.sampled_from([None, "lkc_1", "lkc_9"]),
    st.sampled_from([None, "ord_1", "ord_2", "ord_9"]),
)


@st.composite
def strays(draw: st.DrawFn) -> list[FoundLicense]:
    """Some licenses, ours, others', pointed at or not, alive or over."""
    return [
        stray(
            f"lic_{number}",
            draw(st.one_of(st.none(), slots)),
            product_id=draw(st.sampled_from(PRODUCTS)),
            policy_id=draw(st.sampled_from(POLICIES)),
            status=draw(st.sampled_from(["active", "active", "suspended", "expired", "revoked"])),
            expires_at=draw(st.sampled_from([None, on(2026, 3), on(2027)])),
            origin=draw(origins),
            pointed_at=draw(st.booleans()),
            named_for=draw(st.sampled_from([None, None, None, "", "si_0"])),
            linked_to=draw(st.sampled_from(["", "", "", "si_7/1"])),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@st.composite
def records(draw: st.DrawFn) -> list[FoundRecord]:
    """Orders of this sale's payments and of others'."""
    names = draw(st.lists(st.sampled_from(["in_1", "in_2", "in_9"]), unique=True))
    return [record("order", f"{name}/prod_app", f"ord_{name[3:]}", status="paid") for name in names]


def seen(
    payments: tuple[Payment, ...], records: list[FoundRecord], licenses: list[FoundLicense]
) -> tuple[Bought, Held, Plan]:
    held = replace(found(*records, *licenses), customer=CUSTOMER)
    bought = sale_after(payments)
    return bought, held, plan_for(bought, *MAPPINGS, held=held)


@given(histories(), records(), strays())
def test_what_was_adopted_is_there_and_nothing_is_left_to_do(
    payments: tuple[Payment, ...], records: list[FoundRecord], licenses: list[FoundLicense]
) -> None:
    """Planning stays a fixed point, also while what was found can still be found."""
    bought, held, plan = seen(payments, records, licenses)

    bought, after = applied(bought, held, plan)

    again = plan_for(bought, *MAPPINGS, held=after)
    assert again.steps == ()
    forgotten = replace(after, found=Held().found)
    unclear = {problem.line_id for problem in again.problems}
    blind = plan_for(bought, *MAPPINGS, held=forgotten).steps
    assert {step.line_id for step in blind if isinstance(step, IssueLicense)} <= unclear


@given(histories(), records(), strays())
def test_each_license_is_adopted_once_and_each_place_has_one(
    payments: tuple[Payment, ...], records: list[FoundRecord], licenses: list[FoundLicense]
) -> None:
    """And what belongs to another account, mode or sale is never taken."""
    _, _, plan = seen(payments, records, licenses)
    places = adopted(plan)
    taken = {one.id: one for one in licenses if one.id in places}

    assert len(set(places.values())) == len(places)
    assert not places.keys() & plan.left.keys()
    for one in taken.values():
        if one.slot is not None:
            assert (one.slot.mode, one.slot.line_id != "si_9") == ("test", True)
        else:
            assert (one.status != "revoked", one.linked_to) == (True, "")


@given(histories(), records(), strays())
def test_no_license_is_issued_beside_one_that_stands_for_the_unit(
    payments: tuple[Payment, ...], records: list[FoundRecord], licenses: list[FoundLicense]
) -> None:
    """Unless it takes the other's place, which is revoked then."""
    bought, held, plan = seen(payments, records, licenses)

    _, after = applied(bought, held, plan)

    units = [(one.line_id, one.unit) for one in after.licenses if one.status != "revoked"]
    assert len(units) == len(set(units))
