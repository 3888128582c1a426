"""Access tokens are renewed once, whoever asks, and never lost by a race."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.accounts import ServedAccount, installed_accounts
from shared.database import reading, transaction
from shared.secrets import Secret, Vault, new_key
from shared.tables import accounts
from tests.conftest import FERNET_KEY
from tests.worlds.installing import GUEST, account_row, granted, install, oauth_of
from tests.worlds.world import World
from worker.errors import TemporaryError
from worker.gateways.stripe_oauth import Grant, StripeOAuth
from worker.grants import keep_installation
from worker.tokens import Access, AccessTokens, AccountClosed

ACROSS = 8  # threads that ask at the same moment


class Counting(StripeOAuth):
    """The real exchange, which also counts how often it was asked."""

    def __init__(self, world: World) -> None:
        super().__init__(world.stripe_url, oauth_of(world)._keys)
        self.asked = 0

    def refresh(self, refresh_token: Secret, *, livemode: bool) -> Grant:
        self.asked += 1
        return super().refresh(refresh_token, livemode=livemode)


class Killed(BaseException):
    """The program died between Stripe's answer and our commit."""


class Dying(Counting):
    def refresh(self, refresh_token: Secret, *, livemode: bool) -> Grant:
        super().refresh(refresh_token, livemode=livemode)
        raise Killed


@pytest.fixture
def world(both_worlds: World) -> World:
    """Every test here runs on SQLite and on PostgreSQL."""
    return both_worlds


@pytest.fixture
def which(world: World) -> ServedAccount:
    """An installed account whose access token has run out."""
    installed = install(world)
    world.clock.move(hours=2)
    world.stripe.advance(seconds=7200)
    return installed


def tokens_of(world: World, oauth: StripeOAuth | None = None) -> AccessTokens:
    return AccessTokens(world.engine, world.deps.vault, oauth or Counting(world), world.clock)


def read(tokens: AccessTokens, which: ServedAccount) -> Access:
    access = tokens.read(which)
    assert access is not None
    return access


def test_workers_that_ask_at_the_same_moment_renew_once(world: World, which: ServedAccount) -> None:
    """Each has its own connection, as programs have; all go on with the one new pair."""
    oauth = Counting(world)
    workers = [tokens_of(world, oauth) for _ in range(ACROSS)]
    before = account_row(world, which).refresh_token

    with ThreadPoolExecutor(ACROSS) as pool:
        found = list(pool.map(lambda one: read(one, which).token.reveal(), workers))

    assert oauth.asked == 1
    assert len(set(found)) == 1
    assert world.stripe.oauth.installation_of(found[0]) == (GUEST, False)
    assert account_row(world, which).refresh_token != before
    assert account_row(world, which).lease_token is None


def test_a_token_is_renewed_before_it_runs_out(world: World) -> None:
    """A pass that begins with it ends with it."""
    which = install(world)
    oauth = Counting(world)
    first = read(tokens_of(world, oauth), which)
    world.clock.move(minutes=56)

    second = read(tokens_of(world, oauth), which)

    assert (oauth.asked, first.token == second.token) == (1, False)


def test_while_another_renews_a_token_that_still_lives_is_used(world: World) -> None:
    """Nobody waits for a lease that somebody holds."""
    which = install(world)
    first = read(tokens_of(world), which)
    world.clock.move(minutes=56)
    with transaction(world.engine) as tx:
        until = world.clock.now().replace(year=2030)
        tx.execute(accounts.update().values(lease_token="another", lease_until=until))
    oauth = Counting(world)

    assert read(tokens_of(world, oauth), which) == first
    assert oauth.asked == 0


def test_a_revoked_account_is_closed_with_the_reason(world: World, which: ServedAccount) -> None:
    """Stripe takes its refresh token no more, and no event told us."""
    world.stripe.oauth.uninstall((GUEST, False))

    with pytest.raises(AccountClosed, match="refresh token no more"):
        tokens_of(world).read(which)

    row = account_row(world, which)
    assert (row.state, row.access_token, row.refresh_token) == ("closed", None, None)
    with reading(world.engine) as tx:
        assert installed_accounts(tx) == frozenset()


def test_a_program_that_dies_before_it_stored_the_new_pair_costs_the_account_and_says_so(
    world: World, which: ServedAccount
) -> None:
    """The old refresh token is void and the new one is gone: the app is installed again."""
    with pytest.raises(Killed):
        tokens_of(world, Dying(world)).read(which)
    world.clock.move(minutes=2)  # its lease runs out

    with pytest.raises(AccountClosed, match="stopped just while it renewed"):
        tokens_of(world).read(which)


def test_a_wrong_developer_key_is_temporary_and_named(world: World, which: ServedAccount) -> None:
    """It closes nobody: the account is in order, our setting is not."""
    keys = {False: Secret("sk_test_wrong"), True: Secret("")}
    wrong = StripeOAuth(world.stripe_url, keys)

    with pytest.raises(TemporaryError, match="STRIPE_APP_TEST_CLIENT_SECRET") as caught:
        tokens_of(world, wrong).read(which)

    assert "sk_test_wrong" not in str(caught.value)
    assert read(tokens_of(world), which).which == which
    unset = StripeOAuth(world.stripe_url, {False: Secret(""), True: Secret("")})
    world.clock.move(hours=2)
    with pytest.raises(TemporaryError, match="is not set"):
        tokens_of(world, unset).read(which)


def test_a_restricted_developer_key_is_named_too(world: World, which: ServedAccount) -> None:
    """Stripe's token endpoint wants the secret key itself."""
    restricted = StripeOAuth(world.stripe_url, {False: Secret("rk_test_simulator")})

    with pytest.raises(TemporaryError, match="not a restricted one"):
        tokens_of(world, restricted).read(which)


def test_a_stripe_that_is_down_is_asked_again(world: World, which: ServedAccount) -> None:
    """The lease is given back, so the next try needs not wait for it."""
    away = StripeOAuth("http://127.0.0.1:9", {False: Secret("sk_test_1")})

    with pytest.raises(TemporaryError, match="no answer"):
        tokens_of(world, away).read(which)

    assert read(tokens_of(world), which).which == which


def test_installing_again_while_a_renewal_runs_keeps_the_newer_pair(
    world: World, which: ServedAccount
) -> None:
    """What comes late is thrown away, and closes nobody."""
    late = granted(world)

    class Slow(Counting):
        def refresh(self, refresh_token: Secret, *, livemode: bool) -> Grant:
            grant = super().refresh(refresh_token, livemode=livemode)
            with transaction(world.engine) as tx:
                keep_installation(tx, late, world.deps.vault, now=world.clock.now())
            return grant

    access = read(tokens_of(world, Slow(world)), which)

    assert access.token == late.access_token


def test_keys_that_are_rotated_while_a_renewal_runs_lose_nothing(
    world: World, which: ServedAccount
) -> None:
    """`fulfill keys reseal` writes the old pair anew; the new pair is stored all the same."""
    both = Vault([new_key(), Secret(FERNET_KEY)])

    class Resealed(Counting):
        def refresh(self, refresh_token: Secret, *, livemode: bool) -> Grant:
            row = account_row(world, which)
            with transaction(world.engine) as tx:
                fresh = both.rotate(row.refresh_token)
                tx.execute(accounts.update().values(refresh_token=fresh))
            return super().refresh(refresh_token, livemode=livemode)

    access = read(tokens_of(world, Resealed(world)), which)

    assert world.stripe.oauth.installation_of(access.token.reveal()) == (GUEST, False)
