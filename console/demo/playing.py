"""Plays the calendar of `lives`, day by day, and looks at what each buyer holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from console.demo.acts import Shelf, Tell
from console.demo.house import House
from console.demo.licensekit_side import Sold
from console.demo.lives import CALENDAR, TITLES, Desk, Life, Moment, Turn
from console.demo.messenger import deliver_everything
from console.demo.records import Records, story_of
from console.demo.stripe_side import Object
from console.demo.studio import GRACE_DAYS, Studio
from console.demo.words import held_by
from shared.clock import SystemClock
from shared.moments import from_unix

Rest = Callable[[Sequence[str]], None]  # returns once these sales are at rest


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the lives are played."""

    house: House
    shelf: Shelf
    studio: Studio
    rest: Rest

    @property
    def desk(self) -> Desk:
        editor_price = self.shelf.prices[self.shelf.editor.product_id]
        return Desk(self.house.stripe, self.studio, editor_price)

    @property
    def products(self) -> tuple[Sold, ...]:
        """All that is sold in this demo."""
        return (*self.shelf.all, self.studio.standard)

    @property
    def names(self) -> dict[str, str]:
        """LicenseKit's id of a product or a policy -> what people call it."""
        plans = (*self.shelf.all, *self.studio.plans)
        products = {sold.product_id: sold.name for sold in self.products}
        return products | {sold.policy_id: sold.name for sold in plans}


def live(stage: Stage, tell: Tell) -> list[Life]:
    """All four, to the last day. Raises TooSlow when one of them does not come to rest."""
    deliver_everything(stage.house.stripe)
    lives = {buyer: Life(buyer, title) for buyer, title in TITLES.items()}
    today = 0
    for date, turns in groupby(CALENDAR, key=lambda turn: turn.day):
        began_at = SystemClock().now()
        if date > today:
            stage.house.stripe.tell("advance", days=date - today)
        today = date
        for life, moment in _play_day(stage, lives, tuple(turns), began_at):
            life.moments.append(moment)
            tell(f"   day {date:<2}  {moment.told}")
            tell(f"           {moment.verdict}")
    return list(lives.values())


def dated(wanted: str, sale: Object) -> str:
    """With the dates of the subscription's current period, as Stripe has it, and the grace."""
    if sale["object"] != "subscription":
        return wanted
    item = sale["items"]["data"][0]
    start, end = (
        from_unix(item[f"current_period_{name}"]) + timedelta(days=GRACE_DAYS)
        for name in ("start", "end")
    )
    return wanted.format(start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}")


def _play_day(
    stage: Stage, lives: Mapping[str, Life], turns: Sequence[Turn], began_at: datetime
) -> Iterator[tuple[Life, Moment]]:
    """What happens on one day comes to rest together."""
    for turn in turns:
        if turn.act is not None:
            turn.act(stage.desk, lives[turn.buyer])
    stage.rest([life.sale for life in lives.values()])
    records = Records.read(stage.house, stage.products)
    for turn in turns:
        life = lives[turn.buyer]
        held = held_by(records.of(story_of(stage.house, life.sale)), stage.names)
        wanted = dated(turn.wanted, stage.house.stripe.read(life.sale))
        yield life, Moment(turn.day, turn.told, began_at, held, wanted)
