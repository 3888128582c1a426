"""Random lives: what buyers and banks do to sales, a rule each.

What Stripe refuses to do is not done, and the life goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from itertools import islice
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from simulator.errors import StripeFault
from simulator.shop import Shop
from simulator.values import Obj
from tests.properties.ledger import Paid, payments_of
from tests.properties.shelf import (
    Shelf,
    Wish,
    fill_shelf,
    once,
    recurring,
    some_units,
    terms_of_once,
    terms_of_recurring,
)
from tests.worlds.world import Event, World

HOUR = 3600
ODD_SECONDS = 4321  # so that no two things happen at the same second by accident
SOON_SECONDS = 7  # nobody changes a sale in the second in which it is made
MOST_SALES = 3  # so that much happens to each
TRIALS: dict[str, Obj] = {"no": {"trial_days": 0}, "with a card": {"trial_days": 14}}
ENDINGS = ("canceled", "unpaid", "past_due", "paused")

sales = Bundle("sales")  # "sub_…", "cs_…", "in_…", "pi_…"
subscriptions = Bundle("subscriptions")  # those of them that begin with "sub_"
which = st.integers(0, 3)


order: dict[str, Any] = {
    "plans": st.lists(recurring, min_size=1, max_size=2, unique=True),
    "units": some_units,
    "trial": st.sampled_from(["no", "no", "with a card", "cancel", "pause", "create_invoice"]),
}
few_sales = precondition(lambda life: len(life.sold) < MOST_SALES)


def if_allowed() -> AbstractContextManager[None]:
    """Stripe may refuse: it says so and does nothing."""
    return suppress(StripeFault)


class Life(RuleBasedStateMachine):
    """One seller's shelf and what happens to what is sold from it."""

    world: ClassVar[World]
    shelf: Shelf

    def __init__(self) -> None:
        super().__init__()
        self.sold: list[str] = []
        self.since = self.world.event_count()

    @property
    def shop(self) -> Shop:
        return self.world.stripe.shop

    @initialize(
        targets=(sales, subscriptions),
        terms=terms_of_recurring,
        terms_once=terms_of_once,
        days_ago=st.sampled_from([0, 1, 40, 75]),
        **order,
    )
    def open_shop(self, terms: Wish, terms_once: Wish, days_ago: int, **order: Any) -> str:
        """Each life begins with a subscription, for of these there is most to tell."""
        self.shelf = fill_shelf(self.world, terms, terms_once)
        self.shop.end_dunning_with("canceled")
        sale = self.start(**order)
        self.world.stripe.advance(days=days_ago)
        return sale

    def events(self) -> list[Event]:
        """What happened in this life so far."""
        return list(islice(self.shop.books.all("event"), self.since, None))

    def keep(self, sale: str | None) -> str:
        assert sale is not None
        self.sold.append(sale)
        self.world.stripe.advance(seconds=SOON_SECONDS)
        return sale

    def teardown(self) -> None:
        """Nothing goes on after the end: the next life has the world for itself."""
        for sale in self.sold:
            if sale.startswith("sub_"):
                with if_allowed():
                    self.shop.cancel(sale)

    # who buys what

    @few_sales
    @rule(targets=(sales, subscriptions), **order)
    def subscribe(self, **order: Any) -> str:
        return self.start(**order)

    def start(self, plans: list[str], units: int, trial: str) -> str:
        """Some try first; of these, some leave no card, and that is what the trial's end does."""
        lines = [{"price": self.shelf.prices[plan], "quantity": units} for plan in plans]
        details = TRIALS.get(trial) or {
            "trial_days": 14,
            "payment_method_collection": "if_required",
            "missing_payment_method": trial,
        }
        return self.keep(self.shop.subscribe(lines, **details).subscription)

    @few_sales
    @rule(
        target=sales,
        how=st.sampled_from(["checkout", "guest", "slowly", "invoice", "open invoice", "bare"]),
        things=st.lists(once, min_size=1, max_size=2, unique=True),
        units=some_units,
    )
    def buy(self, how: str, things: list[str], units: int) -> str:
        """At a checkout, by an invoice of the seller's, or by a payment that names its price."""
        lines = [{"price": self.shelf.prices[thing], "quantity": units} for thing in things]
        match how:
            case "invoice" | "open invoice":
                buyer, paid = self.shop.customer(name="Ben"), how == "invoice"
                return self.keep(self.shop.invoice(buyer, lines, pay=paid))
            case "bare":
                wish = {"price": self.shelf.prices[things[0]], "quantity": str(units)}
                return self.keep(self.shop.payment_intent(4900 * units, metadata=wish))
            case _:
                details = {"guest": how == "guest", "unpaid": how == "slowly"}
                return self.keep(self.shop.buy(lines, **details).session)

    # money comes, or does not, or goes back

    @rule(sale=sales, succeeds=st.booleans())
    def payment_comes(self, sale: str, succeeds: bool) -> None:
        """What was under way for days arrives or fails; an open invoice is tried again."""
        invoice = sale if sale.startswith("in_") else self.found(sale).get("latest_invoice")
        with if_allowed():
            if sale.startswith("cs_"):
                self.shop.settle(sale, succeed=succeeds)
            elif invoice is not None:
                self.shop.pay_invoice(invoice)

    @rule(sale=subscriptions, works=st.booleans())
    def card_changes(self, sale: str, works: bool) -> None:
        customer = self.found(sale)["customer"]
        (self.shop.unfail if works else self.shop.fail_payments)(customer)

    @rule(status=st.sampled_from(ENDINGS))
    def choose_end_of_dunning(self, status: str) -> None:
        self.shop.end_dunning_with(status)

    @rule(sale=sales, nth=which, percent=st.sampled_from([30, 60, 100, 100]))
    def refund(self, sale: str, nth: int, percent: int) -> None:
        """A share of one payment; where all is back already, its last refund fails."""
        for charge in self.charges(sale, nth):
            with if_allowed():
                if charge["refunded"]:
                    refunds = self.shop.books.children(charge["id"], "refunds")
                    self.shop.fail_refund(refunds[-1]["id"])
                else:
                    self.shop.refund(charge=charge["id"], amount=charge["amount"] * percent // 100)

    @rule(
        sale=sales,
        nth=which,
        warning=st.booleans(),
        outcome=st.sampled_from(["won", "lost", "warning_closed"]),
    )
    def dispute(self, sale: str, nth: int, warning: bool, outcome: str) -> None:
        """One payment is disputed; where it is already, that ends."""
        for charge in self.charges(sale, nth):
            if not charge["disputed"]:
                self.shop.dispute(charge=charge["id"], warning=warning)
                return
            for dispute in self.shop.books.all("dispute"):
                if dispute["charge"] == charge["id"]:
                    with if_allowed():
                        self.shop.close_dispute(dispute["id"], outcome)

    # time passes

    @rule(days=st.sampled_from([0, 1, 4, 15, 32, 100]))
    def time_passes(self, days: int) -> None:
        self.world.stripe.advance(days=days, seconds=ODD_SECONDS)

    @rule(sale=subscriptions, hours=st.sampled_from([-2, 2, 50, 100]))
    def period_ends(self, sale: str, hours: int) -> None:
        """Shortly before the end of what runs now, shortly after it, or some days after it."""
        for subscription in self.running(sale):
            items = self.shop.books.children(subscription["id"], "items")
            end = min(item["current_period_end"] for item in items)
            moment = end + hours * HOUR + SOON_SECONDS
            if moment > self.world.stripe.now:
                self.world.stripe.advance(to=moment)

    # what the rules look up

    def found(self, sale: str) -> Obj:
        found = self.shop.books.find(sale)
        assert found is not None
        return found

    def running(self, sale: str) -> Iterator[Obj]:
        """The subscription, unless it has ended."""
        found = self.found(sale)
        if found["status"] not in ("canceled", "incomplete_expired"):
            yield found

    def charges(self, sale: str, nth: int) -> Iterator[Obj]:
        """The charge of one of a sale's payments, if it has any."""
        paid: list[Paid] = [one for one in payments_of(self.shop.books, sale) if one.charge]
        charge = paid[nth % len(paid)].charge if paid else None
        if charge is not None:
            yield charge
