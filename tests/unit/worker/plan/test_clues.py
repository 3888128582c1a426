"""Where to look in LicenseKit before a sale is given anything new; a new sale gives no clue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.keys import StripeId
from tests.worlds.sales import (
    CUSTOMER,
    held_license,
    item,
    mapping,
    payment,
    plan_for,
    subscription,
)
from worker.plan.clues import Clues, Pointer, Search, choose_clues
from worker.plan.plan import Plan
from worker.state import Bought, Held, Record, Target

SUB = mapping("price_sub", "pol_sub")
SOLD = subscription(payment("in_1", item("si_1")))
NEW = frozenset(
    {
        ("customer", "cus_ada"),
        ("subscription", "sub_1/prod_app"),
        ("order", "in_1/prod_app"),
        ("license", "si_1/1"),
    }
)
OWN = frozenset({"in_1", "sub_1"})
THOROUGH = Search(thorough=True)


def target(object_id: str = "sub_1", **metadata: str) -> Target:
    return Target("subscription", StripeId(object_id), metadata)


def clues(
    *targets: Target,
    held: Held | None = None,
    linked: tuple[str, ...] = (),
    search: Search | None = None,
    plan: Plan | None = None,
    sold: Bought = SOLD,
) -> Clues | None:
    """For a sale of which nothing stands, unless told."""
    bought, held = replace(sold, targets=targets), held or Held()
    made = plan or plan_for(bought, SUB, held=held)
    return choose_clues(made, bought, held, linked, search or Search())


def pointers(*targets: Target, **more: Any) -> list[tuple[str, str, str]]:
    found = clues(*targets, **more)
    return [] if found is None else [(p.kind, p.id, p.where) for p in found.pointers]


def test_a_new_sale_that_points_nowhere_costs_no_call() -> None:
    """Everything is to be made, and nothing says that it might stand."""
    assert clues(target()) is None
    assert clues(target(note="lic_1", licensekit_license_count="2")) is None


def test_a_plan_that_makes_nothing_gives_no_clue() -> None:
    """Whatever its metadata says: there is nothing to be found in its stead."""
    assert clues(target(licensekit_license_ids="lic_1"), plan=Plan()) is None
    assert clues(target(), plan=Plan(), search=THOROUGH) is None


def test_our_ids_in_stripes_metadata_say_where_to_look() -> None:
    """With what is missing, and what the records of this sale are named after."""
    found = clues(
        target(
            licensekit_customer_id="lkc_1",
            licensekit_order_id="ord_1",
            licensekit_subscription_id="lks_1",
            licensekit_license_ids="lic_1",
        )
    )

    assert found == Clues(
        pointers=(
            Pointer("customer", "lkc_1", "sub_1"),
            Pointer("order", "ord_1", "sub_1"),
            Pointer("subscription", "lks_1", "sub_1"),
            Pointer("license", "lic_1", "sub_1"),
        ),
        missing=NEW,
        own=OWN,
    )


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("lic_1", ["lic_1"]),
        ("lic_1,lic_2", ["lic_1", "lic_2"]),
        (" lic_1 , lic_2 ", ["lic_1", "lic_2"]),
        ("lic_1 lic_2\nlic_3", ["lic_1", "lic_2", "lic_3"]),
        ("lic_1,,lic_1,", ["lic_1"]),
        ("", []),
        (" , ", []),
    ],
)
def test_several_ids_in_one_value_are_told_apart_and_each_is_followed_once(
    text: str, ids: list[str]
) -> None:
    """However a person has written them."""
    found = pointers(target(licensekit_license_ids=text))

    assert [one for _, one, _ in found] == ids


def test_the_newest_payment_is_asked_first() -> None:
    """What stands in several objects is told by the newest."""
    old, new = (
        target("in_1", licensekit_order_id="ord_1"),
        target("in_2", licensekit_order_id="ord_2"),
    )
    both = replace(new, metadata={"licensekit_order_id": "ord_2,ord_1"})

    assert pointers(old, new) == [("order", "ord_2", "in_2"), ("order", "ord_1", "in_1")]
    assert pointers(old, both) == [("order", "ord_2", "in_2"), ("order", "ord_1", "in_2")]


def test_what_is_linked_already_is_not_looked_for() -> None:
    """The echo of our own write-back leads nowhere new."""
    mine = target(licensekit_order_id="ord_1", licensekit_license_ids="lic_1,lic_2")

    assert pointers(mine, linked=("ord_1", "lic_1")) == [("license", "lic_2", "sub_1")]
    assert clues(mine, linked=("ord_1", "lic_1", "lic_2")) is None


def test_only_what_is_missing_is_followed_and_licenses_with_it() -> None:
    """A record that stands needs no look; where one is missing its licenses may be too."""
    every = target(licensekit_customer_id="lkc_9", licensekit_license_ids="lic_9")

    known = pointers(every, held=Held(customer=CUSTOMER))

    assert known == [("license", "lic_9", "sub_1")]


def test_a_key_that_a_person_named_is_read_as_license_ids() -> None:
    """Another tool keeps them there; who named the key vouches for whose they are."""
    search = Search(metadata_key="license")
    found = clues(target(license="lic_7 lic_8", licensekit_order_id="ord_1"), search=search)

    assert found is not None
    assert found.pointers == (
        Pointer("order", "ord_1", "sub_1"),
        Pointer("license", "lic_7", "sub_1", by_person=True),
        Pointer("license", "lic_8", "sub_1", by_person=True),
    )
    assert found.search is search


@pytest.mark.parametrize(
    "search", [THOROUGH, Search(named={"lic_1": ("si_1", "named by ada")})], ids=["lists", "a file"]
)
def test_a_person_may_ask_for_a_look_where_nothing_points(search: Search) -> None:
    """Among the newest of each list, or at licenses they named."""
    assert clues(target(), search=search) == Clues(missing=NEW, own=OWN, search=search)


def test_a_license_that_was_named_is_looked_at_also_where_nothing_is_to_be_made() -> None:
    """Why it is not taken is said then, instead of silence."""
    search = Search(named={"lic_1": ("", "named by ada")})

    assert clues(target(), plan=Plan(), search=search) == Clues(own=OWN, search=search)


ADOPTED = {"adopted": "found by the metadata of sub_1"}


@pytest.mark.parametrize(
    ("written", "adopted"),
    [
        (ADOPTED, (("order", "ord_1", None),)),
        ({**ADOPTED, "subscription": "lks_1"}, (("order", "ord_1", "lks_1"),)),
        ({"status": "paid"}, ()),
    ],
)
def test_what_stands_on_a_record_that_was_found_is_looked_for_until_the_line_has_a_license(
    written: dict[str, object], adopted: tuple[object, ...]
) -> None:
    """A pass may have died between the record's link and the license's; a record that we made
    ourselves has no licenses that we don't know.
    """
    held = Held(customer=CUSTOMER, orders={"in_1/prod_app": Record("ord_1", written)})

    found = clues(target(), held=held)

    assert (found.adopted if found else ()) == adopted


@pytest.mark.parametrize(
    "licensed",
    [
        {"licenses": (held_license("si_1"),)},
        {"gone": ("si_1/1",)},
        {"over": ("si_1/1",)},
        {"handed_on": ("si_1/1/2",)},
    ],
    ids=["it stands", "LicenseKit lost it", "we revoked it", "another sale has it"],
)
def test_a_line_that_had_its_license_is_not_looked_for_again(licensed: dict[str, Any]) -> None:
    """Else every pass over an adopted sale would cost a call for ever."""
    orders = {"in_1/prod_app": Record("ord_1", ADOPTED)}

    assert clues(target(), held=Held(CUSTOMER, orders, **licensed), plan=Plan()) is None


def test_an_unpaid_line_lacks_no_license() -> None:
    """Nothing is to stand for it yet."""
    lines = tuple(replace(line, paid_from=None) for line in SOLD.lines)
    held = Held(CUSTOMER, {"in_1/prod_app": Record("ord_1", ADOPTED)})

    assert clues(target(), held=held, plan=Plan(), sold=replace(SOLD, lines=lines)) is None
