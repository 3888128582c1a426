"""A world whose web process has the Stripe App's doors, and a browser that follows its links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from console.app.oauth import Installer, oauth_routes
from shared.settings import Settings, read_settings
from tests.conftest import FERNET_KEY
from tests.worlds.installing import oauth_of
from tests.worlds.licensekit import TOKEN
from tests.worlds.web import serve_app
from tests.worlds.world import LIVE_KEY, STRIPE_KEY, World, open_world

PUBLIC = "https://licenses.example.com"
APP_SECRET = "absec_test_very_secret"


def settings_of(world: World, **changes: str) -> Settings:
    """As they would stand in `.env` for this world."""
    authorize = f"{world.stripe_url}/oauth/v2/authorize"
    environment = {
        "DATABASE_URL": world.engine.url.render_as_string(hide_password=False),
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STRIPE_API_BASE": world.stripe_url,
        "STRIPE_PUBLIC_BASE_URL": PUBLIC,
        "STRIPE_APP_CLIENT_ID": "ca_live_simulator",
        "STRIPE_APP_CLIENT_SECRET": LIVE_KEY,
        "STRIPE_APP_AUTHORIZE_URL": authorize,
        "STRIPE_APP_TEST_CLIENT_ID": "ca_test_simulator",
        "STRIPE_APP_TEST_AUTHORIZE_URL": authorize,
        "STRIPE_APP_SIGNING_SECRET": APP_SECRET,
        "LICENSEKIT_BASE_URL": world.books.url,
        "LICENSEKIT_API_TOKEN": TOKEN,
        "LICENSEKIT_APP_URL": "https://app.licensekit.example.com",
        "FULFILL_ENCRYPTION_KEYS": FERNET_KEY,
    }
    return read_settings({**environment, **changes})


@dataclass(slots=True)
class Browser:
    """Keeps the cookies of our site, and goes where it is sent."""

    client: httpx.Client
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> httpx.Response:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.client.get(path, headers={"Cookie": kept} if kept else {})
        self._keep(answer)
        return answer

    def leave_for_stripe(self, mode: str) -> str:
        """Follow the install link; the owner accepts; gives the path that Stripe sends to."""
        sent = self.get(f"/stripe/oauth/install?mode={mode}")
        assert sent.status_code == 302, sent.text
        back = httpx.get(sent.headers["location"])
        assert back.status_code == 302, back.text
        return back.headers["location"].removeprefix(PUBLIC)

    def _keep(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            self.cookies = {k: v for k, v in self.cookies.items() if k != name}
            if value:
                self.cookies[name] = value


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@dataclass(slots=True)
class Doors:
    """The OAuth routes of a world, and browsers to open them with."""

    world: World
    installer: Installer
    client: httpx.Client
    woken: list[str]

    def browser(self) -> Browser:
        return Browser(self.client)


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """On each kind of database."""
    with open_world(tmp_path, database_url) as running:
        yield running


@pytest.fixture
def doors(world: World) -> Iterator[Doors]:
    woken: list[str] = []
    installer = Installer(
        settings=settings_of(world),
        engine=world.engine,
        oauth=oauth_of(world),
        vault=world.deps.vault,
        clock=world.clock,
        wake=lambda: woken.append("a worker"),
    )
    with (
        serve_app(Starlette(routes=oauth_routes(installer))) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield Doors(world, installer, client, woken)
