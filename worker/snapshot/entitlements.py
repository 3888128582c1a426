"""Which of Stripe's features the buyer is entitled to now. Reads only."""

from __future__ import annotations

from dataclasses import replace

from worker.gateways.stripe import StripeGateway
from worker.state import Bought


def read_entitlements(bought: Bought, stripe: StripeGateway) -> Bought:
    """The same sale with the lookup keys of its customer's active entitlements, from all pages.

    A guest has none.
    """
    if bought.buyer is None or not bought.buyer.id.startswith("cus_") or bought.buyer.deleted:
        return bought
    found = stripe.active_entitlements(bought.key.account, bought.buyer.id)
    return replace(bought, entitlements=frozenset(one["lookup_key"] for one in found))
