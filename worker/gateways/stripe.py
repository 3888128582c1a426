"""What a pass asks of Stripe, and what it writes back. Plain dicts go out, our errors come up.

Reads at the API version that stripe-python pins, whatever version an endpoint's events carry.
Every call has a time limit; the client itself repeats reads and keyed writes on network errors,
409 and 5xx. What the answers mean is read in `worker.snapshot`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.secrets import Secret
from worker.gateways.budget import NO_LIMIT, Share
from worker.gateways.patience import PATIENT, Patience
from worker.gateways.stripe_calls import Facts, all_pages, call, options
from worker.gateways.stripe_client import Calling, TokenOf, open_client
from worker.gateways.stripe_lists import StripeLists
from worker.state import TargetKind

PAGE = 100  # Stripe's largest
EARLIER_SECONDS = 86_400  # a checkout may charge before it makes its subscription
SESSION_EXPAND = (
    "customer",
    "line_items.data.price.product",
    "line_items.data.price.tiers",
    "payment_intent.latest_charge",
)
SUBSCRIPTION_EXPAND = (
    "customer",
    "items.data.price.product",
    "items.data.price.tiers",
    "latest_invoice",
    "schedule",
    "test_clock",
)
DASHBOARD_EXPAND = (
    "customer.invoice_settings.default_payment_method",
    "default_payment_method",
    "items.data.price.product",
    "schedule",
)


class StripeGateway:
    """Reads and writes back, for our own account ("") or a connected one ("acct_…").

    Raises NotFound, PermanentError or TemporaryError, each with Stripe's request id. One gateway
    serves one thread. `lists` are the long lists that a sweep reads.
    """

    def __init__(
        self,
        secret_key: Secret,
        api_base: str,
        share: Share = NO_LIMIT,
        *,
        patience: Patience = PATIENT,
        token_of: TokenOf | None = None,
    ) -> None:
        """`token_of` says whose token the key is, where it is that of an installed account."""
        calling = Calling(share, patience, token_of)
        client, self._http = open_client(secret_key, api_base, calling)
        self._v1 = client.v1
        self.lists = StripeLists(client)

    def close(self) -> None:
        self._http.close()  # type: ignore[no-untyped-call]

    def session(self, account: str, session_id: str) -> Facts:
        """A checkout session with customer, all line items with price and product, and payment."""
        api = self._v1.checkout.sessions
        facts = call(
            lambda: api.retrieve(
                session_id, {"expand": list(SESSION_EXPAND)}, options(account)
            ).to_dict()
        )
        if facts["line_items"]["has_more"]:
            params: Any = {"limit": PAGE, "expand": ["data.price.product", "data.price.tiers"]}
            facts["line_items"] = all_pages(
                lambda: api.line_items.list(session_id, params, options(account))
            )
        return facts

    def subscription(self, account: str, subscription_id: str) -> Facts:
        """A subscription with what hangs on it, and all its items with price and product."""
        facts = call(
            lambda: self._v1.subscriptions.retrieve(
                subscription_id, {"expand": list(SUBSCRIPTION_EXPAND)}, options(account)
            ).to_dict()
        )
        if facts["items"]["has_more"]:
            params: Any = {
                "subscription": subscription_id,
                "limit": PAGE,
                "expand": ["data.price.product", "data.price.tiers"],
            }
            facts["items"] = all_pages(
                lambda: self._v1.subscription_items.list(params, options(account))
            )
        return facts

    def dashboard_subscription(self, account: str, subscription_id: str) -> Facts:
        """A subscription as people look at it: with what it is paid by, and its first 20 items."""
        one = self._v1.subscriptions.retrieve
        return self._one(one, account, subscription_id, *DASHBOARD_EXPAND)

    def own_account_id(self) -> str:
        """Whose key this is, "acct_…"."""
        found = call(lambda: self._v1.accounts.retrieve_current().to_dict())
        return str(found["id"])

    def subscription_item(self, account: str, item_id: str) -> Facts:
        """An item with the id of its subscription."""
        return self._one(self._v1.subscription_items.retrieve, account, item_id)

    def paid_invoices(self, account: str, subscription_id: str) -> list[Facts]:
        """All paid invoices of a subscription, each with all its lines and its payments."""
        params: Any = {
            "subscription": subscription_id,
            "status": "paid",
            "limit": PAGE,
            "expand": ["data.payments"],
        }
        pages = all_pages(lambda: self._v1.invoices.list(params, options(account)))
        invoices: list[Facts] = pages["data"]
        return [self._complete(account, invoice) for invoice in invoices]

    def sessions_of(self, account: str, subscription_id: str) -> list[Facts]:
        """The checkout session that began a subscription, or none."""
        params: Any = {"subscription": subscription_id, "limit": 1}
        pages = call(lambda: self._v1.checkout.sessions.list(params, options(account)).to_dict())
        found: list[Facts] = pages["data"]
        return found

    def invoice(self, account: str, invoice_id: str) -> Facts:
        """An invoice with its payments, to see which sale it belongs to."""
        return self._one(self._v1.invoices.retrieve, account, invoice_id, "payments")

    def whole_invoice(self, account: str, invoice_id: str) -> Facts:
        """An invoice with customer, payments, and all its lines."""
        one = self._v1.invoices.retrieve
        return self._complete(account, self._one(one, account, invoice_id, "customer", "payments"))

    def invoice_paid_by(self, account: str, payment_intent_id: str) -> Facts | None:
        """The invoice that a payment intent paid, with its payments; None where there is none."""
        paid = {"type": "payment_intent", "payment_intent": payment_intent_id}
        params: Any = {"payment": paid, "limit": 1}
        found = self._some(self._v1.invoice_payments.list, account, params)
        return self.invoice(account, found[0]["invoice"]) if found else None

    def session_paid_by(self, account: str, payment_intent_id: str) -> Facts | None:
        """The checkout session that a payment intent belongs to, or None."""
        params: Any = {"payment_intent": payment_intent_id, "limit": 1}
        found = self._some(self._v1.checkout.sessions.list, account, params)
        return found[0] if found else None

    def session_of_receipt(self, account: str, invoice: Mapping[str, Any]) -> Facts | None:
        """The customer's checkout session that wrote this invoice as its receipt, or None."""
        params: Any = {
            "customer": invoice["customer"],
            "created": {"gte": invoice["created"] - EARLIER_SECONDS},
            "limit": PAGE,
        }
        found = self._some(self._v1.checkout.sessions.list, account, params)
        return next((one for one in found if one.get("invoice") == invoice["id"]), None)

    def payment_intent(self, account: str, payment_intent_id: str) -> Facts:
        """A payment intent with customer and latest charge."""
        one = self._v1.payment_intents.retrieve
        return self._one(one, account, payment_intent_id, "customer", "latest_charge")

    def charges_of(self, account: str, customer_id: str, *, since: int) -> list[Facts]:
        """All of a customer's charges from this moment on, each with its payment intent."""
        params: Any = {
            "customer": customer_id,
            "created": {"gte": since - EARLIER_SECONDS},
            "limit": PAGE,
            "expand": ["data.payment_intent"],
        }
        pages = all_pages(lambda: self._v1.charges.list(params, options(account)))
        charges: list[Facts] = pages["data"]
        return charges

    def charge(self, account: str, charge_id: str) -> Facts:
        return self._one(self._v1.charges.retrieve, account, charge_id)

    def refund(self, account: str, refund_id: str) -> Facts:
        return self._one(self._v1.refunds.retrieve, account, refund_id)

    def dispute(self, account: str, dispute_id: str) -> Facts:
        return self._one(self._v1.disputes.retrieve, account, dispute_id)

    def disputes_of(self, account: str, charge_id: str) -> list[Facts]:
        """All of a charge's disputes: an inquiry may come before one, or several."""
        params: Any = {"charge": charge_id, "limit": PAGE}
        pages = all_pages(lambda: self._v1.disputes.list(params, options(account)))
        found: list[Facts] = pages["data"]
        return found

    def price(self, account: str, price_id: str) -> Facts:
        """A price with its product and tiers."""
        return self._one(self._v1.prices.retrieve, account, price_id, "product", "tiers")

    def active_prices(self, account: str) -> list[Facts]:
        """All active prices, each with its product, which may be inactive."""
        params: Any = {"active": True, "limit": PAGE, "expand": ["data.product"]}
        pages = all_pages(lambda: self._v1.prices.list(params, options(account)))
        found: list[Facts] = pages["data"]
        return found

    def active_products(self, account: str) -> list[Facts]:
        """All active products, also those without a price."""
        params: Any = {"active": True, "limit": PAGE}
        pages = all_pages(lambda: self._v1.products.list(params, options(account)))
        found: list[Facts] = pages["data"]
        return found

    def customer(self, account: str, customer_id: str) -> Facts:
        """A customer; of a deleted one only its id and `deleted`."""
        return self._one(self._v1.customers.retrieve, account, customer_id)

    def active_entitlements(self, account: str, customer_id: str) -> list[Facts]:
        """All of a customer's active entitlements, each with its lookup key."""
        params: Any = {"customer": customer_id, "limit": PAGE}
        api = self._v1.entitlements.active_entitlements
        pages = all_pages(lambda: api.list(params, options(account)))
        found: list[Facts] = pages["data"]
        return found

    def write_metadata(
        self,
        account: str,
        target: tuple[TargetKind, str],
        metadata: Mapping[str, str],
        *,
        idempotency_key: str,
    ) -> None:
        """Merge metadata into one object; keys not named stay as they are."""
        kind, object_id = target
        params: Any = {"metadata": dict(metadata)}
        keyed: Any = {**options(account), "idempotency_key": idempotency_key}
        v1 = self._v1
        update: dict[TargetKind, Callable[..., object]] = {
            "customer": v1.customers.update,
            "checkout_session": v1.checkout.sessions.update,
            "payment_intent": v1.payment_intents.update,
            "subscription": v1.subscriptions.update,
            "invoice": v1.invoices.update,
        }
        call(lambda: update[kind](object_id, params, keyed))

    def _complete(self, account: str, invoice: Facts) -> Facts:
        """An invoice comes with the first of its lines and payments: read the others."""
        params: Any = {"limit": PAGE}
        if invoice["lines"]["has_more"]:
            lines = self._v1.invoices.line_items
            invoice["lines"] = all_pages(
                lambda: lines.list(invoice["id"], params, options(account))
            )
        if (invoice.get("payments") or {}).get("has_more"):
            mine: Any = {"invoice": invoice["id"], "limit": PAGE}
            invoice["payments"] = all_pages(
                lambda: self._v1.invoice_payments.list(mine, options(account))
            )
        return invoice

    def _one(
        self, retrieve: Callable[..., Any], account: str, object_id: str, *expand: str
    ) -> Facts:
        params: Any = {"expand": list(expand)} if expand else None
        return call(lambda: retrieve(object_id, params, options(account)).to_dict())

    def _some(self, list_of: Callable[..., Any], account: str, params: Any) -> list[Facts]:
        """One page of a list."""
        found: list[Facts] = call(lambda: list_of(params, options(account)).to_dict())["data"]
        return found
