"""The clients of accounts that installed our app, each made once for a thread.

Accounts of the settings need none: they are served with our own key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from shared.accounts import ServedAccount
from shared.secrets import Secret
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.stripe import StripeGateway
from worker.gateways.stripe_client import TokenOf
from worker.tokens import Access, AccessTokens, AccountClosed


@dataclass(frozen=True, slots=True)
class Clients:
    """What an account is served with. `licensekit` is None for our own token's client."""

    access: Access
    stripe: StripeGateway
    licensekit: LicenseKitGateway | None

    def close(self) -> None:
        self.stripe.close()
        if self.licensekit is not None:
            self.licensekit.close()


@dataclass(frozen=True, slots=True)
class Makers:
    """How clients are made of tokens."""

    stripe: Callable[[Secret, TokenOf], StripeGateway]
    licensekit: Callable[[Secret], LicenseKitGateway]


class InstalledClients:
    """Serves one thread."""

    def __init__(
        self, tokens: AccessTokens, makers: Makers, by_settings: frozenset[ServedAccount]
    ) -> None:
        """`by_settings` are served with our own key, once they have the app no more."""
        self._tokens = tokens
        self._makers = makers
        self._by_settings = by_settings
        self._made: dict[ServedAccount, Clients] = {}

    def of(self, which: ServedAccount) -> Clients | None:
        """None for an account without our app. Raises AccountClosed, TemporaryError."""
        try:
            access = self._tokens.read(which)
        except AccountClosed:
            self._drop(which)
            if which in self._by_settings:
                return None
            raise
        if access is None:
            return None
        made = self._made.get(which)
        if made is None or made.access != access:  # the token was renewed
            self._drop(which)
            made = self._made[which] = self._make(access)
        return made

    def close(self) -> None:
        for which in list(self._made):
            self._drop(which)

    def _make(self, access: Access) -> Clients:
        refused = partial(self._tokens.doubt, access)
        own = access.licensekit_token
        return Clients(
            access,
            self._makers.stripe(access.token, TokenOf(access.which, refused)),
            self._makers.licensekit(own) if own else None,
        )

    def _drop(self, which: ServedAccount) -> None:
        made = self._made.pop(which, None)
        if made is not None:
            made.close()
