"""What a service refuses for good: told to a person, with the licenses as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.tables import sales
from tests.worlds.moody import Mood
from tests.worlds.world import MONTH, World
from worker.errors import NotFound, PermanentError
from worker.reconcile import reconcile_now


class RefusingWrites:
    """A Stripe that lets us read and not write."""

    def __init__(self, world: World) -> None:
        self._stripe = world.deps.stripe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stripe, name)

    def write_metadata(self, *_: object, **__: object) -> None:
        raise PermanentError("no room", cause="refused_by_stripe", subject="metadata")


def bought(world: World) -> str:
    price, policy = world.price()
    world.stripe.shop.buy(price)
    world.tell(world.stripe.shop.events())
    return policy.product_id


def test_a_refused_write_back_is_a_problem_beside_the_license_and_never_instead(
    world: World,
) -> None:
    """The license stands; mending the write needs no second one."""
    product = bought(world)
    refusing: Any = RefusingWrites(world)

    (closed,) = world.run(replace(world.deps, stripe=refusing))

    assert closed.status == "blocked"
    assert {cause for cause, _ in world.problems()} == {"write_back_refused"}
    assert len(world.problems()) == 3
    (key,) = world.keys()
    assert reconcile_now(key, world.deps).status == "applied"
    assert world.problems() == []
    assert len(world.books.licenses(product)) == 1


@pytest.mark.parametrize(("status", "ends"), [(422, "/licenses"), (400, "/orders")])
def test_a_refused_request_needs_a_person_and_is_released_by_one_command(
    world: World, status: int, ends: str
) -> None:
    """Trying again by itself can't help, so the sale is not due any more."""
    product = bought(world)
    world.books.moods.plan(Mood(status, "POST", ends))

    (closed,) = world.run()

    assert closed.status == "failed"
    assert world.problems() == [("refused_by_licensekit", "MOODY")]
    assert world.due() == []
    (key,) = world.keys()
    assert reconcile_now(key, world.deps).status == "applied"
    assert [one["status"] for one in world.books.licenses(product)] == ["active"]


def test_a_record_that_is_said_to_be_there_and_is_not_found_is_told(world: World) -> None:
    """LicenseKit lists its newest 200; an older one has to be linked by hand."""
    bought(world)
    world.books.moods.plan(Mood(409, "POST", "/orders"))

    (closed,) = world.run()

    assert closed.status == "failed"
    assert [cause for cause, _ in world.problems()] == ["record_not_found"]
    assert closed.error is not None
    assert '"licensekit_order_id" into the metadata' in closed.error
    assert world.rows(sales)[0].status == "failed"


class LosesLicenses:
    """A LicenseKit in which somebody deleted the licenses."""

    def __init__(self, world: World) -> None:
        self._licensekit = world.deps.licensekit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._licensekit, name)

    def license(self, license_id: str) -> Any:
        raise NotFound(license_id, cause="refused_by_licensekit", subject="LICENSE_NOT_FOUND")


def test_a_license_that_somebody_deleted_is_told_and_not_issued_again(world: World) -> None:
    """Nobody gets a second key by itself."""
    product = bought(world)
    world.run()
    world.raise_all()
    lost: Any = LosesLicenses(world)

    (closed,) = world.run(replace(world.deps, licensekit=lost))

    assert closed.status == "blocked"
    assert [cause for cause, _ in world.problems()] == ["license_missing"]
    assert len(world.books.licenses(product)) == 1


class KnowsNoInvoice:
    """A Stripe whose key belongs to another account."""

    def __init__(self, world: World) -> None:
        self._stripe = world.deps.stripe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stripe, name)

    def invoice(self, account: str, invoice_id: str) -> Any:
        raise NotFound(invoice_id, cause="missing_in_stripe", subject="invoice")


def test_what_was_wrong_with_an_invoice_is_settled_once_its_sale_is_found(world: World) -> None:
    """Its hints were handed over, so nothing may go on waiting for a person in its name."""
    price, _ = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)
    told = [e for e in world.events(sale.invoice) if e["type"] == "invoice_payment.paid"]
    world.tell(told)
    stranger: Any = KnowsNoInvoice(world)
    world.run(replace(world.deps, stripe=stranger))
    assert world.problems() == [("missing_in_stripe", sale.invoice)]

    world.raise_all()
    world.run()

    assert world.problems() == []
    assert "applied" in world.passes()
