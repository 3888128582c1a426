"""Four more lives of a sale, as a calendar: what happens when, and what the buyer holds then.

Trial to paid; dunning and recovery; upgrade with a new policy; dispute and refund. They are played
side by side on one of Stripe's test clocks by `playing`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from console.demo.stripe_side import Object, StripeSide
from console.demo.studio import Studio


@dataclass(slots=True)
class Life:
    """One buyer's sale, as far as it has come."""

    buyer: str
    title: str
    bought: Object = field(default_factory=dict)  # what Stripe made of it: name -> id
    moments: list[Moment] = field(default_factory=list)

    @property
    def sale(self) -> str:
        """ "sub_…" or "cs_…"."""
        return str(self.bought["subscription"] or self.bought["session"])

    @property
    def faults(self) -> list[str]:
        return [moment.fault for moment in self.moments if moment.fault is not None]


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened on a day, and what the buyer held once all was at rest."""

    day: int  # of Stripe's clock, from the first of the four lives on
    told: str
    began_at: datetime  # this machine's clock: the journal goes by it
    held: str  # in the words of `words.held_by`
    wanted: str

    @property
    def verdict(self) -> str:
        """What was held, and what should have been where that is something else."""
        right = self.held == self.wanted
        return self.held if right else f"{self.held}, instead of {self.wanted}"

    @property
    def fault(self) -> str | None:
        """The whole difference in one sentence; None where there is none."""
        right = self.held == self.wanted
        return None if right else f"day {self.day}, {self.told}: {self.verdict}"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where someone acts: the small Stripe, and what can be bought there."""

    stripe: StripeSide
    studio: Studio
    editor_price: str


Act = Callable[[Desk, Life], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the calendar."""

    day: int
    buyer: str
    told: str
    act: Act | None  # None: the clock alone does it
    wanted: str  # {end} and {start}: of the current period as Stripe has it, and the grace after


TITLES = {  # by buyer, in the order of the report
    "Eve": "5. trial to paid: Eve tries Studio and stays",
    "Finn": "6. dunning and recovery: Finn's card is declined for a while",
    "Gina": "7. upgrade with a new policy: Gina changes to Studio Plus",
    "Hal": "8. dispute and refund: Hal gets his money back in the end",
}


def start_trial(desk: Desk, life: Life) -> None:
    subscribe(desk, life, trial_days=14)


def subscribe(desk: Desk, life: Life, **details: int) -> None:
    lines = [desk.studio.price]
    life.bought = desk.stripe.tell("subscribe", lines=lines, name=life.buyer, **details)


def buy_editor(desk: Desk, life: Life) -> None:
    life.bought = desk.stripe.tell("buy", lines=[desk.editor_price], name=life.buyer)


def change_to_plus(desk: Desk, life: Life) -> None:
    desk.stripe.tell("change_price", subscription=life.sale, price=desk.studio.plus_price)


def break_card(desk: Desk, life: Life) -> None:
    desk.stripe.tell("fail_payments", customer=life.bought["customer"])


def pay_with_new_card(desk: Desk, life: Life) -> None:
    desk.stripe.tell("unfail", customer=life.bought["customer"])
    open_invoice = desk.stripe.read(life.sale)["latest_invoice"]
    desk.stripe.tell("pay_invoice", invoice=open_invoice)


def ask_about_payment(desk: Desk, life: Life) -> None:
    intent = life.bought["payment_intent"]
    asked = desk.stripe.tell("dispute", payment_intent=intent, warning=True)
    life.bought["dispute"] = asked["dispute"]


def close_question(desk: Desk, life: Life) -> None:
    dispute = life.bought["dispute"]
    desk.stripe.tell("close_dispute", dispute=dispute, outcome="warning_closed")


def refund(desk: Desk, life: Life) -> None:
    desk.stripe.tell("refund", payment_intent=life.bought["payment_intent"])


# Days are chosen so that they fit whatever the length of the months: a first month is over on day
# 28 to 31, Stripe tries a failed payment again 3 and 8 days later, and Eve's first paid month,
# which begins on day 14, is not over before the last day of the calendar.
# fmt: off
CALENDAR = (
    Turn(0, "Eve", "Eve tries Studio for 14 days; her first invoice is 0.00", start_trial,
         "Studio trial: active until {end}; orders: paid; subscription: trialing"),
    Turn(0, "Finn", "Finn subscribes to Studio", subscribe,
         "Studio: active until {end}; orders: paid; subscription: active"),
    Turn(0, "Gina", "Gina subscribes to Studio", subscribe,
         "Studio: active until {end}; orders: paid; subscription: active"),
    Turn(0, "Hal", "Hal buys Editor", buy_editor,
         "Editor: active; orders: paid"),
    Turn(10, "Gina", "Gina changes to Studio Plus in the middle of her month", change_to_plus,
         "Studio: revoked; Studio Plus: active until {end}; orders: paid; subscription: active"),
    Turn(10, "Hal", "Hal's bank asks about the payment: a dispute is open", ask_about_payment,
         "Editor: suspended; orders: paid"),
    Turn(15, "Eve", "Eve's trial is over, and her first month is paid", None,
         "Studio trial: revoked; Studio: active until {end}; "
         "orders: paid, paid; subscription: active"),
    Turn(15, "Hal", "Hal's bank closes the dispute: the payment stands", close_question,
         "Editor: active; orders: paid"),
    Turn(15, "Finn", "Finn's card stops working, which nobody knows yet", break_card,
         "Studio: active until {end}; orders: paid; subscription: active"),
    Turn(32, "Finn", "Finn's second month is due, and his card is declined", None,
         "Studio: active until {start}; orders: paid; subscription: past_due"),
    Turn(32, "Gina", "Gina's second month is paid, as Studio Plus", None,
         "Studio: revoked; Studio Plus: active until {end}; "
         "orders: paid, paid; subscription: active"),
    Turn(32, "Hal", "Hal wants his money back, and gets all of it", refund,
         "Editor: revoked; orders: refunded"),
    Turn(40, "Finn", "Finn's grace of a week is over, and his card is still declined", None,
         "Studio: suspended until {start}; orders: paid; subscription: past_due"),
    Turn(41, "Finn", "Finn pays with a new card", pay_with_new_card,
         "Studio: active until {end}; orders: paid, paid; subscription: active"),
)
# fmt: on
