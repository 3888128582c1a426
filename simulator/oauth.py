"""Stripe Apps OAuth: who installed the app, and the codes and tokens that came of it.

Codes are good once, for five minutes; access tokens for an hour of the simulator's clock; a
refresh token until it is used, which gives the next one.
Source: docs.stripe.com/stripe-apps/api-authentication/oauth
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from simulator.clock import Clock
from simulator.values import Obj

CLIENT_IDS = {False: "ca_test_simulator", True: "ca_live_simulator"}  # by mode, live is True
CODE_SECONDS = 300
ACCESS_SECONDS = 3600

Installation = tuple[str, bool]  # account, livemode


class GrantFault(Exception):
    """A refusal of the token endpoint: OAuth's own error code."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code

    def body(self) -> Obj:
        return {"error": self.code, "error_description": str(self)}


class Expired(Exception):
    """The access token was good once."""


@dataclass(slots=True)
class OAuth:
    """The app's installations. Use it in a turn of the simulator's world."""

    clock: Clock
    visitor: str  # the account that is signed in where the install link leads
    _codes: dict[str, tuple[Installation, int]] = field(default_factory=dict)
    _access: dict[str, tuple[Installation, int]] = field(default_factory=dict)
    _refresh: dict[str, Installation] = field(default_factory=dict)

    def mode_of_link(self, client_id: str) -> bool | None:
        """Live and test links have client ids of their own; None for one that nobody knows."""
        return next((mode for mode, name in CLIENT_IDS.items() if name == client_id), None)

    def authorize(self, *, livemode: bool) -> str:
        """The visitor accepts: a code."""
        code = f"ac_{secrets.token_hex(16)}"
        self._codes[code] = ((self.visitor, livemode), self.clock.now + CODE_SECONDS)
        return code

    def grant(self, given: Obj, *, livemode: bool) -> Obj:
        """The token endpoint, asked with the developer's key of this mode. Raises GrantFault."""
        match given.get("grant_type"):
            case "authorization_code":
                which, until = self._codes.pop(str(given.get("code")), (None, 0))
                if which is None or until <= self.clock.now or which[1] != livemode:
                    raise GrantFault("invalid_grant", "This authorization code is not valid.")
            case "refresh_token":
                which = self._refresh.get(str(given.get("refresh_token")))
                if which is None or which[1] != livemode:
                    raise GrantFault("invalid_grant", "This refresh token is not valid.")
                del self._refresh[str(given["refresh_token"])]
            case _:
                raise GrantFault("unsupported_grant_type", "This grant type is not supported.")
        return self._tokens(which)

    def installation_of(self, token: str) -> Installation | None:
        """Whom an access token stands for; None for a key of another kind. Raises Expired."""
        which, until = self._access.get(token, (None, 0))
        if which is not None and until <= self.clock.now:
            raise Expired
        return which

    def uninstall(self, which: Installation) -> None:
        """No token of it works any more."""
        self._codes = {c: kept for c, kept in self._codes.items() if kept[0] != which}
        self._access = {t: kept for t, kept in self._access.items() if kept[0] != which}
        self._refresh = {t: kept for t, kept in self._refresh.items() if kept != which}

    def _tokens(self, which: Installation) -> Obj:
        account, livemode = which
        mode = "live" if livemode else "test"
        access, refresh = f"oat_{mode}_{secrets.token_hex(16)}", f"ort_{secrets.token_hex(16)}"
        self._access[access] = (which, self.clock.now + ACCESS_SECONDS)
        self._refresh[refresh] = which
        return {
            "access_token": access,
            "livemode": livemode,
            "refresh_token": refresh,
            "scope": "stripe_apps",
            "stripe_publishable_key": f"pk_{mode}_{account}",
            "stripe_user_id": account,
            "token_type": "bearer",
        }
