"""What the four lives are about: Studio, sold by the month under three policies of one product."""

from __future__ import annotations

from dataclasses import dataclass

from console.demo.house import House
from console.demo.licensekit_side import Sold

GRACE_DAYS = 7  # of access after the paid time; Stripe tries a failed payment again within it


@dataclass(frozen=True, slots=True)
class Studio:
    """One LicenseKit product with a policy for each plan, and the Stripe prices of two of them."""

    standard: Sold
    plus: Sold
    trial: Sold
    price: str  # "price_…" of the standard plan, which may be tried first
    plus_price: str  # "price_…"

    @property
    def plans(self) -> tuple[Sold, ...]:
        return (self.standard, self.plus, self.trial)


def open_studio(house: House) -> Studio:
    """Set up on both sides, with the terms that the lives need."""
    standard = house.licensekit.sell("Studio", "subscription")
    plus = house.licensekit.add_policy(standard, "Studio Plus", "subscription")
    trial = house.licensekit.add_policy(standard, "Studio trial", "trial")
    price, plus_price = (
        _offer(house, sold, amount, trial=trial)
        for sold, amount in ((standard, 2900), (plus, 5900))
    )
    return Studio(standard, plus, trial, price, plus_price)


def _offer(house: House, sold: Sold, amount: int, *, trial: Sold) -> str:
    """Monthly, for `amount` minor units; gives "price_…"."""
    monthly = {"interval": "month"}
    price = house.stripe.tell("price", name=sold.name, amount=amount, recurring=monthly)["price"]
    terms = {"grace_days": GRACE_DAYS, "trial_policy": trial.policy_id}
    house.map_price(price, product_id=sold.product_id, policy_id=sold.policy_id, terms=terms)
    return str(price)
