"""The demo's judge: it must notice whatever went wrong, or its promise is worth nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.demo.verdict import Ended, Expected, alike, faults_of

ONE_OF_EACH = Expected(licenses=1, orders=1, subscriptions=1)


def sale(number: int = 1) -> Ended:
    """A subscription that ended well; each number has its own ids."""
    period = {"period_start": "2026-11-01", "period_end": "2026-12-01"}
    license_id, order_id, subscription_id = (f"{p}_{number}" for p in ("lic", "ord", "sub_lk"))
    return Ended(
        licenses=[
            {"id": license_id, "status": "active", "expires_at": "2026-12-01", "policy_id": "pol_1"}
        ],
        orders=[
            {
                "id": order_id, "status": "paid", "product_id": "prod_1",
                "external_id": f"in_{number}", "customer_id": f"cust_{number}", **period,
            }
        ],
        subscriptions=[{"id": subscription_id, "status": "active", "product_id": "prod_1"}],
        targets=[
            {
                "id": f"sub_{number}",
                "object": "subscription",
                "metadata": {
                    "licensekit_license_ids": license_id,
                    "licensekit_license_count": "1",
                    "licensekit_customer_id": f"cust_{number}",
                    "licensekit_subscription_id": subscription_id,
                    "colour": "the shop's own",
                },
            }
        ],
    )  # fmt: skip


def changed(record: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {**record, **values}


def test_a_sale_that_left_what_it_should_has_no_fault() -> None:
    """Counts fit and every pointer leads to the sale's own records."""
    assert faults_of("a", sale(), ONE_OF_EACH) == []


def test_a_second_license_is_a_fault_and_a_revoked_one_is_not() -> None:
    """A license that nobody got was taken back; two living ones would be two sold for one paid."""
    first = dict(sale().licenses[0])
    revoked = replace(sale(), licenses=[first, changed(first, id="lic_9", status="revoked")])
    twice = replace(sale(), licenses=[first, changed(first, id="lic_9")])

    assert faults_of("a", revoked, ONE_OF_EACH) == []
    assert faults_of("a", twice, ONE_OF_EACH) == ["a: 2 living licenses instead of 1"]


def test_an_order_for_the_same_payment_twice_is_named() -> None:
    """Each payment makes one order."""
    order = dict(sale().orders[0])
    twice = replace(sale(), orders=[order, changed(order, id="ord_9")])

    assert faults_of("a", twice, ONE_OF_EACH) == [
        "a: 2 orders instead of 1",
        "a: order in_1 stands 2 times",
    ]


def test_a_pointer_to_another_buyers_record_is_a_fault() -> None:
    """The ids in Stripe's metadata are what support follows."""
    strange = replace(sale(), targets=sale(2).targets)

    assert faults_of("a", strange, ONE_OF_EACH) == [
        "a: sub_2 points at cust_2, not its own",
        "a: sub_2 points at lic_2, not its own",
        "a: sub_2 points at sub_lk_2, not its own",
    ]


def test_a_pointer_to_a_license_that_was_replaced_since_is_none() -> None:
    """An invoice of the trial goes on saying what it once paid for."""
    replaced = changed(dict(sale().licenses[0]), status="revoked")
    living = changed(replaced, id="lic_2", status="active")

    assert faults_of("a", replace(sale(), licenses=[replaced, living]), ONE_OF_EACH) == []


def test_an_object_without_any_pointer_is_a_fault() -> None:
    """A write-back that never came must not look like success."""
    bare = replace(sale(), targets=[{"id": "sub_1", "object": "subscription", "metadata": {}}])

    assert faults_of("a", bare, ONE_OF_EACH) == ["a: sub_1 carries no id of LicenseKit"]


def test_two_sales_that_differ_only_in_their_ids_ended_alike() -> None:
    """Ids are each sale's own; all the rest must be equal."""
    assert alike(sale(1), sale(2)) == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("licenses", replace(sale(), licenses=[changed(dict(sale().licenses[0]), expires_at="x")])),
        ("licenses", replace(sale(), licenses=[])),
        ("orders", replace(sale(), orders=[changed(dict(sale().orders[0]), period_end="x")])),
        ("subscriptions", replace(sale(), subscriptions=[])),
        ("pointers in Stripe", replace(sale(), targets=[])),
    ],
)  # fmt: skip
def test_any_difference_in_what_the_buyer_holds_is_told(name: str, other: Ended) -> None:
    """An end one day earlier is a buyer who calls."""
    (fault,) = alike(sale(), other)

    assert fault.startswith(f"{name} differ: ")
