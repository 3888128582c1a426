"""What the play left: gathered from LicenseKit, Stripe and the journal, judged by `verdict`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.demo.acts import Sales, Shelf
from console.demo.house import House
from console.demo.licensekit_side import Record
from console.demo.stripe_side import Object
from console.demo.verdict import Ended, Expected, alike, faults_of
from console.story import Story, find, read_stories
from shared.database import reading


@dataclass(frozen=True, slots=True)
class Harvest:
    """Everything the report shows. No faults: the demo has kept its promise."""

    stories: dict[str, Story]  # by title
    ended: dict[str, Ended]  # by title
    faults: tuple[str, ...]
    taken_back: tuple[Record, ...] = ()  # licenses whose key a killed worker never kept


def gather(house: House, shelf: Shelf, sales: Sales) -> Harvest:
    """Read both sides once all is at rest."""
    stories = {title: _story(house, sale) for sale, title in sales.titles.items()}
    records = _Records.read(house, shelf)
    ended = {title: _ended(house, story, records) for title, story in stories.items()}
    expected = (Expected(1, 1, 0), Expected(2, 2, 0), Expected(1, 3, 1), Expected(1, 3, 1))
    faults = [
        fault
        for (title, one), wanted in zip(ended.items(), expected, strict=True)
        for fault in faults_of(title, one, wanted)
    ]
    calm, unlucky = list(ended.values())[2:]
    faults += [f"sales 3 and 4 did not end alike: {fault}" for fault in alike(calm, unlucky)]
    strays = _strays(records, list(ended.values()))
    faults += [f"{one['id']} stands in LicenseKit and belongs to no sale" for one in strays]
    revoked = tuple(one for one in records.licenses if one["status"] == "revoked")
    return Harvest(stories, ended, tuple(faults), revoked)


@dataclass(frozen=True, slots=True)
class _Records:
    """All that LicenseKit holds, by its own lists and not by our links."""

    licenses: Sequence[Record]
    orders: Sequence[Record]
    subscriptions: Sequence[Record]

    @classmethod
    def read(cls, house: House, shelf: Shelf) -> _Records:
        kit = house.licensekit
        return cls(
            licenses=[one for sold in shelf.all for one in kit.licenses(sold)],
            orders=[one for sold in shelf.all for one in kit.orders(sold)],
            subscriptions=[one for sold in shelf.all for one in kit.subscriptions(sold)],
        )


def _story(house: House, sale_id: str) -> Story:
    with reading(house.engine) as connection:
        (story,) = read_stories(connection, find(connection, sale_id).sale_ids)
    return story


def _ended(house: House, story: Story, records: _Records) -> Ended:
    ours = {link.licensekit_id for link in story.links}
    return Ended(
        licenses=_of(records.licenses, ours),
        orders=_of(records.orders, ours),
        subscriptions=_of(records.subscriptions, ours),
        targets=_targets(house, story),
    )


def _of(records: Sequence[Record], ids: set[str | None]) -> list[Record]:
    return sorted((one for one in records if one["id"] in ids), key=lambda one: str(one["id"]))


def _targets(house: House, story: Story) -> list[Object]:
    """The sale itself and, for a subscription, each invoice that made an order."""
    paid = {link.stripe_key.partition("/")[0] for link in story.links if link.kind == "order"}
    return [house.stripe.read(name) for name in sorted({story.key.id, *paid})]


def _strays(records: _Records, ended: Sequence[Ended]) -> list[Record]:
    """A living record in LicenseKit that no sale knows was issued once too often."""
    known = {
        one["id"] for sale in ended for one in (*sale.licenses, *sale.orders, *sale.subscriptions)
    }
    everything = (*records.licenses, *records.orders, *records.subscriptions)
    return [one for one in everything if one["id"] not in known and one["status"] != "revoked"]
