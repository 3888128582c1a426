"""What Stripe offers right now, to compare with the mappings. Reads only."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from mappings.offers import Offer
from shared.settings import Settings
from worker.gateways.budget import share_of
from worker.gateways.stripe import StripeGateway


def read_offers(settings: Settings, account: str) -> list[Offer]:
    """All active prices of active products. Raises the gateway's errors."""
    share = share_of(settings)
    base = settings.stripe_api_base
    with closing(StripeGateway(settings.stripe_secret_key, base, share)) as stripe:
        return offers_from(stripe, account)


def offers_from(stripe: StripeGateway, account: str) -> list[Offer]:
    """The same with a client that is there already."""
    prices = stripe.active_prices(account)
    return [offer_of(price) for price in prices if price["product"].get("active")]


def offer_of(price: dict[str, Any]) -> Offer:
    """A price with its product, as people know it."""
    product = price["product"]
    return Offer(
        price_id=price["id"],
        product_id=product["id"],
        name=product.get("name") or product["id"],
        amount=", ".join(filter(None, (_amount(price), _rhythm(price.get("recurring"))))),
    )


def _amount(price: dict[str, Any]) -> str:
    """In minor units, exactly as Stripe has it; a price may be a fraction of one."""
    currency = price["currency"]
    if price.get("billing_scheme") == "tiered":
        return f"tiers in {currency}"
    exact = price.get("unit_amount_decimal") or price.get("unit_amount")
    if exact is None:
        return f"what the buyer chooses in {currency}"
    return f"{exact} {currency} in minor units"


def _rhythm(recurring: dict[str, Any] | None) -> str:
    if not recurring:
        return ""
    count, interval = recurring.get("interval_count", 1), recurring["interval"]
    return f"every {interval}" if count == 1 else f"every {count} {interval}s"
