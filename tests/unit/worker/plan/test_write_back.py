"""Which ids go into Stripe's metadata, and when there is nothing to write."""

from __future__ import annotations

from dataclasses import replace

from shared.keys import StripeId
from tests.worlds.applied import applied
from tests.worlds.sales import (
    item,
    mapping,
    on,
    once,
    payment,
    plan_for,
    session,
    steps_of,
    subscription,
)
from worker.plan.ids import LICENSE_COUNT, LICENSES, Ref, metadata_of
from worker.state import Bought, Held, Target

EVER = mapping("price_once", "pol_ever")
SUB = mapping("price_sub", "pol_sub")


def at_rest(bought: Bought, *mappings: object) -> tuple[Bought, Held]:
    return applied(bought, Held(), plan_for(bought, *mappings))  # type: ignore[arg-type]


def metadata(bought: Bought) -> dict[str, dict[str, str]]:
    return {target.id: dict(target.metadata) for target in bought.targets}


def test_each_stripe_object_points_at_its_records() -> None:
    """The customer points at the customer; session and payment at the order and licenses too."""
    bought, _ = at_rest(session(once("li_1")), EVER)

    all_ids = {
        "licensekit_customer_id": "lkc_cus_ada",
        "licensekit_order_id": "ord_cs_1/prod_app",
        "licensekit_license_ids": "lic_li_1/1",
        "licensekit_license_count": "1",
    }
    assert metadata(bought) == {
        "cus_ada": {"licensekit_customer_id": "lkc_cus_ada"},
        "cs_1": all_ids,
        "pi_cs_1": all_ids,
    }


def test_the_echo_of_our_own_write_plans_nothing() -> None:
    """Writing happens only on difference, so it can't cause itself again."""
    bought, held = at_rest(session(once("li_1")), EVER)

    assert plan_for(bought, EVER, held=held).settled


def test_only_the_object_that_differs_is_written() -> None:
    """Somebody removed our ids from the session: only the session is mended."""
    bought, held = at_rest(session(once("li_1")), EVER)
    wiped = tuple(replace(t, metadata={}) if t.id == "cs_1" else t for t in bought.targets)

    plan = plan_for(replace(bought, targets=wiped), EVER, held=held)

    assert steps_of(plan) == ["write ids to checkout session cs_1"]


def test_what_others_keep_in_the_metadata_is_no_difference() -> None:
    """A shop's own keys stay as they are and don't make us write."""
    bought, held = at_rest(session(once("li_1")), EVER)
    noted = tuple(replace(t, metadata={**t.metadata, "order_no": "7"}) for t in bought.targets)

    assert plan_for(replace(bought, targets=noted), EVER, held=held).settled


def test_a_subscription_points_at_its_newest_order_and_an_invoice_at_its_own() -> None:
    """Each invoice keeps its order; the subscription follows the last payment."""
    targets = (
        Target("subscription", StripeId("sub_1"), {}),
        Target("invoice", StripeId("in_1"), {}, StripeId("in_1")),
    )
    twice = subscription(
        payment("in_1", item("si_1")),
        payment("in_2", item("si_1", period=(on(2027), on(2028)))),
        targets=targets,
    )

    bought, _ = at_rest(twice, SUB)

    found = metadata(bought)
    assert found["sub_1"]["licensekit_order_id"] == "ord_in_2/prod_app"
    assert found["in_1"]["licensekit_order_id"] == "ord_in_1/prod_app"
    assert found["in_1"]["licensekit_subscription_id"] == "sub_sub_1/prod_app"


def test_many_licenses_stay_within_stripes_500_characters_and_say_how_many_there_are() -> None:
    """Whole ids only; the count shows that the list is cut."""
    refs = tuple(Ref("license", f"li_1/{n}") for n in range(100))
    known = {ref: f"lic_{n:020d}" for n, ref in enumerate(refs)}

    written = metadata_of({LICENSES: refs}, known)

    ids = written[LICENSES].split(",")
    assert len(written[LICENSES]) <= 500
    assert ids == [f"lic_{n:020d}" for n in range(20)]
    assert written[LICENSE_COUNT] == "100"


def test_a_cut_list_is_at_rest_too() -> None:
    """A list that can't be whole is no difference for ever."""
    each = mapping("price_once", "pol_ever", quantity="license_per_unit")
    bought, held = at_rest(session(once("li_1", quantity=90)), each)

    assert plan_for(bought, each, held=held).settled


def test_a_record_that_is_not_known_is_left_out() -> None:
    """A pointer to nothing is not written."""
    assert metadata_of({LICENSES: (Ref("license", "li_1/1"),)}, {}) == {}


def test_nothing_is_written_for_a_sale_that_brought_nothing() -> None:
    """Without a mapping there is nothing to point at."""
    assert plan_for(session(once("li_1"))).steps == ()
