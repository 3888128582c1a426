"""Accounts that install our app in a world, as their owners do in Stripe."""

from __future__ import annotations

import sqlalchemy as sa

from shared.accounts import ServedAccount
from shared.database import reading, transaction
from shared.secrets import Secret
from shared.tables import accounts
from simulator.shop import Shop
from tests.worlds.licensekit import Policy
from tests.worlds.world import LIVE_KEY, MONTH, STRIPE_KEY, World
from worker.gateways.stripe_oauth import Grant, StripeOAuth
from worker.grants import keep_installation

GUEST = "acct_1Guest"


def oauth_of(world: World) -> StripeOAuth:
    return StripeOAuth(world.stripe_url, {False: Secret(STRIPE_KEY), True: Secret(LIVE_KEY)})


def granted(world: World, account: str = GUEST, *, livemode: bool = False) -> Grant:
    """The account's owner follows the install link, and we exchange the code."""
    world.stripe.sign_in(account)
    code = world.stripe.oauth.authorize(livemode=livemode)
    return oauth_of(world).exchange(Secret(code), livemode=livemode)


def install(
    world: World, account: str = GUEST, *, livemode: bool = False, licensekit_token: str = ""
) -> ServedAccount:
    """The app is installed there, and perhaps a LicenseKit token was given for it."""
    grant = granted(world, account, livemode=livemode)
    with transaction(world.engine) as tx:
        keep_installation(tx, grant, world.deps.vault, now=world.clock.now())
        if licensekit_token:
            sealed = world.deps.vault.seal(Secret(licensekit_token))
            tx.execute(sa.update(accounts).values(licensekit_token=sealed))
    return grant.which


def guest_sells(world: World, which: ServedAccount) -> tuple[Shop, str, Policy]:
    """A mapped price in the shop of an account that has our app."""
    shop = world.stripe.shop_of(which.account, livemode=which.livemode)
    policy = world.books.policy("subscription")
    price = shop.price("Editor", 4900, recurring=MONTH)
    world.map(price, policy, which.account, livemode=which.livemode)
    return shop, price, policy


def account_row(world: World, which: ServedAccount) -> sa.Row[tuple[object, ...]]:
    with reading(world.engine) as tx:
        found = tx.execute(
            sa.select(accounts).filter_by(account=which.account, livemode=which.livemode)
        )
        return found.one()
