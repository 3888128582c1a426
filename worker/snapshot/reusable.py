"""Licenses that the buyer's ended subscriptions left behind. Reads only."""

from __future__ import annotations

from collections.abc import Iterable

from shared.keys import SaleKey, StripeId
from shared.links import Link
from worker.errors import NotFound
from worker.gateways.licensekit import LicenseKitGateway
from worker.gateways.stripe import StripeGateway
from worker.snapshot.held import is_over, read_license
from worker.state import HeldLicense

ENDED = ("canceled", "incomplete_expired")


def read_reusable(
    key: SaleKey,
    left: Iterable[tuple[Link, StripeId]],
    stripe: StripeGateway,
    licensekit: LicenseKitGateway,
) -> tuple[HeldLicense, ...]:
    """Those whose subscription has ended, as Stripe says now: an event may still be on its way."""
    ended: dict[StripeId, bool] = {}
    found = []
    for link, subscription_id in left:
        if is_over(link):
            continue
        if subscription_id not in ended:
            ended[subscription_id] = _has_ended(key, subscription_id, stripe)
        license = read_license(link, licensekit) if ended[subscription_id] else None
        if license is not None:
            found.append(license)
    return tuple(found)


def _has_ended(key: SaleKey, subscription_id: StripeId, stripe: StripeGateway) -> bool:
    try:
        return stripe.subscription(key.account, subscription_id)["status"] in ENDED
    except NotFound:
        return False
