"""What was bought, whichever kind of sale it is. Reads only."""

from __future__ import annotations

from typing import assert_never

from shared.keys import SaleKey
from shared.tracing import span
from worker.errors import NotFound
from worker.gateways.stripe import StripeGateway
from worker.snapshot.customer import read_customer
from worker.snapshot.invoice import read_invoice
from worker.snapshot.payment_intent import read_payment_intent
from worker.snapshot.root import find_root
from worker.snapshot.session import read_session
from worker.snapshot.subscription import read_subscription
from worker.state import Bought


@span("snapshot bought")
def read_bought(key: SaleKey, stripe: StripeGateway) -> Bought | SaleKey:
    """The sale as Stripe tells it now, or the key of the sale that the object in hand belongs to.

    An object that Stripe doesn't know is a fact (stage "missing"), not an error. Raises
    TemporaryError and PermanentError.
    """
    try:
        root = find_root(key, stripe)
        return root if root != key else _read(key, stripe)
    except NotFound as error:
        return Bought(key, "missing", str(error))


def _read(key: SaleKey, stripe: StripeGateway) -> Bought | SaleKey:
    match key.kind:
        case "subscription":
            return read_subscription(key, stripe)
        case "checkout_session":
            return read_session(key, stripe)
        case "invoice":
            return read_invoice(key, stripe)
        case "payment_intent":
            return read_payment_intent(key, stripe)
        case "customer":
            return read_customer(key, stripe)
        case "charge" | "refund" | "dispute":
            says = f"{key.id} names no payment intent, so it belongs to no sale we know how to read"
            return Bought(key, "not_licensed", says)
        case _:
            assert_never(key.kind)
