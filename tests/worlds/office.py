"""The admin routes of a world, over real HTTP, and tokens to ask them with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from console.admin.desk import Desk
from console.admin.mounting import mounted_routes
from console.tokens import Scope, TokenWish, create_token
from shared.database import transaction
from shared.settings import Settings, read_settings
from shared.tables import audit
from tests.conftest import FERNET_KEY, SIGNING_SECRET
from tests.worlds.licensekit import TOKEN
from tests.worlds.web import serve_app
from tests.worlds.world import STRIPE_KEY, World

ROOT_TOKEN = "admin_test"
ADMIN = "/stripe/admin"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Office:
    """Asks as FULFILL_ADMIN_TOKEN, unless another token is given."""

    world: World
    url: str
    client: httpx.Client

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(ADMIN + path, params=query)

    def post(self, path: str, body: object = None, **query: Any) -> httpx.Response:
        return self.client.post(ADMIN + path, json={} if body is None else body, params=query)

    def data(self, path: str, **query: Any) -> Any:
        """What a route that must answer 200 says."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def token(self, name: str, *scopes: Scope) -> dict[str, str]:
        """The header of a new token."""
        wish = TokenWish(name, scopes, None)
        with transaction(self.world.engine) as tx:
            made = create_token(tx, wish, by="test", now=self.world.clock.now())
        return {"Authorization": f"Bearer {made.reveal()}"}

    def deeds(self) -> list[tuple[str, str, str]]:
        """Who did what to what."""
        return [(row.who, row.action, row.subject) for row in self.world.rows(audit)]


def settings_of(world: World, **changes: str | None) -> Settings:
    """The web process's settings in this world."""
    environment: dict[str, str | None] = {
        "STRIPE_WEBHOOK_SECRET": SIGNING_SECRET,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_API_BASE": world.stripe_url,
        "STRIPE_ACCOUNTS": "acct_1",
        "LICENSEKIT_BASE_URL": world.books.url,
        "LICENSEKIT_API_TOKEN": TOKEN,
        "FULFILL_ADMIN_TOKEN": ROOT_TOKEN,
        "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
        "DATABASE_URL": world.engine.url.render_as_string(hide_password=False),
        **changes,
    }
    return read_settings({name: text for name, text in environment.items() if text is not None})


def desk_of(world: World, settings: Settings | None = None) -> Desk:
    """A desk whose clock is the world's."""
    chosen = settings or settings_of(world)
    return Desk(chosen, world.engine, lambda: None, clock=world.clock)


@contextmanager
def serve_desk(desk: Desk) -> Iterator[httpx.Client]:
    """The routes over real HTTP; the client has the token of the settings."""
    with serve_app(Starlette(routes=mounted_routes(desk))) as url:
        headers = {"Authorization": f"Bearer {ROOT_TOKEN}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
            yield client


@contextmanager
def open_office(world: World, settings: Settings | None = None) -> Iterator[Office]:
    """Served while inside."""
    with serve_desk(desk_of(world, settings)) as client:
        yield Office(world, str(client.base_url), client)
