"""What is sold, and what goes wrong on the way. READ THIS FIRST.

Four sales: a one-time purchase; two products in one session; a subscription that renews twice;
and the same subscription again with all the bad luck. The last two start at the same second of the
simulator's clock and must end alike.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import redis

from console.demo.house import House
from console.demo.licensekit_side import Sold
from console.demo.messenger import deliver, deliver_badly, events_of, hold_everything
from console.demo.waiting import wait_until
from console.demo.watching import at_rest, worker_at

SLOW_SECONDS = 0.4  # Stripe's answers while a worker is killed: it must be caught at work
MONTH_DAYS = 32  # a little more than any month: one renewal each time

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the shop sells: LicenseKit's products, and the Stripe price of each."""

    editor: Sold
    plugin: Sold
    team: Sold
    prices: dict[str, str]  # LicenseKit's product id -> "price_…"

    @property
    def all(self) -> tuple[Sold, ...]:
        return (self.editor, self.plugin, self.team)


@dataclass(slots=True)
class Sales:
    """The Stripe ids of the four sales, and what befell the last one."""

    one_time: str = ""  # "cs_…"
    two_products: str = ""  # "cs_…"
    calm: str = ""  # "sub_…"
    unlucky: str = ""  # "sub_…"
    mishaps: list[str] = field(default_factory=list)

    @property
    def titles(self) -> dict[str, str]:
        """Sale -> what it is, in the order of the play."""
        return {
            self.one_time: "1. a one-time purchase",
            self.two_products: "2. two products in one session",
            self.calm: "3. a subscription, paid and renewed",
            self.unlucky: "4. the same with all the bad luck",
        }


def furnish(house: House, names: tuple[str, str, str] = ("Editor", "Plugin", "Team")) -> Shelf:
    """Products and policies in LicenseKit, prices in Stripe, and a mapping for each."""
    editor, plugin, team = names
    shelf = Shelf(
        editor=house.licensekit.sell(editor, "perpetual"),
        plugin=house.licensekit.sell(plugin, "perpetual"),
        team=house.licensekit.sell(team, "subscription"),
        prices={},
    )
    for sold in shelf.all:
        monthly = {"recurring": {"interval": "month"}} if sold is shelf.team else {}
        price = house.stripe.tell("price", name=sold.name, amount=4900, **monthly)["price"]
        house.map_price(price, product_id=sold.product_id, policy_id=sold.policy_id)
        shelf.prices[sold.product_id] = price
    return shelf


def play(house: House, shelf: Shelf, *, seed: int, tell: Tell) -> Sales:
    """All four sales, to rest. Raises TooSlow when one does not come to rest."""
    sales = Sales()
    tell("1. Ada buys Editor once")
    sales.one_time = buy(house, shelf, shelf.editor)
    tell("2. Ben buys Editor and Plugin in one session")
    sales.two_products = buy(house, shelf, shelf.editor, shelf.plugin)
    tell("3. Cleo subscribes to Team")
    sales.calm = subscribe(house, shelf, "Cleo")
    rest(house)
    tell("4. Dan subscribes to Team, with all the bad luck")
    sales.unlucky = subscribe(house, shelf, "Dan", calm=False)
    mishap(house, sales, seed=seed, tell=tell)
    for number in (1, 2):
        tell(f"   a month passes: renewal {number} of both")
        renew(house, sales, seed=seed + number, tell=tell)
    return sales


def buy(house: House, shelf: Shelf, *wanted: Sold) -> str:
    """A one-time checkout, to rest; gives the session."""
    lines = [shelf.prices[sold.product_id] for sold in wanted]
    session = str(house.stripe.tell("buy", lines=lines)["session"])
    rest(house)
    return session


def subscribe(house: House, shelf: Shelf, name: str, *, calm: bool = True) -> str:
    """A subscription, paid; gives its id. Not calm: nothing of it is delivered yet."""
    if not calm:
        hold_everything(house.stripe)
    lines = [shelf.prices[shelf.team.product_id]]
    return str(house.stripe.tell("subscribe", lines=lines, name=name)["subscription"])


def mishap(house: House, sales: Sales, *, seed: int, tell: Tell) -> None:
    """A storm of deliveries; the worker that takes the sale is killed at work; Redis is emptied."""
    house.stripe.tell("switches", latency_seconds=SLOW_SECONDS)
    _storm(house, sales, seed=seed, tell=tell)
    pid = _caught_at_work(house, sales.unlucky)
    os.kill(pid, signal.SIGKILL)
    _note(sales, tell, f"worker {pid} was killed in the middle of its pass")
    with redis.Redis.from_url(house.redis_url) as connection:
        connection.flushall()
    _note(sales, tell, "Redis was emptied")
    house.stripe.tell("switches", latency_seconds=0)
    rest(house)


def renew(house: House, sales: Sales, *, seed: int, tell: Tell) -> None:
    """A month passes for both; the calm one hears of it in order, the other in a storm."""
    hold_everything(house.stripe)
    before = {event["id"] for event in house.stripe.events()}
    house.stripe.tell("advance", days=MONTH_DAYS)
    news = [event for event in house.stripe.events() if event["id"] not in before]
    deliver(house.stripe, events_of(sales.calm, news))
    rest(house)
    weather = deliver_badly(house.stripe, events_of(sales.unlucky, news), seed=seed)
    _note(sales, tell, f"renewal: {weather}")
    rest(house)


def rest(house: House) -> None:
    """Wait until each delivery is answered and no sale is due, also for what our own writes echo.

    Both twice: an echo may leave Stripe between the two looks.
    """

    def quiet() -> bool:
        return house.stripe.idle() and at_rest(house.engine)

    wait_until(lambda: quiet() and quiet(), "every delivery is answered and every sale is at rest")


def _storm(house: House, sales: Sales, *, seed: int, tell: Tell) -> None:
    first = events_of(sales.unlucky, house.stripe.events())
    _note(sales, tell, f"first payment: {deliver_badly(house.stripe, first, seed=seed)}")


def _caught_at_work(house: House, sale_id: str) -> int:
    caught: list[int] = []

    def look() -> bool:
        pid = worker_at(house.engine, sale_id)
        caught[:] = [] if pid is None else [pid]
        return bool(caught)

    wait_until(look, f"a worker takes {sale_id}")
    return caught[0]


def _note(sales: Sales, tell: Tell, text: str) -> None:
    sales.mishaps.append(text)
    tell(f"   {text}")
