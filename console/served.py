"""Is this account served in this mode? Asked before anything is read in Stripe in its name."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from console.context import CommandError
from shared.accounts import ServedAccount, served_accounts
from shared.settings import Settings


class NotServed(CommandError):
    """Our key would be answered in its own mode, whatever was asked for."""

    def __init__(self, which: ServedAccount) -> None:
        self.which = which
        whose = which.account or "Your own account"
        super().__init__(
            f"{whose} is not served here in {'live' if which.livemode else 'test'} mode.",
            means="Nothing was looked at, and nothing was changed. Its buyers get nothing new "
            "from here, and keep what stands.",
            todo="Serve it: see STRIPE_ACCOUNTS and the mode of STRIPE_SECRET_KEY, or have it "
            "install the app in that mode. Or name another account or mode.",
            heals="It does not heal by itself.",
        )


def require_served(connection: Connection, settings: Settings, which: ServedAccount) -> None:
    """Raises NotServed."""
    if which not in served_accounts(connection, settings):
        raise NotServed(which)
