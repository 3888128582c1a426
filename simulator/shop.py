"""The stories: what a seller's customers do, in one call each. Their rules are elsewhere."""

from __future__ import annotations

from typing import Any

from simulator import catalog, checkout, invoices
from simulator.events import letters
from simulator.orders import Purchase, make_order
from simulator.params import Params
from simulator.shop_money import MoneyVerbs
from simulator.shop_office import OfficeVerbs
from simulator.shop_schedules import ScheduleVerbs
from simulator.shop_subscriptions import SubscriptionVerbs
from simulator.values import Lines, Obj, frozen


class Shop(MoneyVerbs, OfficeVerbs, SubscriptionVerbs, ScheduleVerbs):
    """One account in one mode. Every verb is one turn: its events leave together, at its end."""

    def price(self, name: str, amount: int, **details: Any) -> str:
        """A product and its price at once; `amount` in minor units; gives "price_…".

        `recurring={"interval": "month"}` makes it a subscription's; `product="prod_…"` adds
        a price to an existing product, and `name` is its nickname then.
        """
        currency = details.pop("currency", "usd")
        given = {"unit_amount": amount, "currency": currency, "nickname": name, **details}
        if "product" not in given:
            given["product_data"] = {"name": name}
        with self._turn():
            return str(catalog.create_price(self.books, Params(given))["id"])

    def customer(self, **details: Any) -> str:
        """A customer who has not bought yet; gives "cus_…"."""
        with self._turn():
            return str(catalog.create_customer(self.books, Params(details))["id"])

    def buy(self, lines: Lines, **details: Any) -> Purchase:
        """A buyer pays a one-time checkout; the details are those of `orders.Order`."""
        return self._check_out("payment", lines, details)

    def subscribe(self, lines: Lines, **details: Any) -> Purchase:
        """A buyer starts a subscription and pays its first invoice."""
        return self._check_out("subscription", lines, details)

    def pay(self, session: str) -> Purchase:
        """The buyer pays a session that was opened through the API."""
        with self._turn():
            found = self.books.get("checkout.session", session)
            return checkout.complete(self.books, found)

    def settle(self, session: str, *, succeed: bool = True) -> None:
        """A payment that was under way for days arrives, or fails."""
        with self._turn():
            found = self.books.get("checkout.session", session)
            checkout.settle(self.books, found, succeed=succeed)

    def expire(self, session: str) -> None:
        """Nobody paid it within its day."""
        with self._turn():
            checkout.expire(self.books, self.books.get("checkout.session", session))

    def fail_payments(self, customer: str) -> None:
        """From now on this customer's payments are declined."""
        with self._turn():
            self.books.declined.add(self.books.get("customer", customer)["id"])

    def unfail(self, customer: str) -> None:
        """The card works again; what is open is paid at the next attempt, or by `pay_invoice`."""
        with self._turn():
            self.books.declined.discard(customer)

    def pay_invoice(self, invoice: str) -> bool:
        """Try an open invoice again now; was it paid?"""
        with self._turn():
            return invoices.try_to_pay(self.books, self.books.get("invoice", invoice))

    def resend(self, event: str) -> None:
        """Deliver an event once more, as from the Dashboard."""
        with self._turn():
            found = self.books.get("event", event)
            self.books.world.keep(letters(self.books, found))

    def read(self, object_id: str) -> Obj:
        """A copy of any object as it stands; KeyError when it is not there."""
        with self._turn():
            found = self.books.find(object_id)
            if found is None:
                raise KeyError(object_id)
            return frozen(found)

    def events(self) -> list[Obj]:
        """All events so far, oldest first."""
        with self._turn():
            return [frozen(event) for event in self.books.all("event")]

    def _check_out(self, mode: str, lines: Lines, details: Obj) -> Purchase:
        order = make_order(lines, details)
        with self._turn():
            session = checkout.open_session(self.books, order, mode)
            return checkout.complete(self.books, session)
