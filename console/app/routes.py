"""All routes of the Stripe App, for the web process."""

from __future__ import annotations

from sqlalchemy.engine import Engine
from starlette.routing import BaseRoute

from console.app.oauth import Installer, oauth_routes
from console.mapping_changes import waker_of
from shared.clock import SystemClock
from shared.secrets import Vault
from shared.settings import Settings
from worker.gateways.stripe_oauth import StripeOAuth


def app_routes(settings: Settings, engine: Engine) -> list[BaseRoute]:
    """None without FULFILL_ENCRYPTION_KEYS: no token could be kept."""
    if not settings.encryption_keys:
        return []
    installer = Installer(
        settings=settings,
        engine=engine,
        oauth=StripeOAuth.by(settings),
        vault=Vault(settings.encryption_keys),
        clock=SystemClock(),
        wake=waker_of(settings),
    )
    return [*oauth_routes(installer)]
