"""Sales of accounts that installed our app: with their own tokens, in their own mode."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest
import sqlalchemy as sa

from shared.accounts import ServedAccount, close_account
from shared.database import transaction
from shared.events.parsing import read_delivery
from shared.events.routing import UNINSTALLED
from shared.tables import accounts, passes, sales
from tests.worlds.installing import GUEST, account_row, guest_sells, install
from tests.worlds.licensekit import TOKEN
from tests.worlds.world import SERVED, World
from webhooks.installed import Installed
from worker.errors import TemporaryError
from worker.tokens import AccountClosed


@pytest.fixture
def world(both_worlds: World) -> World:
    """Every test here runs on SQLite and on PostgreSQL."""
    return both_worlds


def own_licensekit_token(world: World) -> str:
    """A second token of this LicenseKit, as an account's owner would make it there."""
    made = httpx.post(
        f"{world.books.url}/api/v1/api-keys",
        headers={"Authorization": f"Bearer {TOKEN}"},
        json={"name": "guest"},
    )
    return str(made.json()["data"]["token"])


@pytest.mark.parametrize("livemode", [False, True], ids=["test", "live"])
def test_an_installed_accounts_sale_is_fulfilled_with_its_own_tokens_in_its_own_mode(
    world: World, livemode: bool
) -> None:
    """Whatever mode our own key has; and our own account's sales go on beside it."""
    which = install(world, livemode=livemode, licensekit_token=own_licensekit_token(world))
    shop, price, policy = guest_sells(world, which)
    ours, our_policy = world.price()
    sale = shop.subscribe(price)
    world.stripe.shop.buy(ours)

    world.tell(shop.events())
    world.hear_all()

    (license_,) = world.books.licenses(policy.product_id)
    mode = "live" if livemode else "test"
    assert (license_["metadata"]["stripe_account"], license_["metadata"]["stripe_mode"]) == (
        GUEST,
        mode,
    )
    assert world.books.accepts(world.key_of(license_["id"]))
    assert shop.read(str(sale.subscription))["metadata"]["licensekit_license_count"] == "1"
    assert len(world.books.licenses(our_policy.product_id)) == 1
    assert {(row.account, row.livemode) for row in world.rows(sales)} == {
        ("", False),
        (GUEST, livemode),
    }
    assert world.problems() == []


def test_an_accounts_own_licensekit_token_is_the_one_that_is_shown(world: World) -> None:
    """A token that LicenseKit does not know stops its sales, and ours go on."""
    which = install(world, licensekit_token="lk_unknown")
    shop, price, policy = guest_sells(world, which)
    ours, our_policy = world.price()
    shop.subscribe(price)
    world.stripe.shop.buy(ours)

    world.tell(shop.events())
    world.hear_all()

    assert world.books.licenses(policy.product_id) == []
    assert len(world.books.licenses(our_policy.product_id)) == 1
    assert "LicenseKit refused our token" in str([row.error for row in world.rows(passes)])


def test_clients_are_kept_until_the_token_is_renewed(world: World) -> None:
    """One connection for a thread, and never an old token."""
    install(world)
    first = world.deps.of(GUEST, False)
    again = world.deps.of(GUEST, False)
    world.clock.move(minutes=58)
    renewed = world.deps.of(GUEST, False)

    assert first.stripe is again.stripe
    assert renewed.stripe is not first.stripe
    assert renewed.stripe.active_prices(GUEST) == []
    assert first.of("", False) is world.deps
    assert world.deps.of("acct_1", False) is world.deps  # by STRIPE_ACCOUNTS, or a stranger


def test_an_access_token_that_ran_out_early_is_renewed_and_our_own_key_is_not_blamed(
    world: World,
) -> None:
    """Stripe's clock may be ahead of ours (PostHog #57689 took that for a bad API key)."""
    which = install(world)
    shop, price, policy = guest_sells(world, which)
    shop.subscribe(price)
    world.stripe.advance(seconds=3601)
    world.tell(shop.events())

    world.run()
    failed = world.rows(passes)[0].error
    world.come_due()
    world.run()

    assert f"refused the access token of {GUEST}/test" in failed
    assert "api_key_expired" in failed
    assert "STRIPE_SECRET_KEY is not at fault" in failed
    assert [one["status"] for one in world.books.licenses(policy.product_id)] == ["active"]


def test_a_closed_account_is_served_no_more_and_nothing_is_revoked(world: World) -> None:
    """Its tokens are gone, its sales say why they wait; installed again, they go on."""
    which = install(world)
    shop, price, policy = guest_sells(world, which)
    sale = shop.subscribe(price)
    world.tell(shop.events())
    world.run()
    with transaction(world.engine) as tx:
        assert close_account(tx, which, "it was tried out", now=world.clock.now())

    world.raise_all(sale.subscription)
    world.run()
    waiting = world.problems()
    install(world)
    world.run()

    assert waiting == [("account_closed", GUEST)]
    assert world.problems() == []
    assert [one["status"] for one in world.books.licenses(policy.product_id)] == ["active"]
    assert account_row(world, which).state == "installed"


def test_uninstalling_in_stripe_closes_the_account_and_refuses_what_comes_after(
    world: World,
) -> None:
    """From Stripe's own event to the refusal: the licenses stand, and later sales are kept."""
    which = install(world)
    shop, price, policy = guest_sells(world, which)
    shop.subscribe(price)
    world.tell(shop.events())
    world.run()
    before = len(shop.events())
    world.stripe.advance(seconds=1)
    with transaction(world.engine) as tx:
        tx.execute(sa.update(accounts).values(installed_at=datetime(2026, 1, 1, tzinfo=UTC)))

    world.stripe.uninstall(GUEST)
    shop.buy(price_of_once(world, which))
    told = [
        read_delivery(json.dumps(one).encode(), secret=0, served=SERVED, now=world.clock.now())
        for one in shop.events()[before:]
    ]
    installed = Installed(world.engine, SERVED)
    judged = [one for each in told for one in installed.judged([each])]

    assert account_row(world, which).state == "closed"
    assert {one.state for one in judged if one.type != UNINSTALLED} == {"refused"}
    assert [one["status"] for one in world.books.licenses(policy.product_id)] == ["active"]


def price_of_once(world: World, which: ServedAccount) -> str:
    return world.stripe.shop_of(which.account).price("Manual", 900)


def test_closing_forgets_every_token(world: World) -> None:
    """And closing twice, or what was never installed, changes nothing."""
    which = install(world, licensekit_token="lk_guest")
    with transaction(world.engine) as tx:
        closed = close_account(tx, which, "gone", now=world.clock.now())
        again = close_account(tx, which, "gone twice", now=world.clock.now())
        stranger = close_account(tx, ServedAccount("acct_9", False), "", now=world.clock.now())

    row = account_row(world, which)
    assert (closed, again, stranger) == (True, False, False)
    assert (row.state, row.reason) == ("closed", "gone")
    assert (row.access_token, row.refresh_token, row.licensekit_token) == (None, None, None)
    with pytest.raises(AccountClosed, match="gone"):
        world.deps.of(GUEST, False)


def test_tokens_that_no_key_of_ours_opens_are_temporary(world: World) -> None:
    """FULFILL_ENCRYPTION_KEYS lost a key: put it back, and nothing was lost."""
    install(world)
    with transaction(world.engine) as tx:
        tx.execute(sa.update(accounts).values(access_token=b"gAAAAA-of-another-key"))

    with pytest.raises(TemporaryError, match="FULFILL_ENCRYPTION_KEYS"):
        world.deps.of(GUEST, False)
