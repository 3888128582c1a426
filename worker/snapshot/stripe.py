"""What was bought, whichever kind of sale it is. Reads only."""

from __future__ import annotations

from collections.abc import Collection

from shared.keys import SaleKey
from worker.errors import NotFound
from worker.gateways.stripe import StripeGateway
from worker.snapshot.root import find_root
from worker.snapshot.session import read_session
from worker.snapshot.subscription import read_subscription
from worker.state import Bought


def read_bought(
    key: SaleKey, stripe: StripeGateway, closed_payments: Collection[str]
) -> Bought | SaleKey:
    """The sale as Stripe tells it now, or the key of the sale that the object in hand belongs to.

    An object that Stripe doesn't know is a fact (stage "missing"), not an error. Raises
    TemporaryError and PermanentError.
    """
    try:
        root = find_root(key, stripe)
        if root != key:
            return root
        match key.kind:
            case "subscription":
                return read_subscription(key, stripe, closed_payments)
            case "checkout_session":
                return read_session(key, stripe)
            case _:
                return Bought(
                    key,
                    "not_licensed",
                    f"{key.id} by itself sells nothing that this release fulfills",
                )
    except NotFound as error:
        return Bought(key, "missing", str(error))
