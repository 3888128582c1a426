"""What our Stripe key must be allowed to do, and why. The README has the same table.

It follows from the calls that `worker/gateways/stripe.py` makes. Write includes read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["read", "write"]
# when it is needed: always, where a mapping names entitlements, in test mode, or by this check
Need = Literal["always", "entitlements", "test", "check"]


@dataclass(frozen=True, slots=True)
class Permission:
    """One row. `without` says what a sale lacks while the permission does."""

    name: str  # as Stripe's Dashboard has it
    level: Level
    why: str
    without: str
    path: str  # where it is tried
    sample: str = ""  # the beginning of an id, where a write is tried
    need: Need = "always"


PERMISSIONS = (
    Permission(
        "Checkout Sessions",
        "write",
        "reads the sale, writes our ids to its metadata",
        "no checkout is fulfilled",
        "/v1/checkout/sessions",
        "cs_test_",
    ),
    Permission(
        "Customers",
        "write",
        "reads the buyer, writes our id",
        "no buyer gets a license",
        "/v1/customers",
        "cus_",
    ),
    Permission(
        "Subscriptions",
        "write",
        "reads the sale and its schedule, writes our ids",
        "no subscription is fulfilled or ended",
        "/v1/subscriptions",
        "sub_",
    ),
    Permission(
        "Invoices",
        "write",
        "reads what was paid and for which period, writes our ids",
        "no paid period moves the end of a license",
        "/v1/invoices",
        "in_",
    ),
    Permission(
        "PaymentIntents",
        "write",
        "reads the payment, writes our ids",
        "no payment outside a checkout is fulfilled",
        "/v1/payment_intents",
        "pi_",
    ),
    Permission(
        "Charges and Refunds",
        "read",
        "reads when and by which charge it was paid, and what was refunded",
        "no refund takes its license back",
        "/v1/charges",
    ),
    Permission(
        "Disputes",
        "read",
        "reads what became of a dispute",
        "no dispute holds or frees a license",
        "/v1/disputes",
    ),
    Permission(
        "Prices",
        "read",
        "reads what was sold",
        "no line of a sale is recognised",
        "/v1/prices",
    ),
    Permission(
        "Products",
        "read",
        "reads what was sold",
        "no line of a sale is recognised",
        "/v1/products",
    ),
    Permission(
        "Entitlements",
        "read",
        "reads the buyer's features, where a mapping names `entitlements`",
        "features do not follow the buyer's entitlements",
        "/v1/entitlements/features",
        need="entitlements",
    ),
    Permission(
        "Test clocks",
        "read",
        "in test mode only: reads the time that a sale lives in",
        "sales on a test clock are not fulfilled",
        "/v1/test_helpers/test_clocks",
        need="test",
    ),
    Permission(
        "Events",
        "read",
        "finds what was never delivered",
        "a sale whose events never arrived is not noticed",
        "/v1/events",
    ),
    Permission(
        "Webhook Endpoints",
        "read",
        "for `fulfill check` only; write, if its `--fix` is to mend the endpoint",
        "nobody notices when Stripe switches the endpoint off",
        "/v1/webhook_endpoints",
        need="check",
    ),
)
