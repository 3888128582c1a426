"""A month of sales of all kinds, in rounds: each has one of every kind there is.

A round is sold on the first day; what happens to its sales later happens ten and thirty-two days
after that. Stripe's objects live on a test clock, so that passes see the month go by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.worlds.kinds import LATE, ONCE, RENTED, SOON
from tests.worlds.licensekit import Policy
from tests.worlds.world import MONTH, World

YEAR = {"interval": "year"}
MANY = 1_000_000  # passes: this many mean that the world does not come to rest
SOON_SECONDS = 3700  # what is asked for within the first hour is part of the sale


@dataclass(slots=True)
class Month:
    """The shelf and what was sold from it: the sale of each kind, a list in each round."""

    world: World
    prices: dict[str, str] = field(default_factory=dict)
    sold: dict[str, list[str]] = field(default_factory=dict)
    events: int = 0

    @property
    def shop(self) -> Any:
        return self.world.stripe.shop

    def open(self) -> None:
        """One LicenseKit product with many policies, one with a second, and features."""
        books, product = self.world.books, self.world.books.product()
        extra, seats = (books.feature(product, code) for code in ("extra", "seats"))
        trial = books.policy("trial", product).id
        rented = books.policy("subscription", product)
        self._offer("month", rented, MONTH, grace_days=2)
        self._offer("month of another", books.policy("subscription", product), MONTH)
        self._offer("month of another product", books.policy("subscription"), MONTH)
        self._offer("year", rented, YEAR, features=(extra,))
        self._offer("seats", rented, MONTH, seat_feature=seats)
        self._offer("each", rented, MONTH, quantity="license_per_unit")
        self._offer("tried", rented, MONTH, trial_policy=trial)
        self._offer("strict", rented, MONTH, on_cancel="revoke", on_past_due="suspend")
        self._offer("again", rented, MONTH, on_resubscribe="reuse")
        self._offer("rented for ever", books.policy("perpetual", product), MONTH)
        self._offer("copy", books.policy("perpetual", product), None)
        self._offer("copy each", books.policy("perpetual"), None, quantity="license_per_unit")
        self._offer("year's copy", books.policy("time_limited", product), None, term_days=365)
        self._offer("lent", books.policy("perpetual", product), None, on_refund="suspend")

    def _offer(self, name: str, policy: Policy, every: Any, **terms: Any) -> None:
        details = {} if every is None else {"recurring": every}
        self.prices[name] = self.shop.price(name.title(), 4900, **details)
        self.world.map(self.prices[name], policy, **terms)

    def line(self, name: str, quantity: int = 1) -> dict[str, Any]:
        return {"price": self.prices[name], "quantity": quantity}

    def live(self, rounds: int) -> None:
        """All of it, each step heard and brought to rest."""
        self.open()
        for _ in range(rounds):
            for kind, buy in {**ONCE, **RENTED}.items():
                self.sold.setdefault(kind, []).append(str(buy(self)))
        self.world.stripe.advance(seconds=SOON_SECONDS)
        self.hear()
        for days, acts in ((10, SOON), (22, LATE), (3, {})):
            self.world.stripe.advance(days=days)
            self.hear()
            for kind, act in acts.items():
                for sale in self.sold[kind]:
                    act(self, sale)
            self.hear()
        self.world.raise_all()  # what time alone changed is seen to
        self.world.run(most=MANY)

    def hear(self) -> None:
        """Everything that is new in Stripe, as deliveries; then passes until all is at rest."""
        events = self.shop.events()
        self.world.tell(events[self.events :])
        self.events = len(events)
        self.world.run(most=MANY)

    def money(self, sale: str) -> str:
        """The payment intent of a sale's first payment."""
        found = self.shop.read(sale)
        if sale.startswith("cs_"):
            return str(found["payment_intent"])
        if sale.startswith("pi_"):
            return sale
        invoices = [sale] if sale.startswith("in_") else self.invoices(sale)
        (paid,) = [
            row["payment"]["payment_intent"]
            for row in self.shop.books.all("invoice_payment")
            if row["invoice"] == invoices[0] and row["status"] == "paid"
        ]
        return str(paid)

    def invoices(self, subscription: str) -> list[str]:
        rows = list(self.shop.books.all("invoice"))
        named = ((row["parent"] or {}).get("subscription_details") or {} for row in rows)
        pairs = zip(rows, named, strict=True)
        return [row["id"] for row, of in pairs if of.get("subscription") == subscription]

    def buy(self, *lines: Any, **details: Any) -> str:
        return str(self.shop.buy(list(lines), **details).session)

    def rent(self, *lines: Any, **details: Any) -> str:
        return str(self.shop.subscribe(list(lines), **details).subscription)

    def item(self, subscription: str, nth: int = 0) -> str:
        return str(self.shop.books.children(subscription, "items")[nth]["id"])

    def buyer(self, sale: str) -> str:
        return str(self.shop.read(sale)["customer"])
