"""A person decides about a sale through us: billing goes on in Stripe, and does not undo it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from console.decisions import Verb, Wish, decide
from shared.keys import SaleKey, StripeId
from shared.tables import audit, decisions, passes
from simulator.orders import Purchase
from tests.worlds.licensekit import Policy
from tests.worlds.world import MONTH, World, open_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all stories: each is about a sale of its own."""
    with open_world(tmp_path_factory.mktemp("decisions")) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Rented:
    """A monthly subscription, and what stands for it."""

    world: World
    sale: Purchase
    policy: Policy

    @property
    def id(self) -> str:
        return str(self.sale.subscription)

    def decide(self, verb: Verb) -> None:
        key = SaleKey("", False, "subscription", StripeId(self.id))
        wish = Wish(verb, "the card was stolen", "ada@desk")
        decide(self.world.engine, key, wish, now=self.world.clock.now())
        self.world.run()

    def next_month(self) -> None:
        self.world.stripe.advance(days=32)
        self.world.hear_all()

    def licenses(self) -> list[str]:
        return [one["status"] for one in self.world.books.licenses(self.policy.product_id)]

    def ends(self) -> list[str]:
        return [one["expires_at"] for one in self.world.books.licenses(self.policy.product_id)]

    def is_at_rest(self) -> bool:
        """One look more changes nothing."""
        self.world.raise_all(self.id)
        return [one.status for one in self.world.run()] == ["settled"]

    def notes(self) -> list[str]:
        newest: Any = self.world.rows(passes)[-1]
        return list(newest.plan["notes"])


@pytest.fixture
def rented(world: World) -> Rented:
    price, policy = world.price("subscription", recurring=MONTH)
    sale = world.stripe.shop.subscribe(price)
    world.hear_all()
    return Rented(world, sale, policy)


def test_a_hold_survives_the_renewal_that_is_paid_beneath_it(rented: Rented) -> None:
    """The end follows the payment, the access does not; the release gives it all back."""
    rented.decide("hold")
    (before,) = rented.ends()

    rented.next_month()
    held, ends = rented.licenses(), rented.ends()
    rented.decide("release")

    assert held == ["suspended"]
    assert ends > [before]
    assert (rented.licenses(), rented.ends()) == (["active"], ends)
    assert rented.is_at_rest()


def test_a_hold_survives_a_refund_and_a_release_finds_what_billing_says(rented: Rented) -> None:
    """Refunded in full, so billing revokes; the release has nothing to give back."""
    rented.decide("hold")

    intent = rented.world.stripe.shop.books.children(str(rented.sale.invoice), "payments")[0]
    rented.world.stripe.shop.refund(payment_intent=intent["payment"]["payment_intent"])
    rented.world.hear_all()
    refunded = rented.licenses()
    rented.decide("release")

    assert (refunded, rented.licenses()) == (["revoked"], ["revoked"])
    assert rented.is_at_rest()


def test_a_hold_survives_a_plan_change(rented: Rented) -> None:
    """The license under the new policy is issued suspended, and the old one goes as always."""
    other = rented.world.books.policy("subscription", rented.policy.product_id)
    pro = rented.world.stripe.shop.price("Editor Pro", 9900, recurring=MONTH)
    rented.world.map(pro, other)
    rented.decide("hold")

    rented.world.stripe.shop.change_price(rented.id, pro, item=rented.sale.items[0])
    rented.world.hear_all()
    held = sorted(rented.licenses())
    rented.decide("release")

    assert held == ["revoked", "suspended"]
    assert sorted(rented.licenses()) == ["active", "revoked"]
    assert rented.is_at_rest()


