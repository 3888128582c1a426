"""Payment intents without a checkout or an invoice: a sale only where their metadata says so."""

from __future__ import annotations

import pytest

from shared.tables import events, sales
from tests.worlds.ending import Ending, deeds, ending, notes
from tests.worlds.town import Town

LICENSED = Ending(["active for ever"], ["paid"], [], [1], [])
NOTHING = Ending([], [], [], [], [])
AWAITED = "{} awaits its payment"


@pytest.mark.parametrize(("name", "known"), [("price", True), ("price_id", False)])
def test_a_payment_whose_metadata_names_a_mapped_price_is_a_sale(
    town: Town, name: str, *, known: bool
) -> None:
    """Under either name, by a customer or by someone whom only the payment knows."""
    price, policy = town.world.price()
    customer = town.stripe.shop.customer(email="ada@example.com") if known else None

    paid = town.stripe.shop.payment_intent(4900, customer=customer, metadata={name: price})
    town.settle()

    assert ending(town, policy, paid) == LICENSED
    assert deeds(town) == ["issue for ever"]
    assert notes(town)[0] == f"{paid} succeeded and names {price}"
    assert [one["code"] for one in town.world.books.customers()] == [customer or paid]


def test_a_bare_payment_brings_a_license_for_each_unit_it_names(town: Town) -> None:
    """`quantity` counts as at a checkout."""
    price, policy = town.world.price()
    town.world.map(price, policy, quantity="license_per_unit")

    paid = town.stripe.shop.payment_intent(14700, metadata={"price": price, "quantity": "3"})
    town.settle()

    assert ending(town, policy, paid) == Ending(
        ["active for ever"] * 3, ["paid"], [], [1, 2, 3], []
    )


def test_a_bare_payment_that_names_no_price_is_ignored_and_says_so(town: Town) -> None:
    """It is kept and explained, and no sale is made of it."""
    paid = town.stripe.shop.payment_intent(4900, metadata={"cart": "17"})
    town.settle()

    told = {(row.type, row.state): row.reason for row in town.world.rows(events)}
    assert told["payment_intent.succeeded", "ignored"] == (
        "its metadata names no price, so it is no sale by itself"
    )
    assert [row.object_id for row in town.world.rows(sales)] == []
    assert "names no price" in town.fulfill("show", paid).output
    looked = town.fulfill("reconcile", paid)
    assert looked.exit_code == 0, looked.output
    assert notes(town) == [f"{paid} is ignored: its metadata names no price"]


def test_a_bare_payment_of_an_unmapped_price_is_ignored_and_says_so(town: Town) -> None:
    """It may pay for anything: nobody is asked to mend it. Mapped later, it can be fetched."""
    unknown = town.stripe.shop.price("Cup", 900)
    paid = town.stripe.shop.payment_intent(900, metadata={"price": unknown})
    town.settle()
    assert notes(town) == [
        f"{paid} succeeded and names {unknown}",
        f"the metadata of {paid} names {unknown}, which is not mapped: it is ignored",
    ]
    assert town.world.problems() == []

    policy = town.world.books.policy("perpetual")
    town.world.map(unknown, policy)
    fetched = town.fulfill("reconcile", paid)
    town.settle()

    assert fetched.exit_code == 0, fetched.output
    assert ending(town, policy, paid) == LICENSED


def test_a_bare_payment_that_names_a_price_nobody_knows_is_ignored_and_says_so(town: Town) -> None:
    """A word in metadata may be anybody's; it is no fault of the sale."""
    paid = town.stripe.shop.payment_intent(900, metadata={"price": "large"})
    town.settle()

    assert notes(town) == [
        f"{paid} is ignored: its metadata names large, which Stripe does not know"
    ]
    assert (town.world.problems(), town.world.steps()) == ([], [])


def test_a_bare_payment_with_a_bad_quantity_waits_for_a_person(town: Town) -> None:
    """Nothing is guessed; mended in Stripe and reconciled, it is licensed."""
    price, policy = town.world.price()
    paid = town.stripe.shop.payment_intent(9800, metadata={"price": price, "quantity": "two"})
    town.settle()
    assert ending(town, policy, paid) == Ending([], [], [], [], [("bad_metadata", paid)])
    assert f'then "fulfill reconcile {paid}"' in town.fulfill("show", paid).output

    mended = {"quantity": "2"}
    stripe = town.world.deps.stripe
    stripe.write_metadata("", ("payment_intent", paid), mended, idempotency_key="mended")
    looked = town.fulfill("reconcile", paid)
    town.settle()

    assert looked.exit_code == 0, looked.output
    assert ending(town, policy, paid) == LICENSED
    (license_,) = town.world.books.licenses(policy.product_id)
    assert license_["metadata"]["quantity"] == 2


@pytest.mark.parametrize(
    ("outcome", "says"),
    [("failed", AWAITED), ("canceled", "{} was canceled")],
)
def test_a_bare_payment_that_did_not_come_sells_nothing(
    town: Town, outcome: str, says: str
) -> None:
    """A declined one may still be paid; a canceled one is closed."""
    price, policy = town.world.price()

    paid = town.stripe.shop.payment_intent(4900, metadata={"price": price}, outcome=outcome)
    town.settle()

    assert ending(town, policy, paid) == NOTHING
    assert notes(town) == [says.format(paid)]


def test_pain_13_a_bare_payment_under_way_is_licensed_when_it_arrives(town: Town) -> None:
    """And not a day before."""
    price, policy = town.world.price()
    paid = town.stripe.shop.payment_intent(4900, metadata={"price": price}, outcome="processing")
    town.settle()
    assert ending(town, policy, paid) == NOTHING

    town.stripe.shop.settle_payment(paid)
    town.settle()

    assert ending(town, policy, paid) == LICENSED


def test_the_payment_of_a_checkout_is_no_second_sale_whatever_its_metadata(town: Town) -> None:
    """Shops copy metadata everywhere; the checkout remains the only sale."""
    price, policy = town.world.price()

    sale = town.stripe.shop.buy(price, inner_metadata={"price": price, "quantity": "5"})
    town.settle()

    assert ending(town, policy, sale.session) == LICENSED
    assert deeds(town) == ["issue for ever"]
