"""One subscription of a story, told in words that are the same in each run.

Its items are "item", "item-2", …; its licenses have the names of their links: "item/1".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shared.tables import links, passes, sales, steps
from tests.worlds.licensekit import Policy
from tests.worlds.town import Town
from tests.worlds.world import MONTH
from worker.plan.ids import LICENSES

ABOUT_LICENSES = (
    *("issue license ", "reuse ", "renew ", "shorten ", "suspend license ", "reinstate license "),
    *("revoke ", "assign feature ", "remove feature "),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands for the sale at last. Oldest first in each list."""

    licenses: list[str]  # "item/1 A active until 2030-02-01", "item/1 A revoked for ever"
    orders: list[str]  # "paid 2030-01-01 to 2030-02-01"
    records: list[str]  # "active to 2030-02-01", ", ends then", ", canceled on 2030-01-16"
    named: list[str]  # the licenses that the subscription's metadata names
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Tale:
    """A subscription, and what to call what belongs to it."""

    town: Town = field(repr=False)
    subscription: str
    customer: str
    items: tuple[str, ...]
    names: dict[str, str]

    def standing(self) -> Standing:
        """All of it, read from LicenseKit, Stripe and our links."""
        books, found = self.town.world.books, self._links()
        products = sorted({x.stripe_key.partition("/")[2] for x in found if x.kind == "order"})
        ours = {x.licensekit_id for x in found}
        orders = [o for p in products for o in books.orders(p) if o["id"] in ours]
        records = [r for p in products for r in books.subscriptions(p) if r["id"] in ours]
        return Standing(
            licenses=[self._license(x) for x in found if x.kind == "license" and x.licensekit_id],
            orders=[_order(one) for one in sorted(orders, key=lambda one: str(one["id"]))],
            records=[_record(one) for one in records],
            named=self._named(),
            problems=tuple(self.town.world.problems()),
        )

    def deeds(self) -> list[str]:
        """Every step about a license, in order, each once."""
        mine = {one.id for one in self._passes()}
        done = [row for row in self.town.world.rows(steps) if row.pass_id in mine]
        told = [row.step for row in done if row.step.startswith(ABOUT_LICENSES)]
        return [self.said(step) for step in told]

    def notes(self) -> list[str]:
        """What the last pass saw and left as it was."""
        return [self.said(note) for note in self._passes()[-1].plan["notes"]]

    def features(self) -> dict[str, dict[str, int | None]]:
        """What each license that stands carries: how often it may be used."""
        books, found = self.town.world.books, self._links()
        issued = {self.said(x.stripe_key): x.licensekit_id for x in found if x.kind == "license"}
        return {
            name: books.features(license_id)
            for name, license_id in issued.items()
            if license_id and books.license(license_id)["status"] != "revoked"
        }

    def license_id(self, name: str = "item/1") -> str:
        """LicenseKit's id of a license: the newest of that name."""
        return [str(x.licensekit_id) for x in self._links() if self.said(x.stripe_key) == name][-1]

    def said(self, text: str) -> str:
        """The text with names instead of ids."""
        known = self.names | {
            x.licensekit_id: x.stripe_key
            for x in self._links()
            if x.kind == "license" and x.licensekit_id
        }
        for _ in range(2):  # a license's name has an id in it
            for name in sorted(known, key=len, reverse=True):
                text = text.replace(name, known[name])
        return text

    def _license(self, link: Any) -> str:
        name = self.said(link.stripe_key)
        if "moved_to" in link.written:
            return f"{name} goes on elsewhere"
        license_ = self.town.world.books.license(link.licensekit_id)
        policy = self.names.get(license_["policy_id"], "?")
        return f"{name} {policy} {license_['status']} {_end(license_)}"

    def _named(self) -> list[str]:
        told = self.town.world.metadata(self.subscription).get(LICENSES, "")
        return [self.said(name) for name in told.split(",") if name]

    def _sale(self) -> Any:
        rows = self.town.world.rows(sales)
        return next(row for row in rows if row.object_id == self.subscription)

    def _links(self) -> list[Any]:
        sale_id = self._sale().id
        return [row for row in self.town.world.rows(links) if row.sale_id == sale_id]

    def _passes(self) -> list[Any]:
        sale_id = self._sale().id
        rows = self.town.world.rows(passes)
        return [row for row in rows if row.sale_id == sale_id and row.plan]


def offer(town: Town, license_type: str = "subscription", /, **terms: Any) -> tuple[str, Policy]:
    """A monthly price of a LicenseKit product of its own, mapped on these terms."""
    policy = town.world.books.policy(license_type)
    price = town.stripe.shop.price("Editor", 4900, recurring=MONTH)
    town.world.map(price, policy, **terms)
    return price, policy


def subscribed(town: Town, lines: Any, *policies: Policy, **details: Any) -> Tale:
    """A buyer subscribes. The policies that may occur are called "A", "B", "C"."""
    sale = town.stripe.shop.subscribe(lines, **details)
    names = {item: _numbered("item", n) for n, item in enumerate(sale.items, start=1)}
    names |= {policy.id: name for policy, name in zip(policies, "ABC", strict=False)}
    return Tale(
        town,
        str(sale.subscription),
        str(sale.customer),
        sale.items,
        {**names, str(sale.subscription): "sub"},
    )


def sold(
    town: Town, license_type: str = "subscription", /, *, details: Any = None, **terms: Any
) -> Tale:
    """A buyer subscribes to one unit of a new monthly offer. `details` are those of the order."""
    price, policy = offer(town, license_type, **terms)
    return subscribed(town, price, policy, **(details or {}))


def settle_all(town: Town, days: Iterable[str] = ()) -> None:
    """Stripe's clock moves to noon of each of these days, and all comes to rest there."""
    town.settle()
    for day in days:
        town.stripe.advance(to=f"{day}T12:00:00Z")
        town.settle()


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _end(license_: dict[str, Any]) -> str:
    end = license_.get("expires_at")
    return f"until {str(end)[:10]}" if end else "for ever"


def _order(order: dict[str, Any]) -> str:
    start, end = order.get("period_start"), order.get("period_end")
    return f"{order['status']} {str(start)[:10]} to {str(end)[:10]}" if end else order["status"]


def _record(record: dict[str, Any]) -> str:
    told = f"{record['status']} to {record['current_period_end'][:10]}"
    told += ", ends then" if record["cancel_at_period_end"] else ""
    canceled = record.get("canceled_at")
    return f"{told}, canceled on {canceled[:10]}" if canceled else told
