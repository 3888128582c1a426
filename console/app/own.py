"""Where an account's sales are: our own stand under no name, in the mode of our key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from console.http import HttpError
from shared.accounts import ServedAccount, served_accounts
from shared.settings import Settings
from worker.deps import Deps
from worker.errors import PermanentError, TemporaryError


@dataclass(slots=True)
class OwnAccount:
    """Our own account's id, asked of Stripe once, if it is not known."""

    make_deps: Callable[[], Deps]
    known: str = ""

    def id(self) -> str:
        """Raises TemporaryError, PermanentError while Stripe does not say."""
        if not self.known:
            deps = self.make_deps()
            try:
                self.known = deps.stripe.own_account_id()
            finally:
                deps.close()
        return self.known


def places_of(
    connection: Connection, settings: Settings, account: str, own: OwnAccount
) -> list[ServedAccount]:
    """Where this account's sales are; [] when it is not served. Raises HttpError 503."""
    served = served_accounts(connection, settings)
    places = [one for one in served if one.account == account]
    ours = [one for one in served if not one.account]
    if places or not ours:
        return places
    try:
        return ours if own.id() == account else []
    except (TemporaryError, PermanentError):
        text = "Stripe does not say just now whose account this is, so nothing is shown."
        raise HttpError(503, "UNAVAILABLE", text, "Try again in a moment.") from None
