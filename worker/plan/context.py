"""The Stripe context that LicenseKit's records carry: ids, amounts in minor units, quantity.

A fact for support and reports, never read back to decide anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.state import Bought, Line, PaidItem, Payment

Context = dict[str, object]
# what a payment's id is the id of; a bare payment intent is named below anyway
KINDS = {"in": "stripe_invoice", "cs": "stripe_checkout_session", "pi": "stripe_payment_intent"}


def sale_context(bought: Bought) -> Context:
    """What every record of a sale carries."""
    return {
        "stripe_account": bought.key.account or "own",
        "stripe_mode": bought.key.mode,
        f"stripe_{bought.key.kind}": bought.key.id,
    }


def payment_context(payment: Payment, items: Sequence[PaidItem]) -> Context:
    """What an order carries: the payment, and its lines of one LicenseKit product."""
    found: Context = {
        KINDS.get(payment.id.partition("_")[0], "stripe_payment"): payment.id,
        "stripe_payment_intent": payment.payment_intent_id,
        "stripe_charge": payment.charge_id,
        "currency": payment.currency,
        "amount_minor_units": sum(item.amount_minor_units for item in items),
        "lines": [item_context(item) for item in items],
    }
    return {name: value for name, value in found.items() if value is not None}


def item_context(item: PaidItem) -> Context:
    found: Context = {
        "stripe_line_item": item.line_id,
        "stripe_invoice_line": item.invoice_line_id,
        "stripe_price": item.price_id,
        "stripe_product": item.product_id,
        "quantity": item.quantity,
        "amount_minor_units": item.amount_minor_units,
        "proration": item.proration or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def subscription_context(lines: Sequence[Line]) -> Context:
    """What a subscription record carries of its items; it follows each change of quantity."""
    return {
        "quantity": sum(line.quantity for line in lines),
        "items": [
            {"stripe_line_item": x.id, "stripe_price": x.price_id, "quantity": x.quantity}
            for x in lines
        ],
    }


def license_context(line: Line, unit: int, quantity: int) -> Context:
    """What a license carries beside its payment. `quantity` is what this one license stands for."""
    return {
        "stripe_line_item": line.id,
        "stripe_price": line.price_id,
        "stripe_product": line.product_id,
        "quantity": quantity,
        "unit": unit,
    }