def test_a_cancellation_survives_payment_and_a_release_issues_anew(rented: Rented) -> None:
    """Stripe goes on billing; nobody gets a license for it until a person says so."""
    rented.decide("cancel")
    canceled = rented.licenses()

    rented.next_month()
    paid = rented.licenses()
    rests = rented.is_at_rest()
    rented.decide("release")

    assert (canceled, paid, rests) == (["revoked"], ["revoked"], True)
    assert sorted(rented.licenses()) == ["active", "revoked"]
    assert rented.is_at_rest()
    newest = max(rented.world.books.licenses(rented.policy.product_id), key=lambda x: x["id"])
    keys = [rented.world.key_of(x["id"]) for x in _active(rented)]
    assert len(keys) == 1, newest


def _active(rented: Rented) -> list[dict[str, Any]]:
    found = rented.world.books.licenses(rented.policy.product_id)
    return [one for one in found if one["status"] == "active"]


def test_what_is_paid_first_after_a_decision_is_issued_as_it_says(world: World) -> None:
    """A sale may be held before anything of it was paid."""
    price, policy = world.price()
    sale = world.stripe.shop.buy(price, unpaid=True)
    world.hear_all()
    key = SaleKey("", False, "checkout_session", StripeId(str(sale.session)))
    wish = Wish("hold", "looks like a fraud", "ada@desk")
    decide(world.engine, key, wish, now=world.clock.now())
    world.run()

    world.stripe.shop.settle(str(sale.session), succeed=True)
    world.hear_all()

    (license_,) = world.books.licenses(policy.product_id)
    assert license_["status"] == "suspended"
    assert world.key_of(license_["id"])


def test_a_hold_that_a_person_put_on_in_licensekit_stays_theirs(rented: Rented) -> None:
    """Our release lifts our hold and nobody else's."""
    (license_,) = rented.world.books.licenses(rented.policy.product_id)
    rented.world.books.act(license_["id"], "suspend")

    rented.decide("hold")
    rented.decide("release")

    assert rented.licenses() == ["suspended"]
    assert f"{license_['id']} is suspended in LicenseKit; that decision stands" in rented.notes()


def test_time_that_a_person_gave_does_not_save_a_license_from_a_decision(rented: Rented) -> None:
    """Nor is it lost by a hold: it is there again after the release."""
    (license_,) = rented.world.books.licenses(rented.policy.product_id)
    rented.world.books.extend(license_["id"], "2040-01-01T00:00:00Z")

    rented.decide("hold")
    held = rented.licenses()
    rented.decide("release")
    released = (rented.licenses(), rented.ends())
    rented.decide("cancel")

    assert held == ["suspended"]
    assert released == (["active"], ["2040-01-01T00:00:00Z"])
    assert rented.licenses() == ["revoked"]


def test_a_buyer_who_subscribes_again_does_not_get_around_a_decision(world: World) -> None:
    """Where a mapping lets an old license go on, one that a person holds is left where it is."""
    policy = world.books.policy("subscription")
    price = world.stripe.shop.price("Editor", 4900, recurring=MONTH)
    world.map(price, policy, on_resubscribe="reuse")
    first = Rented(world, world.stripe.shop.subscribe(price), policy)
    world.hear_all()
    first.decide("hold")
    world.stripe.shop.cancel(first.id)

    world.stripe.shop.subscribe(price, customer=first.sale.customer)
    world.hear_all()

    assert sorted(first.licenses()) == ["active", "suspended"]


def test_who_decided_what_and_why_is_kept(rented: Rented) -> None:
    """In the sale's own history, in the audit log, and in the plan of each pass."""
    rented.decide("hold")
    rented.decide("cancel")

    mine = rented.world.rows(decisions)[-2:]
    assert [(row.kind, row.release_reason) for row in mine] == [
        ("hold", "canceled instead: the card was stolen"),
        ("cancel", None),
    ]
    deeds = [(d.who, d.action, d.subject, d.detail["reason"]) for d in rented.world.rows(audit)]
    assert deeds[-2:] == [
        ("ada@desk", verb, rented.id, "the card was stolen") for verb in ("hold", "cancel")
    ]
    assert any(note.startswith("ada@desk canceled this sale on ") for note in rented.notes())
