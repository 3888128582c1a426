"""What the check tells of accounts that installed our app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.doctor import Finding, House
from console.doctor.accounts import look_at_accounts, look_at_installed
from console.doctor.selling import look_at_offers
from console.doctor.visit import Visit, pay_visit
from shared.settings import read_settings
from tests.conftest import ENVIRONMENT
from tests.worlds.installing import GUEST, guest_sells, install
from tests.worlds.world import STRIPE_KEY, World, open_world

Look = Callable[..., list[Finding]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as world:
        yield world


@pytest.fixture
def look(world: World) -> Look:
    def run(take: Callable[[Visit], list[Finding]], **changes: str) -> list[Finding]:
        known = {
            **ENVIRONMENT,
            "STRIPE_API_BASE": world.stripe_url,
            "STRIPE_SECRET_KEY": STRIPE_KEY,
            "LICENSEKIT_BASE_URL": world.books.url,
            "DATABASE_URL": str(world.engine.url),
            **changes,
        }
        house = House(read_settings(known), world.engine, known, world.clock)
        with pay_visit(house) as visit:
            return list(take(visit))

    return run


def test_an_account_with_our_app_is_read_with_its_own_token(look: Look, world: World) -> None:
    """Our own key is not let in there, so it is not tried with it."""
    which = install(world)

    (found,) = look(look_at_installed)

    assert (found.name, found.status) == (f"account {which}", "ok")
    assert look(look_at_accounts, STRIPE_ACCOUNTS=GUEST) == []


def test_its_prices_are_compared_with_its_mappings(look: Look, world: World) -> None:
    """Each account sells by mappings of its own."""
    which = install(world)
    shop, *_ = guest_sells(world, which)
    shop.price("Viewer", 900)

    own, theirs = look(look_at_offers)

    assert (own.status, theirs.name) == ("ok", f"prices {GUEST}")
    assert theirs.told.startswith("1 active and not mapped")


def test_without_an_app_there_is_nothing_to_tell(look: Look) -> None:
    """Most houses have none."""
    assert look(look_at_installed) == []


def test_an_account_that_took_the_app_off_fails(look: Look, world: World) -> None:
    """We may not have been told of it: a refused token is renewed, and that finds out why."""
    which = install(world)
    world.stripe.uninstall(which.account)

    (first,) = look(look_at_installed)
    (second,) = look(look_at_installed)

    assert (first.status, "Stripe refused" in first.told) == ("warn", True)
    assert (second.status, "so its sales wait" in second.told) == ("fail", True)
