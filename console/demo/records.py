"""What LicenseKit and our journal hold of a sale. What it should hold is left to `verdict`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from console.demo.house import House
from console.demo.licensekit_side import Record, Sold
from console.story import Story, find, read_stories
from shared.database import reading


@dataclass(frozen=True, slots=True)
class Records:
    """All that LicenseKit holds of some products, by its own lists and not by our links."""

    licenses: Sequence[Record]
    orders: Sequence[Record]
    subscriptions: Sequence[Record]

    @classmethod
    def read(cls, house: House, products: Iterable[Sold]) -> Records:
        kit, products = house.licensekit, tuple(products)
        return cls(
            licenses=[one for sold in products for one in kit.licenses(sold)],
            orders=[one for sold in products for one in kit.orders(sold)],
            subscriptions=[one for sold in products for one in kit.subscriptions(sold)],
        )

    def of(self, story: Story) -> Records:
        """Those of one sale, oldest first."""
        ours = {link.licensekit_id for link in story.links}
        return Records(
            licenses=_named(self.licenses, ours),
            orders=_named(self.orders, ours),
            subscriptions=_named(self.subscriptions, ours),
        )

    @property
    def everything(self) -> tuple[Record, ...]:
        return (*self.licenses, *self.orders, *self.subscriptions)


def story_of(house: House, sale_id: str) -> Story:
    """The sale's way, as `fulfill show` tells it."""
    with reading(house.engine) as connection:
        (story,) = read_stories(connection, find(connection, sale_id).sale_ids)
    return story


def _named(records: Sequence[Record], ids: set[str | None]) -> list[Record]:
    # LicenseKit's ids grow with time
    return sorted((one for one in records if one["id"] in ids), key=lambda one: str(one["id"]))
