"""What the play left: gathered from LicenseKit, Stripe and the journal, judged by `verdict`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from console.demo.acts import Sales
from console.demo.house import House
from console.demo.licensekit_side import Record
from console.demo.lives import Life
from console.demo.playing import Stage
from console.demo.records import Records, story_of
from console.demo.stripe_side import Object
from console.demo.verdict import Ended, Expected, alike, faults_of
from console.story import Story

# Of the eight sales; a subscription has an order for each month that was paid. While the four
# lives are played, the two subscriptions before them renew once more.
EXPECTED = (
    *(Expected(1, 1, 0), Expected(2, 2, 0), Expected(1, 4, 1), Expected(1, 4, 1)),
    *(Expected(1, 2, 1), Expected(1, 2, 1), Expected(1, 2, 1), Expected(0, 1, 0)),
)


@dataclass(frozen=True, slots=True)
class Harvest:
    """Everything the report shows. No faults: the demo has kept its promise."""

    stories: dict[str, Story]  # by title
    ended: dict[str, Ended]  # by title
    faults: tuple[str, ...]
    taken_back: tuple[Record, ...] = ()  # licenses whose key a killed worker never kept
    lives: Mapping[str, Life] = field(default_factory=dict)  # by title; those with a calendar
    names: Mapping[str, str] = field(default_factory=dict)  # of products and policies, by id


def gather(
    stage: Stage,
    sales: Sales,
    lives: Sequence[Life] = (),
    expected: Sequence[Expected] = EXPECTED,
) -> Harvest:
    """Read both sides once all is at rest."""
    house, titles = stage.house, sales.titles | {life.sale: life.title for life in lives}
    stories = {title: story_of(house, sale) for sale, title in titles.items()}
    records = Records.read(house, stage.products)
    ended = {title: _ended(house, story, records.of(story)) for title, story in stories.items()}
    faults = _faults_of_sales(ended, expected)
    faults += [f"{life.title}: {fault}" for life in lives for fault in life.faults]
    unknown = _unknown(records, list(ended.values()))
    faults += [
        f"{one['id']} stands in LicenseKit and belongs to no sale"
        for one in unknown
        if one["status"] != "revoked"
    ]
    taken_back = tuple(one for one in unknown if one["status"] == "revoked")
    by_title = {life.title: life for life in lives}
    return Harvest(stories, ended, tuple(faults), taken_back, by_title, stage.names)


def _faults_of_sales(ended: Mapping[str, Ended], expected: Sequence[Expected]) -> list[str]:
    faults = [
        fault
        for (title, one), wanted in zip(ended.items(), expected, strict=True)
        for fault in faults_of(title, one, wanted)
    ]
    calm, unlucky = list(ended.values())[2:4]
    return faults + [f"sales 3 and 4 did not end alike: {one}" for one in alike(calm, unlucky)]


def _ended(house: House, story: Story, records: Records) -> Ended:
    return Ended(
        licenses=records.licenses,
        orders=records.orders,
        subscriptions=records.subscriptions,
        targets=_targets(house, story),
    )


def _targets(house: House, story: Story) -> list[Object]:
    """The sale itself and, for a subscription, each invoice that made an order."""
    paid = {link.stripe_key.partition("/")[0] for link in story.links if link.kind == "order"}
    return [house.stripe.read(name) for name in sorted({story.key.id, *paid})]


def _unknown(records: Records, ended: Sequence[Ended]) -> list[Record]:
    """A record in LicenseKit that no sale knows: a living one was issued once too often."""
    known = {
        one["id"] for sale in ended for one in (*sale.licenses, *sale.orders, *sale.subscriptions)
    }
    return [one for one in records.everything if one["id"] not in known]
