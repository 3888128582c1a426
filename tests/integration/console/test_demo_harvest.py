"""The demo gathers its evidence from both sides, and finds what somebody slipped in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy.engine import Engine

from console.demo.acts import Sales, Shelf, furnish
from console.demo.harvest import Harvest, gather
from console.demo.house import House
from console.demo.stripe_side import StripeSide
from shared.keys import SaleKey, StripeId, kind_of
from shared.settings import Settings
from tests.integration.console.shop import Shop, open_shop
from worker.jobs import make_deps
from worker.reconcile import reconcile_now


@dataclass(frozen=True, slots=True)
class Played:
    """Four sales that came to rest, two of them subscriptions of the same second."""

    house: House
    shelf: Shelf
    sales: Sales
    settings: Settings
    shop: Shop

    def gather(self) -> Harvest:
        return gather(self.house, self.shelf, self.sales)

    def bring_to_rest(self, *names: str) -> None:
        deps = make_deps(self.settings, self.shop.engine)
        for name in names:
            kind = kind_of(name)
            assert kind
            closed = reconcile_now(SaleKey("", False, kind, StripeId(name)), deps)
            assert closed.status in ("applied", "settled"), closed
        deps.close()

    def slip_in(self, path: str, body: dict[str, str]) -> None:
        """Somebody writes into LicenseKit past us."""
        httpx.post(
            f"{self.house.web_url}/api/v1{path}",
            json=body,
            headers={"Authorization": "Bearer lk_test_admin"},
            trust_env=False,
        ).raise_for_status()


@pytest.fixture
def played(
    make_settings: Callable[..., Settings], sqlite_url: str, engines: Callable[..., Engine]
) -> Iterator[Played]:
    engine = engines(sqlite_url)
    with open_shop(make_settings, sqlite_url, engine) as shop:
        settings = make_settings(DATABASE_URL=sqlite_url, **shop.environment)
        house = House(
            stripe=StripeSide(shop.environment["STRIPE_API_BASE"], "sk_test_123"),
            licensekit=shop.licensekit,
            engine=engine,
            redis_url="",
            pids={},
            web_url=settings.licensekit_url,
            admin_token="admin_test",
        )
        yield play(house, settings, shop)
        house.stripe.close()


def play(house: House, settings: Settings, shop: Shop) -> Played:
    """As the demo does, without mishaps: nobody is killed in this process."""
    # "Editor" stands in this shop already, under another code
    shelf = furnish(house, names=("Writer", "Plugin", "Team"))
    team = shelf.prices[shelf.team.product_id]
    both = [shelf.prices[sold.product_id] for sold in (shelf.editor, shelf.plugin)]
    sales = Sales(
        one_time=str(house.stripe.tell("buy", lines=both[:1])["session"]),
        two_products=str(house.stripe.tell("buy", lines=both)["session"]),
        calm=str(house.stripe.tell("subscribe", lines=[team])["subscription"]),
        unlucky=str(house.stripe.tell("subscribe", lines=[team])["subscription"]),
    )
    played = Played(house, shelf, sales, settings, shop)
    for _ in range(2):
        played.bring_to_rest(*sales.titles)
        house.stripe.tell("advance", days=32)
    played.bring_to_rest(*sales.titles)
    return played


def test_four_sales_at_rest_are_gathered_from_both_sides_without_a_fault(played: Played) -> None:
    """Every record belongs to its sale, and Stripe's objects point back at them."""
    harvest = played.gather()

    assert harvest.faults == ()
    assert harvest.taken_back == ()
    counts = [(len(one.licenses), len(one.orders)) for one in harvest.ended.values()]
    assert counts == [(1, 1), (2, 2), (1, 3), (1, 3)]
    assert [story.key.id for story in harvest.stories.values()] == list(played.sales.titles)


def test_a_license_that_nobody_bought_is_found(played: Played) -> None:
    """Counting our own links alone would never notice."""
    team = played.shelf.team
    body = {"product_id": team.product_id, "policy_id": team.policy_id}
    played.slip_in("/licenses", {**body, "expires_at": "2030-01-01T00:00:00Z"})

    (fault,) = played.gather().faults

    assert fault.endswith("stands in LicenseKit and belongs to no sale")


def test_a_license_that_ends_too_early_makes_the_two_differ(played: Played) -> None:
    """The promise is that bad luck makes no difference at all."""
    unlucky = list(played.gather().ended.values())[3].licenses[0]["id"]
    played.slip_in(f"/licenses/{unlucky}/revoke", {})

    faults = played.gather().faults

    assert any("did not end alike: licenses differ" in fault for fault in faults), faults
    assert any("0 living licenses instead of 1" in fault for fault in faults), faults


def test_metadata_that_somebody_emptied_is_found(played: Played) -> None:
    """The ids in Stripe are part of the promise."""
    names = played.house.stripe.read(played.sales.calm)["metadata"]
    answer = httpx.post(
        f"{played.settings.stripe_api_base}/v1/subscriptions/{played.sales.calm}",
        data={f"metadata[{name}]": "" for name in names},
        headers={"Authorization": "Bearer sk_test_123"},
        trust_env=False,
    )
    assert answer.is_success

    faults = played.gather().faults

    assert (
        f"{played.sales.titles[played.sales.calm]}: {played.sales.calm} carries no id of"
        in (faults[0])
    )
