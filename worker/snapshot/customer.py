"""A customer as Stripe tells it now: no sale, but a name and an e-mail that LicenseKit follows."""

from __future__ import annotations

from shared.keys import SaleKey
from worker.gateways.stripe import StripeGateway
from worker.snapshot.facts import read_buyer
from worker.state import Bought


def read_customer(key: SaleKey, stripe: StripeGateway) -> Bought:
    """A deleted customer is a fact: what was sold to it stays as its sales say."""
    buyer = read_buyer(stripe.customer(key.account, key.id), None, key.id)
    says = "was deleted; what it bought stays as its sales say" if buyer.deleted else "is a buyer"
    return Bought(key, "customer", f"{key.id} {says}", buyer=buyer)
