"""What Stripe goes on doing, whatever is decided here: in words, with the place to change it."""

from __future__ import annotations

from worker.state import Bought

OVER = ("canceled", "incomplete_expired")


def say_billing(bought: Bought) -> str:
    """Whether Stripe still bills for the sale, and where that is ended."""
    subscription = bought.subscription
    if subscription is None:
        return (
            "Stripe bills nothing more for it. Money that is to go back is refunded in Stripe, at "
            f"{_address(bought, 'payments')}."
        )
    if subscription.status in OVER:
        return f"Stripe bills no more: {subscription.id} is {subscription.status} there."
    return (
        f"Stripe still bills: {subscription.id} is {subscription.status} there, and nothing here "
        "ends that. Cancel it, or pause its collection, in Stripe at "
        f"{_address(bought, f'subscriptions/{subscription.id}')}."
    )


def _address(bought: Bought, path: str) -> str:
    mode = "" if bought.key.livemode else "test/"
    address = f"https://dashboard.stripe.com/{mode}{path}"
    return f"{address} of {bought.key.account}" if bought.key.account else address
