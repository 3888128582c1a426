"""All routes of the Stripe App, for the web process."""

from __future__ import annotations

from sqlalchemy.engine import Engine
from starlette.routing import BaseRoute

from console.app.oauth import Installer, oauth_routes
from console.app.own import OwnAccount
from console.app.views import Desk, view_routes
from console.mapping_changes import waker_of
from shared.clock import SystemClock
from shared.secrets import Vault
from shared.settings import Settings
from worker.deps import Deps
from worker.gateways.patience import HURRIED
from worker.gateways.stripe_oauth import StripeOAuth
from worker.jobs import make_deps


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
    return [*oauth_routes(installer), *_view_routes(settings, engine)]


def _view_routes(settings: Settings, engine: Engine) -> list[BaseRoute]:
    """None without what the worker reads both services with: there would be nothing to show."""
    if not (settings.stripe_secret_key and settings.licensekit_api_token):
        return []

    def make_hurried() -> Deps:
        return make_deps(settings, engine, patience=HURRIED)

    desk = Desk(settings, engine, make_hurried, SystemClock(), OwnAccount(make_hurried))
    return [*view_routes(desk)]
