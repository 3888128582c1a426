"""Which account and mode a request is about, and whether we serve it at all."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from sqlalchemy.engine import Connection

from console.http import HttpError
from shared.accounts import ServedAccount, served_accounts
from shared.settings import Settings

Account = Annotated[
    str,
    Meta(pattern=r"^(acct_[A-Za-z0-9_]{1,250})?$", description='acct_…; "" = your own account.'),
]


def require_served(connection: Connection, settings: Settings, account: str, mode: bool) -> None:
    """Raises HttpError 404. Our key would be answered in its own mode, whatever was asked for."""
    if ServedAccount(account, mode) in served_accounts(connection, settings):
        return
    raise HttpError(
        404,
        "NOT_SERVED",
        "This account is not served here in this mode, so nothing was looked at. Its buyers get "
        "nothing from here. Serve it: see STRIPE_ACCOUNTS and the mode of STRIPE_SECRET_KEY. It "
        "does not heal by itself.",
        f"{account or 'own'} in {'live' if mode else 'test'} mode",
    )
