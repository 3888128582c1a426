"""What each buyer should hold now, told a second time: from Stripe's books, in plain words.

Shares nothing with the worker that it judges. Moments are seconds since 1970, as Stripe's are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mappings.terms import Terms
from simulator.books import Books
from simulator.values import Obj
from tests.properties.ledger import Bill, Paid, payments_of

DAY = 24 * 3600
ENDLESS = ("perpetual", "consumption")
AT_ONCE = ("unpaid", "incomplete", "incomplete_expired")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the seller's mapping says of a price."""

    policy: str
    license_type: str
    terms: Terms
    features: tuple[str, ...] = ()  # by code
    seats: str = "seats"  # the code of the terms' seat feature


@dataclass(frozen=True, slots=True)
class Due:
    """One unit's license: under which policy, until when, and whether it is suspended."""

    policy: str
    until: int | None  # None = never ends
    held: bool
    firm: bool  # an end that was told earlier and reached further does not count any more
    features: Mapping[str, int | None] = field(default_factory=dict)  # with their limits


Dues = dict[tuple[str, int], Due]
Offers = Mapping[str, Offer]


def dues_of(books: Books, sale: str, offers: Offers) -> Dues:
    """By line and unit. A unit that is not there gives no access."""
    subscription = books.find(sale) if sale.startswith("sub_") else None
    found: Dues = {}
    paid = payments_of(books, sale)
    there = {item["id"]: item for item in books.children(sale, "items")} if subscription else {}
    billed = {bill.line: bill for payment in paid for bill in payment.bills}
    for line, newest in billed.items():
        item = there.get(line)
        offer = offers[item["price"]["id"] if item else newest.price]
        quantity = item["quantity"] if item else newest.quantity
        case = Case(
            books.now,
            paid,
            line,
            offer,
            subscription,
            gone=bool(there) and not item,
            written_off=written_off(books, subscription),
        )
        due = case.due()
        each = offer.terms.quantity == "license_per_unit"
        if due is not None:
            due = replace(due, features=features_of(offer, 1 if each else quantity))
            found |= {(line, unit): due for unit in range(1, (quantity if each else 1) + 1)}
    return found


def written_off(books: Books, subscription: Obj | None) -> bool:
    newest = books.find(str(subscription["latest_invoice"])) if subscription else None
    return newest is not None and newest["status"] in ("void", "uncollectible")


def features_of(offer: Offer, seats: int) -> dict[str, int | None]:
    """Those of the mapping, and the seats."""
    found: dict[str, int | None] = dict.fromkeys(offer.features)
    return found if offer.terms.seat_feature is None else found | {offer.seats: seats}


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a sale, now."""

    now: int
    paid: list[Paid]
    line: str
    offer: Offer
    subscription: Obj | None
    gone: bool  # taken off the subscription
    written_off: bool  # its newest invoice will not be paid

    def due(self) -> Due | None:
        terms = self.offer.terms
        mine = self.paid_for_time()
        if not mine:
            return None  # credits and changes alone: no time was ever paid
        kept = [one for one in mine if not one.taken_back(terms)]
        back = [wish for one in mine if (wish := one.taken_back(terms))]
        until = self.reach(kept or mine)
        if (back and not kept and back[-1] == "revoke") or self.canceled_away(until):
            return None
        undisputed = [one for one in kept if not one.disputed(terms)]
        disputed = bool(kept) and (not undisputed or self.reach(undisputed) != until)
        lost = bool(back) and until != self.reach(mine)
        held = disputed or not kept or self.held(until, lost=lost)
        policy, _ = self.sold_under()
        return Due(policy, self.end(until, self.first_at()), held, firm=bool(back))

    def bills(self, payment: Paid) -> list[Bill]:
        return [bill for bill in payment.bills if bill.line == self.line]

    def first_at(self) -> int:
        return min(payment.at for payment in self.paid if self.bills(payment))

    def paid_for_time(self) -> list[Paid]:
        """Full periods, and parts of one before any full one; later parts are mere changes."""
        found, full = [], False
        for payment in self.paid:
            bills = self.bills(payment)
            whole = [bill for bill in bills if not bill.proration]
            parts = [bill for bill in bills if bill.proration and bill.amount >= 0]
            if whole or (parts and not full):
                found.append(payment)
            full = full or bool(whole)
        return found

    def reach(self, payments: list[Paid]) -> int | None:
        """The latest end; a trial reaches to its own, wherever that was moved to."""
        ends = [
            bill.end
            for payment in payments
            for bill in self.bills(payment)
            if bill.end is not None and bill.amount >= 0
        ]
        if self.subscription is not None and self.subscription["trial_end"]:
            ends.append(self.subscription["trial_end"])
        return max(ends, default=None)

    def end(self, until: int | None, first: int) -> int | None:
        terms = self.offer.terms
        if self.sold_under()[1] in ENDLESS:
            return None
        if until is None:
            until = first + (terms.term_days or 0) * DAY
        return until + terms.grace_days * DAY

    def sold_under(self) -> tuple[str, str]:
        """Policy and type: the trial's own until a period beyond the trial was paid."""
        trial_policy = self.offer.terms.trial_policy
        if trial_policy and self.subscription and self.subscription["trial_end"]:
            began, ends = self.subscription["trial_start"], self.subscription["trial_end"]
            spans = [
                (bill.start, bill.end)
                for payment in self.paid
                for bill in self.bills(payment)
                if not bill.proration and bill.start is not None and bill.end is not None
            ]
            if all(start == began or began <= start < end <= ends for start, end in spans):
                return trial_policy, "trial"
        return self.offer.policy, self.offer.license_type

    def held(self, until: int | None, *, lost: bool) -> bool:
        """Suspended by the rules of subscriptions."""
        if self.subscription is None:
            return False
        terms, status = self.offer.terms, self.subscription["status"]
        over = until is None or until + terms.grace_days * DAY <= self.now
        paused = status == "paused" or self.subscription["pause_collection"] is not None
        endless = self.sold_under()[1] in ENDLESS
        ended = status == "canceled" or self.gone
        spent = until is None or until <= self.now  # no grace: no payment is to come
        return (
            status in AT_ONCE
            or (paused and terms.on_pause == "suspend")
            or (status == "past_due" and terms.on_past_due == "suspend")
            or (status == "past_due" and terms.on_past_due == "grace" and over)
            or ((ended or self.written_off) and spent and (endless or terms.grace_days > 0))
            or (lost and over and endless)
        )

    def canceled_away(self, until: int | None) -> bool:
        """Canceled, and the mapping leaves nothing of what was paid for."""
        if self.subscription is None or self.offer.terms.on_cancel != "revoke":
            return False
        if self.gone:
            return True
        ended = self.subscription["ended_at"]
        cut_short = until is not None and ended is not None and ended < until
        canceled = self.subscription["status"] == "canceled"
        return canceled and (cut_short or self.sold_under()[1] in ENDLESS)
