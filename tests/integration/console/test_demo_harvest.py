"""The demo gathers its evidence from both sides, and finds what somebody slipped in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import httpx
import pytest
from sqlalchemy.engine import Engine

from console.demo import playing
from console.demo.acts import Sales, furnish
from console.demo.harvest import EXPECTED, Harvest, gather
from console.demo.house import House
from console.demo.lives import CALENDAR, Life
from console.demo.playing import Stage, live
from console.demo.stripe_side import StripeSide
from console.demo.studio import open_studio
from console.demo.verdict import Expected
from shared.keys import SaleKey, StripeId, kind_of
from shared.settings import Settings
from tests.integration.console.shop import Shop, open_shop
from worker.jobs import make_deps
from worker.reconcile import reconcile_now

FIRST_FOUR = (Expected(1, 1, 0), Expected(2, 2, 0), Expected(1, 3, 1), Expected(1, 3, 1))


@dataclass(frozen=True, slots=True)
class Played:
    """Four sales that came to rest, two of them subscriptions of the same second."""

    stage: Stage
    sales: Sales
    settings: Settings
    shop: Shop

    @property
    def house(self) -> House:
        return self.stage.house

    def gather(self) -> Harvest:
        return gather(self.stage, self.sales, expected=FIRST_FOUR)

    def live(self) -> list[Life]:
        """The four lives, told to nobody."""
        return live(self.stage, lambda _: None)

    def bring_to_rest(self) -> None:
        """The first four sales."""
        bring_to_rest(self.settings, self.shop.engine, tuple(self.sales.titles))

    def slip_in(self, path: str, body: dict[str, str]) -> None:
        """Somebody writes into LicenseKit past us."""
        httpx.post(
            f"{self.house.web_url}/api/v1{path}",
            json=body,
            headers={"Authorization": "Bearer lk_test_admin"},
            trust_env=False,
        ).raise_for_status()


def bring_to_rest(settings: Settings, engine: Engine, names: Sequence[str]) -> None:
    deps = make_deps(settings, engine)
    for name in names:
        kind = kind_of(name)
        assert kind
        closed = reconcile_now(SaleKey("", False, kind, StripeId(name)), deps)
        assert closed.status in ("applied", "settled"), closed
    deps.close()


@pytest.fixture
def played(
    make_settings: Callable[..., Settings], sqlite_url: str, engines: Callable[..., Engine]
) -> Iterator[Played]:
    engine = engines(sqlite_url)
    with open_shop(make_settings, sqlite_url, engine, test_clock=True) as shop:
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
    editor = replace(shelf.editor, name="Editor")  # as the calendar calls it
    stage = Stage(
        house,
        replace(shelf, editor=editor),
        open_studio(house),
        rest=partial(bring_to_rest, settings, shop.engine),
    )
    played = Played(stage, sales, settings, shop)
    for _ in range(2):
        played.bring_to_rest()
        house.stripe.tell("advance", days=32)
    played.bring_to_rest()
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
    team = played.stage.shelf.team
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


def test_four_lives_are_right_at_each_of_their_moments(played: Played) -> None:
    """Trial to paid, dunning and recovery, upgrade with a new policy, refund and dispute."""
    told = played.live()
    played.bring_to_rest()

    harvest = gather(played.stage, played.sales, told, EXPECTED)

    assert harvest.faults == ()
    assert [len(life.moments) for life in told] == [2, 5, 3, 4]
    assert [[one["status"] for one in end.licenses] for end in harvest.ended.values()][4:] == [
        *(["revoked", "active"], ["active"], ["revoked", "active"], ["revoked"])
    ]
    assert list(harvest.lives) == list(harvest.stories)[4:]


def test_a_life_that_went_another_way_is_a_fault(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card that should be declined works: more is held than the calendar has."""
    finn = [turn for turn in CALENDAR if turn.buyer == "Finn" and turn.day in (0, 32)]
    monkeypatch.setattr(playing, "CALENDAR", finn)
    monkeypatch.setattr(playing, "TITLES", {"Finn": "6. dunning"})

    told = played.live()
    played.bring_to_rest()

    expected = (*EXPECTED[:4], Expected(1, 2, 1))
    (fault,) = gather(played.stage, played.sales, told, expected).faults
    assert fault.startswith("6. dunning: day 32, Finn's second month is due")
    assert "orders: paid, paid; subscription: active, instead of Studio: active until" in fault
