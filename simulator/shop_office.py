"""The stories of the seller's desk: customers and catalog change. Rules are elsewhere."""

from __future__ import annotations

from typing import Any

from simulator.customers import delete_customer
from simulator.params import Params
from simulator.updates import update
from simulator.values import Obj
from simulator.verbs import Verbs

KINDS = {"price_": "price", "prod_": "product"}


class OfficeVerbs(Verbs):
    """What the seller does in the Dashboard."""

    def archive(self, price_or_product: str) -> None:
        """Nobody can buy it any more; what is sold renews as before."""
        self._write(price_or_product, {"active": False})

    def rename(self, product: str, name: str) -> None:
        self._write(product, {"name": name})

    def change_customer(self, customer: str, **changes: Any) -> None:
        """`email`, `name`, `phone`, `description`, `metadata`."""
        with self._turn():
            found = self.books.refer("customer", customer, "customer")
            update(self.books, found, Params(changes))

    def delete_customer(self, customer: str) -> None:
        """For good; the subscriptions end at once."""
        with self._turn():
            delete_customer(self.books, self.books.refer("customer", customer, "customer"))

    def _write(self, object_id: str, values: Obj) -> None:
        kind = KINDS.get(object_id[:5], KINDS.get(object_id[:6], ""))
        with self._turn():
            update(self.books, self.books.get(kind, object_id), Params(values))
