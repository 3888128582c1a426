"""Ids that look like Stripe's: a prefix and random letters; the same ones for the same seed."""

from __future__ import annotations

import random
import string

LETTERS = string.ascii_letters + string.digits
PREFIXES = {
    "product": "prod_",
    "price": "price_1",
    "customer": "cus_",
    "item": "li_1",
    "payment_intent": "pi_3",
    "charge": "ch_3",
    "refund": "re_3",
    "dispute": "dp_1",
    "discount": "di_1",
    "entitlements.feature": "feat_1",
    "entitlements.active_entitlement": "ent_1",
    "product_feature": "prodft_1",
    "invoiceitem": "ii_1",
    "customer_balance_transaction": "cbtxn_1",
    "subscription": "sub_1",
    "subscription_item": "si_",
    "subscription_schedule": "sub_sched_1",
    "test_helpers.test_clock": "clock_1",
    "invoice": "in_1",
    "line_item": "il_1",
    "invoice_payment": "inpay_1",
    "event": "evt_1",
    "v2.core.event": "evt_65",
    "webhook_endpoint": "we_1",
    "webhook_secret": "whsec_",
    "request": "req_",
    "payment_method": "pm_1",
    "balance_transaction": "txn_3",
}
LENGTHS = {
    "customer": 14,
    "product": 14,
    "subscription_item": 14,
    "webhook_secret": 32,
}


class Ids:
    """Without a seed the ids of two simulators never meet, even in one database."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - ids of a simulator are no secrets

    def new(self, kind: str, *, livemode: bool = False) -> str:
        """An id for an object of that kind: `new("customer")` is "cus_…"."""
        if kind == "checkout.session":
            return ("cs_live_a1" if livemode else "cs_test_a1") + self._letters(56)
        return PREFIXES[kind] + self._letters(LENGTHS.get(kind, 23))

    def _letters(self, length: int) -> str:
        return "".join(self._random.choices(LETTERS, k=length))
