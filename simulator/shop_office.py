"""The stories of the seller's desk: customers and catalog change. Rules are elsewhere."""

from __future__ import annotations

from typing import Any

from simulator import discounts, entitlements
from simulator.customers import delete_customer
from simulator.errors import missing
from simulator.params import Params
from simulator.shapes import people
from simulator.updates import changing, update
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

    def coupon(self, percent_off: float, duration: str = "once", **details: Any) -> str:
        """Gives its id; "once", "forever", or "repeating" with `duration_in_months=3`."""
        terms = {"percent_off": percent_off, "duration": duration, **details}
        with self._turn():
            return str(discounts.create_coupon(self.books, Params(terms))["id"])

    def discount(self, subscription: str, coupon: str) -> str:
        """The coupon lowers the next invoices of a running subscription; gives "di_…"."""
        with self._turn():
            found = self.books.get("subscription", subscription)
            with changing(self.books, found):
                return str(discounts.redeem(self.books, found, coupon)["id"])

    def feature(self, lookup_key: str, name: str) -> str:
        """A feature that products can have; gives "feat_…"."""
        given = {"lookup_key": lookup_key, "name": name}
        with self._turn():
            return str(entitlements.create_feature(self.books, Params(given))["id"])

    def attach_feature(self, product: str, feature: str) -> None:
        """Who subscribes to the product has the feature; `feature` is "feat_…"."""
        with self._turn():
            found = self.books.get("product", product)
            wanted = Params({"entitlement_feature": feature})
            entitlements.attach(self.books, found, wanted)

    def detach_feature(self, product: str, feature: str) -> None:
        """And has it no more."""
        with self._turn():
            found = self.books.get("product", product)
            for row in list(self.books.children(product, "features")):
                if row["entitlement_feature"]["id"] == feature:
                    entitlements.detach(self.books, found, row)

    def change_customer(self, customer: str, **changes: Any) -> None:
        """`email`, `name`, `phone`, `description`, `metadata`."""
        with self._turn():
            found = self.books.refer("customer", customer, "customer")
            update(self.books, found, Params(changes))

    def card(self, owner: str, brand: str = "visa", last4: str = "4242") -> str:
        """What a subscription is paid with, or what all of a customer's are; gives "pm_…"."""
        with self._turn():
            method = self.books.add(people.card(self.books, brand, last4))
            found = self.books.find(owner)
            if found is None or found["object"] not in ("customer", "subscription"):
                raise missing("customer", owner)
            with changing(self.books, found):
                holder = found if found["object"] == "subscription" else found["invoice_settings"]
                holder["default_payment_method"] = method["id"]
            return str(method["id"])

    def delete_customer(self, customer: str) -> None:
        """For good; the subscriptions end at once."""
        with self._turn():
            delete_customer(self.books, self.books.refer("customer", customer, "customer"))

    def _write(self, object_id: str, values: Obj) -> None:
        kind = KINDS.get(object_id[:5], KINDS.get(object_id[:6], ""))
        with self._turn():
            update(self.books, self.books.get(kind, object_id), Params(values))
