"""Which permission a route, or an expanded object, needs of a restricted key.

Stripe looks at it before it looks for the object: 403 comes before 404.
"""

from __future__ import annotations

from simulator.api_keys import ApiKey, masked
from simulator.errors import StripeFault

# The beginning of the path, and the permission's own name: Stripe calls a price a plan, and
# refunds belong to charges.
ROUTES = (
    ("/v1/account", "accounts_kyc_basic"),
    ("/v1/charges", "charge"),
    ("/v1/checkout/sessions", "checkout_session"),
    ("/v1/coupons", "coupon"),
    ("/v1/customers", "customer"),
    ("/v1/disputes", "dispute"),
    ("/v1/entitlements", "entitlement"),
    ("/v1/events", "event"),
    ("/v1/invoice", "invoice"),  # invoices, invoiceitems, invoice_payments
    ("/v1/payment_intents", "payment_intent"),
    ("/v1/prices", "plan"),
    ("/v1/products", "product"),
    ("/v1/refunds", "charge"),
    ("/v1/subscription", "subscription"),  # subscriptions, their items, schedules
    ("/v1/test_helpers/test_clocks", "billing_clock"),
    ("/v1/webhook_endpoints", "webhook"),
)
# What an expanded object of a kind needs, read.
KINDS = {
    "charge": "charge",
    "checkout.session": "checkout_session",
    "customer": "customer",
    "invoice": "invoice",
    "payment_intent": "payment_intent",
    "price": "plan",
    "product": "product",
    "subscription": "subscription",
    "subscription_schedule": "subscription",
    "test_helpers.test_clock": "billing_clock",
}


class Access:
    """One caller's key, asked for each thing it wants to do."""

    def __init__(self, key: str, known: ApiKey, account: str) -> None:
        self._key = key
        self._known = known
        self._account = account

    def require_route(self, method: str, path: str) -> None:
        """A 403 when the key may not call this route."""
        for beginning, resource in ROUTES:
            if path.startswith(beginning):
                self._require(resource, "read" if method == "GET" else "write")

    def require_kind(self, kind: str) -> None:
        """A 403 when the key may not read what it wants expanded."""
        if kind in KINDS:
            self._require(KINDS[kind], "read")

    def _require(self, resource: str, level: str) -> None:
        if not self._known.may(resource, level):
            raise StripeFault(
                403,
                f"The provided key '{masked(self._key)}' does not have the required permissions "
                f"for this endpoint on account '{self._account}'. Having the "
                f"'rak_{resource}_{level}' permission would allow this request to continue.",
            )
