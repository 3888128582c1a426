"""Charges: what was taken, what went back, what is disputed. Facts only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.keys import SaleKey, StripeId
from worker.gateways.stripe import StripeGateway
from worker.snapshot.facts import Facts, id_of
from worker.state import Charge


@dataclass(frozen=True, slots=True)
class Taken:
    """The payment intents and charges that paid something, as Stripe shows them."""

    intents: tuple[Facts, ...]
    charges: tuple[Facts, ...]

    @property
    def intent(self) -> Facts | None:
        return next(iter(self.intents), None)


def read_charge(key: SaleKey, facts: Facts, stripe: StripeGateway) -> Charge:
    """The charge with its disputes, which are asked for only where there are any."""
    disputes = stripe.disputes_of(key.account, facts["id"]) if facts.get("disputed") else []
    return Charge(
        id=StripeId(facts["id"]),
        amount_minor_units=facts["amount"],
        refunded_minor_units=facts.get("amount_refunded") or 0,
        refunded=bool(facts.get("refunded")),
        disputes=tuple(str(dispute["status"]) for dispute in disputes),
    )


def taken_by_session(session: Facts) -> Taken:
    """The session's payment intent, read with its latest charge."""
    intent = session.get("payment_intent")
    if not isinstance(intent, Mapping):
        return Taken((), ())
    charge = intent.get("latest_charge")
    return Taken((intent,), (charge,) if isinstance(charge, Mapping) else ())


def taken_for(invoice: Facts, charges: Sequence[Facts]) -> Taken:
    """What paid an invoice, among the customer's charges; nothing where it was free, paid from a
    balance, or out of band. Failed attempts took nothing.
    """
    named = set(_paid_by(invoice))
    found = [
        charge
        for charge in charges
        if charge.get("paid") and named & {charge["id"], id_of(charge.get("payment_intent"))}
    ]
    intents = {
        charge["payment_intent"]["id"]: charge["payment_intent"]
        for charge in found
        if isinstance(charge.get("payment_intent"), Mapping)
    }
    return Taken(tuple(intents.values()), tuple(found))


def intents_of(invoice: Facts) -> list[StripeId]:
    """The payment intents that paid an invoice."""
    return [name for name in _paid_by(invoice) if name.startswith("pi_")]


def _paid_by(invoice: Facts) -> Iterator[StripeId]:
    for payment in (invoice.get("payments") or {}).get("data", []):
        if payment.get("status") == "paid":
            paid = payment.get("payment") or {}
            for name in (id_of(paid.get("payment_intent")), id_of(paid.get("charge"))):
                if name is not None:
                    yield name
