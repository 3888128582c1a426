"""`fulfill hold`, `cancel` and `release`, against a Stripe twin and LicenseKit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from shared.database import reading
from shared.settings import Settings
from shared.tables import audit, decisions, sales
from tests.integration.console.conftest import Fulfill
from tests.integration.console.shop import Shop, open_shop

WHY = ("--reason", "the card was stolen")


@dataclass(frozen=True, slots=True)
class Sold:
    """A subscription with its license."""

    shop: Shop
    fulfill: Fulfill
    id: str

    def licenses(self) -> list[str]:
        return [one["status"] for one in self.shop.licensekit.licenses(self.shop.editor)]

    def answer(self, *words: str) -> Any:
        return json.loads(self.fulfill(*words, "--json").stdout)

    def count(self, *tables: Any) -> list[int]:
        with reading(self.shop.engine) as tx:
            return [len(tx.execute(table.select()).all()) for table in tables]


@pytest.fixture
def sold(
    monkeypatch: pytest.MonkeyPatch,
    fulfill: Fulfill,
    make_settings: Callable[..., Settings],
    database_url: str,
    engine: Any,
) -> Iterator[Sold]:
    with open_shop(make_settings, database_url, engine) as shop:
        for name, value in shop.environment.items():
            monkeypatch.setenv(name, value)
        team = shop.stripe.shop.price("Team", 900, recurring={"interval": "month"})
        shop.map_price(team)
        bought = str(shop.stripe.shop.subscribe(team).subscription)
        assert fulfill("reconcile", bought).exit_code == 0
        yield Sold(shop, fulfill, bought)


def test_a_decision_is_shown_before_it_is_made(sold: Sold) -> None:
    """A dry run tells the steps and what Stripe goes on doing, and changes nothing."""
    told = sold.fulfill("cancel", sold.id, *WHY, "--dry-run")

    assert told.exit_code == 0, told.output
    assert "revoke lic_" in told.stdout
    assert "A license that is revoked stays revoked" in told.stdout
    assert f"Stripe still bills: {sold.id} is active there" in told.stdout
    assert f"https://dashboard.stripe.com/test/subscriptions/{sold.id}" in told.stdout
    assert (sold.licenses(), sold.count(decisions)) == (["active"], [0])


def test_hold_cancel_and_release_are_carried_out_here_and_now(sold: Sold) -> None:
    """No Redis, no worker; and each says how the sale stands afterwards."""
    held = sold.answer("hold", sold.id, *WHY)
    after_hold = sold.licenses()
    canceled = sold.answer("cancel", sold.id, "--reason", "a fraud")
    after_cancel = sold.licenses()
    released = sold.answer("release", sold.id, "--reason", "my mistake")

    outcomes = [one["outcome"]["status"] for one in (held, canceled, released)]
    kinds = [(one["decision"] or {}).get("kind") for one in (held, canceled, released)]
    assert outcomes == ["applied"] * 3
    assert kinds == ["hold", "cancel", None]
    assert (after_hold, after_cancel) == (["suspended"], ["revoked"])
    assert sorted(sold.licenses()) == ["active", "revoked"]
    assert released["before"]["reason"] == "a fraud"


def test_a_release_after_a_cancellation_says_first_that_revoked_is_final(sold: Sold) -> None:
    """Who expects the old key to work again reads it before they do it."""
    sold.fulfill("cancel", sold.id, *WHY)

    told = sold.fulfill("release", sold.id, "--reason", "my mistake", "--dry-run").stdout

    assert "the buyer gets a new license with a new key" in told
    assert "issue license" in told
    assert sold.licenses() == ["revoked"]


def test_the_story_the_plan_and_the_log_tell_of_the_decision(sold: Sold) -> None:
    """Who is woken at night sees who decided what, when and why, and how to end it."""
    sold.fulfill("hold", sold.id, *WHY)

    page = sold.fulfill("show", sold.id).stdout
    (story,) = sold.answer("show", sold.id)["sales"]
    plan = sold.fulfill("plan", sold.id).stdout
    log = sold.fulfill("log", "--sale", sold.id).stdout

    assert "held by " in page
    assert ": the card was stolen" in page
    assert f"fulfill release {sold.id}" in story["now"]
    assert story["decision"]["reason"] == "the card was stolen"
    assert [one["verb"] for one in story["story"] if one["what"] == "decision"] == ["held"]
    assert "held this sale on " in plan
    assert "held_by_decision" in log


def test_any_id_of_the_sale_will_do_and_who_repeats_it_is_told(sold: Sold) -> None:
    """The first word stays."""
    (license_,) = sold.shop.licensekit.licenses(sold.shop.editor)

    first = sold.fulfill("hold", license_["id"], *WHY)
    again = sold.fulfill("hold", sold.id, "--reason", "another one")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "was so already" in again.stdout
    assert sold.count(decisions, audit)[0] == 1


def test_an_id_that_is_no_sale_is_told_and_nothing_is_written(sold: Sold) -> None:
    """A slip of the finger must not make a sale."""
    before = sold.count(sales, decisions)

    told = sold.fulfill("cancel", "sub_never", *WHY)

    assert told.exit_code == 1
    assert "sub_never is no sale that Stripe or we know" in told.stderr
    assert sold.count(sales, decisions) == before
