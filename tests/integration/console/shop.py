"""One shop on both sides, in this process: a Stripe twin, LicenseKit, and our database between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from console.asgi import make_app
from console.demo.licensekit_side import LicenseKitSide, Sold
from console.embedded_redis import free_port
from licensing.database import close_database, upgrade
from mappings.body import read_draft
from mappings.store import set_mapping
from mappings.values import MappingDraft
from shared.database import transaction
from shared.settings import Settings
from simulator.server import serve
from simulator.stripe import Stripe
from tests.integration.console.journal import NOON
from tests.integration.console.web import serve_app


@dataclass(frozen=True, slots=True)
class Shop:
    """One product, on sale on both sides; events reach nobody."""

    stripe: Stripe
    licensekit: LicenseKitSide
    editor: Sold
    price: str
    engine: Engine
    environment: dict[str, str]  # what a command needs to find both sides

    def map_price(self, price: str | None = None, **terms: object) -> None:
        body = {
            "stripe_price_id": price or self.price,
            "product_id": self.editor.product_id,
            "policy_id": self.editor.policy_id,
            **({"terms": terms} if terms else {}),
        }
        draft = read_draft(body, livemode=False)
        assert isinstance(draft, MappingDraft)
        with transaction(self.engine) as connection:
            set_mapping(connection, draft, now=NOON, by="the shop")


@contextmanager
def open_shop(
    make_settings: Callable[..., Settings],
    database_url: str,
    engine: Engine,
    *,
    test_clock: bool = False,
) -> Iterator[Shop]:
    """Both services answer over real HTTP while inside; no event is delivered anywhere."""
    stripe, port = Stripe(test_clock=test_clock), free_port()
    stripe.add_key("sk_test_123")
    settings = make_settings(DATABASE_URL=database_url, PORT=str(port))
    upgrade(settings.licensing_database_url)
    with serve(stripe) as stripe_url, serve_app(make_app(settings), port=port) as web:
        environment = {"STRIPE_API_BASE": stripe_url, "PORT": str(port)}
        licensekit = LicenseKitSide(str(web.base_url), "lk_test_admin")
        editor = licensekit.sell("Editor", "perpetual")
        price = stripe.shop.price("Editor", 4900)
        yield Shop(stripe, licensekit, editor, price, engine, environment)
        licensekit.close()
    close_database(settings.licensing_database_url)
