"""Any subscription there can be: lines, prices, quantities, payments, prorations."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from shared.keys import StripeId
from tests.worlds.sales import item, mapping, on, payment, subscription
from worker.state import Bought, PaidItem, Payment, Target

MAPPINGS = (
    mapping("price_sub", "pol_sub", version=1, grace_days=3),
    mapping("price_pro", "pol_pro", version=2, product="prod_two"),
    mapping("price_each", "pol_sub", version=3, quantity="license_per_unit"),
    mapping("price_ever", "pol_ever", version=4),
)
PRICES = ("price_sub", "price_pro", "price_each", "price_ever", "price_unmapped")
MONTHS = 6


@st.composite
def _items(draw: st.DrawFn, month: int, prices: dict[str, tuple[str, int]]) -> list[PaidItem]:
    """The lines that one month's invoice bills: some of the sale's, for one or several months."""
    billed = draw(st.lists(st.sampled_from(sorted(prices)), unique=True, max_size=len(prices)))
    found = []
    for line in billed:
        price, quantity = prices[line]
        months = draw(st.integers(1, 5))
        found.append(
            item(
                line,
                price,
                quantity=quantity,
                amount_minor_units=draw(st.sampled_from([0, 900])),
                period=(on(2026, month), on(2026, month + months)),
                proration=draw(st.booleans()),
            )
        )
    return found


@st.composite
def histories(draw: st.DrawFn) -> tuple[Payment, ...]:
    """The paid invoices of one subscription, oldest first; each pays something."""
    lines = [f"si_{n}" for n in range(draw(st.integers(1, 4)))]
    prices = {line: (draw(st.sampled_from(PRICES)), draw(st.integers(1, 3))) for line in lines}
    invoices = []
    for month in range(1, draw(st.integers(1, MONTHS)) + 1):
        items = draw(_items(month, prices))
        if items:
            invoices.append(payment(f"in_{month}", *items, paid_at=on(2026, month)))
    return tuple(invoices)


def sale_after(payments: tuple[Payment, ...], before: Bought | None = None) -> Bought:
    """The sale once these were paid; the metadata is what `before` left behind."""
    if not payments:
        return subscription(stage="awaiting_payment")
    kept = {target.id: target.metadata for target in before.targets} if before else {}
    targets = [Target("customer", StripeId("cus_ada"), {})]
    targets.append(Target("subscription", StripeId("sub_1"), {}))
    targets += [Target("invoice", one.id, {}, one.id) for one in payments]
    fresh = tuple(replace(t, metadata=kept.get(t.id, {})) for t in targets)
    return subscription(*payments, targets=fresh)
